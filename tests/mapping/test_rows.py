"""Rows of a mapping: what is wrong with them, and what they make of a person."""

from typing import Any

import pytest

from scim.mapping.compiled import Mapped
from scim.mapping.compiling import compile_mapping
from scim.mapping.defaults import make_default_mapping
from scim.mapping.row_values import HIDDEN, State
from scim.mapping.rows import Apply, MappingError, MappingRow, Multi, OnNull, RowKind, RowProblem
from scim.protocol import urns
from scim.protocol.schemas import BUILT_IN, USER
from tests.mapping.samples import SURROUNDINGS, ZOE

WORK = 'emails[type eq "work"].value'
KEY = b"of the tenant"


def expression(path: str, source: str, **more: Any) -> MappingRow:
    return MappingRow(path, RowKind.EXPRESSION, source, **more)


def make(*rows: MappingRow, of: dict[str, Any] | None = None, **more: Any) -> Mapped:
    mapping = compile_mapping(rows, source=USER, target=USER, suffix_key=KEY)
    return mapping.map(of or ZOE, surroundings=SURROUNDINGS, **more)


def find_problems(*rows: MappingRow) -> list[RowProblem]:
    with pytest.raises(MappingError) as raised:
        compile_mapping(rows, source=USER, target=USER)
    return list(raised.value.problems)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (MappingRow("usrName", source="userName"), "target_path: User has no attribute 'usrName' - did you mean 'use"),
        (MappingRow("name.givnName", source="title"), "attribute 'name.givnName' - did you mean 'name.givenName'?"),
        (MappingRow(f"{urns.ENTERPRISE_USER}:departmnt", source="title"), "did you mean 'department'?"),
        (MappingRow(f"{urns.ENTERPRISE_USER}x:division", source="title"), f"did you mean '{urns.ENTERPRISE_USER}'?"),
        (
            MappingRow('emails[type eq "work"].valu', source="title"),
            "emails has no part 'valu' - did you mean 'value'?",
        ),
        (MappingRow("emails.value", source="title"), 'as in emails[type eq "work"].value'),
        (MappingRow('emails[type eq "work"', source="title"), "is not a path"),
        (MappingRow('emails[type sw "w"].value', source="title"), 'say it by eq, as in [type eq "work"]'),
        (MappingRow('name[givenName eq "x"].familyName', source="title"), "brackets choose nothing"),
        (MappingRow("id", source="title"), "id is read-only"),
        (MappingRow("schemas", source="schemas"), "schemas follows from the other attributes"),
        (MappingRow(urns.ENTERPRISE_USER, source="title"), "this is a schema"),
        (MappingRow("password", source="title"), "password is never kept"),
        (MappingRow("title", source="emails"), "source: emails holds a list, and title text"),
        (MappingRow("title", source="titel"), "source: User has no attribute 'titel' - did you mean 'title'?"),
        (MappingRow("title"), "source: the path of an attribute is wanted"),
        (expression("title", ""), "source: an expression is wanted"),
        (expression("title", "user.titel"), "row 1, source, column 6: there is no attribute 'titel'"),
        (expression("title", "1 +\n  user.titel"), "row 1, source, line 2, column 8: there is no attribute"),
        (expression("active", "user.title.lower()"), "it gives text, and active holds true or false"),
        (MappingRow("title", RowKind.CONSTANT), "value: a value is wanted"),
        (MappingRow("active", RowKind.CONSTANT, value="yes"), "value: active holds true or false, and text was found"),
        (MappingRow("emails", RowKind.CONSTANT, value=[{"valu": "x"}]), "value: "),
        (MappingRow("title", source="title", on_null=OnNull.DEFAULT), "default: a value is wanted"),
        (MappingRow("title", source="title", candidates=("user.title",)), "candidates are expressions for text"),
        (MappingRow("title", source="title", multi=Multi.ADD_ONLY), "title is no list"),
        (MappingRow("emails", source="emails", match_rank=1), "match_rank: emails holds a list"),
        (MappingRow("title", source="title", match_rank=2), "no row has rank 1"),
    ],
    ids=lambda value: value.target_path if isinstance(value, MappingRow) else "",
)
def test_mistake_is_told_with_its_row_and_field(row: MappingRow, told: str) -> None:
    found = find_problems(row)
    assert any(told in str(problem) for problem in found), found


def test_all_mistakes_are_told_at_once() -> None:
    rows = (
        MappingRow("usrName", source="userName"),
        MappingRow("title", source="title"),
        MappingRow("Title", source="nickName"),
        MappingRow("name", source="name"),
        MappingRow("name.givenName", source="title"),
        MappingRow("emails", source="emails"),
        MappingRow(WORK, source="userName"),
        MappingRow("locale", source="locale", match_rank=1),
        MappingRow("timezone", source="timezone", match_rank=3),
    )
    found = [(problem.row, problem.field) for problem in find_problems(*rows)]
    expected = [1, 3, 5, 7]
    assert found == [*((row, "target_path") for row in expected), (9, "match_rank")]


def test_extension_that_the_target_alone_knows_is_written() -> None:
    document = make(MappingRow("urn:example:badge:1.0:Badge:color", RowKind.CONSTANT, value="red")).document
    assert document["urn:example:badge:1.0:Badge"] == {"color": "red"}
    assert "urn:example:badge:1.0:Badge" in document["schemas"]


@pytest.mark.parametrize("kind", BUILT_IN.resource_types, ids=lambda kind: kind.name)
def test_default_mapping_carries_over_what_can_be_written(kind: Any) -> None:
    mapping = compile_mapping(make_default_mapping(kind), source=kind, target=kind)
    paths = {path.whole for path in kind.writable if not path.attribute.is_secret and not path.attribute.as_rows}
    assert {row.place.text.removesuffix("manager.value") for row in mapping.rows} == {
        path.removesuffix("manager") for path in paths
    }


def test_default_mapping_gives_the_person_with_the_manager_of_the_target() -> None:
    mapped = make(*make_default_mapping(USER).rows)
    expected = {name: value for name, value in ZOE.items() if name not in ("id", "meta")}
    expected[urns.ENTERPRISE_USER] = {**ZOE[urns.ENTERPRISE_USER], "manager": {"value": "target-7"}}
    assert mapped.document == expected
    assert not mapped.errors


def test_reference_that_is_not_there_yet_waits_and_leaves_what_was_written() -> None:
    mapping = compile_mapping(make_default_mapping(USER), source=USER, target=USER)
    written = {urns.ENTERPRISE_USER: {"manager": {"value": "former"}}}
    mapped = mapping.map(ZOE, applied=written)
    assert mapped.needs == {"0197-max"}
    assert mapped.document[urns.ENTERPRISE_USER]["manager"] == {"value": "former"}
    assert {result.state for result in mapped.results if "manager" in result.target_path} == {State.WAITING}
    assert not mapped.errors


def test_membership_decides_a_value() -> None:
    row = expression("userType", "memberOf('engineering') ? 'staff' : 'guest'")
    assert make(row).document["userType"] == "staff"
    assert compile_mapping([row], source=USER, target=USER).map(ZOE).document["userType"] == "guest"


def test_empty_value_does_what_its_row_says() -> None:
    rows = (
        MappingRow("nickName", source="nickName", on_null=OnNull.SKIP),
        MappingRow("locale", source="locale"),
        MappingRow("timezone", source="timezone", on_null=OnNull.DEFAULT, default="Europe/Berlin"),
    )
    mapped = make(*rows, applied={"nickName": "Zo", "locale": "de"})
    assert mapped.document == {"schemas": [urns.USER], "nickName": "Zo", "timezone": "Europe/Berlin"}
    assert [result.state for result in mapped.results] == [State.SKIPPED, State.CLEARED, State.DEFAULT]


def test_value_for_new_resources_stays_afterwards() -> None:
    row = MappingRow("title", source="title", apply=Apply.ON_CREATE)
    assert make(row).document["title"] == "Software Engineer"
    assert make(row, applied={"title": "Chief"}).document["title"] == "Chief"
    assert "title" not in make(row, applied={}).document
    assert make(row, applied={"title": "Chief"}, is_create=True).document["title"] == "Software Engineer"


@pytest.mark.parametrize(
    ("multi", "expected"),
    [
        (Multi.REPLACE, ["new"]),
        (Multi.MERGE_BY_TYPE, ["new", "home"]),
        (Multi.ADD_ONLY, ["new", "old", "home"]),
    ],
)
def test_values_written_before_stay_as_the_row_says(multi: Multi, expected: list[str]) -> None:
    before = [{"value": "old", "type": "work", "primary": True}, {"value": "home", "type": "home"}]
    new = [{"value": "new", "type": "work", "primary": True}]
    for row in (
        MappingRow("emails", RowKind.CONSTANT, value=new, multi=multi),
        MappingRow('emails[type eq "work" and primary eq true].value', RowKind.CONSTANT, value="new", multi=multi),
    ):
        emails = make(row, applied={"emails": before}).document["emails"]
        assert [email["value"] for email in emails] == expected
        assert sum(email.get("primary") is True for email in emails) == 1


def test_several_rows_make_one_list() -> None:
    rows = (
        MappingRow(WORK, source=WORK),
        MappingRow('emails[type eq "work"].primary', RowKind.CONSTANT, value=True),
        expression('emails[type eq "other"].value', "user.userName.lower()"),
        MappingRow('phoneNumbers[type eq "work"].value', source='phoneNumbers[type eq "work"].value'),
    )
    document = make(*rows).document
    work = {"value": "zoe.mueller@example.com", "type": "work", "primary": True}
    assert document["emails"] == [work, {"value": "zoë.müller@example.com", "type": "other"}]
    assert "phoneNumbers" not in document


def test_value_of_which_only_the_kind_is_known_is_left_out() -> None:
    rows = (
        MappingRow('phoneNumbers[type eq "work"].primary', RowKind.CONSTANT, value=True),
        MappingRow('phoneNumbers[type eq "work"].value', source='phoneNumbers[type eq "work"].value'),
    )
    assert "phoneNumbers" not in make(*rows).document
    known = {**ZOE, "phoneNumbers": [{"type": "work", "value": "1"}]}
    assert make(*rows, of=known).document["phoneNumbers"] == [{"primary": True, "type": "work", "value": "1"}]


def test_empty_value_that_the_target_requires_is_an_error_of_its_row() -> None:
    rows = (MappingRow("title", source="title"), MappingRow("userName", source="nickName"))
    mapped = make(*rows)
    assert mapped.missing == ("userName",)
    assert [(failed.row, failed.target_path) for failed in mapped.errors] == [(2, "userName")]
    assert make(rows[0]).errors == []


def test_failing_row_says_where_and_leaves_the_others() -> None:
    rows = (expression("title", "user.title + user.nickName"), MappingRow("userName", source="userName"))
    mapped = make(*rows)
    (failed,) = mapped.errors
    assert (failed.row, failed.target_path, failed.line, failed.column) == (1, "title", 1, 12)
    assert "coalesce" in failed.told
    assert mapped.document["userName"] == ZOE["userName"]


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("title", "5", "title holds text, and a whole number was found"),
        ("emails", "[{'valu': 'x'}]", "the target's schema has no emails[0].valu"),
        ("profileUrl", "['x']", "profileUrl holds text, and a list was found"),
        ("x509Certificates", "[{'value': 'no base64!'}]", "x509Certificates[0].value has to be base64"),
    ],
)
def test_value_that_the_target_does_not_take_is_an_error(path: str, value: str, told: str) -> None:
    mapped = make(expression(path, f"{{'a': {value}}}.a"))
    assert path not in mapped.document
    assert told in mapped.errors[0].told
    assert "no base64" not in mapped.errors[0].told


def test_sensitive_value_stands_in_the_document_alone() -> None:
    mapped = make(MappingRow("title", source="title", sensitive=True))
    assert mapped.document["title"] == "Software Engineer"
    assert mapped.results[0].value == HIDDEN


def test_candidates_are_tried_in_their_order_with_digits_that_stay_the_same() -> None:
    candidates = (
        "user.name.givenName.slug()",
        "user.userName.before('@').slug()",
        "user.name.givenName.slug() + '{n}'",
    )
    row = expression("userName", "", candidates=candidates)
    mapping = compile_mapping([row], source=USER, target=USER, suffix_key=KEY)
    chosen: dict[str, Any] | None = {}
    tried = []
    while chosen is not None:
        tried.append(mapping.map(ZOE, chosen=chosen).document["userName"])
        chosen = mapping.next_choice(chosen)
    assert tried[:2] == ["zoe", "zoe-muller"]
    assert all(name.removeprefix("zoe").isdecimal() for name in tried[2:])
    assert len(set(tried)) == len(tried) == 22
    again = compile_mapping([row], source=USER, target=USER, suffix_key=KEY)
    assert again.map(ZOE, chosen={"userName": 5}).document["userName"] == tried[5]
    other = compile_mapping([row], source=USER, target=USER, suffix_key=b"of another")
    assert other.map(ZOE, chosen={"userName": 5}).document["userName"] != tried[5]
    assert mapping.map(ZOE, applied={"userName": "taken-before"}).document["userName"] == "taken-before"
    assert mapping.map(ZOE, chosen={"userName": "stored"}).document["userName"] == "stored"
