"""By what a resource is looked for at the target."""

from typing import Any

import pytest

from scim.mapping.compiling import compile_mapping
from scim.mapping.defaults import make_default_mapping
from scim.mapping.match_keys import MatchTerm, write_comparison
from scim.mapping.places import find_place
from scim.mapping.rows import MappingRow, MatchBy
from scim.protocol import urns
from scim.protocol.dialects.base import LENIENT, Reading
from scim.protocol.filter.evaluate import matches
from scim.protocol.filter.parser import parse_filter
from scim.protocol.schemas import GROUP, USER
from tests.mapping.samples import ZOE

NUMBER = f"{urns.ENTERPRISE_USER}:employeeNumber"
DEFAULT = compile_mapping(make_default_mapping(USER), source=USER, target=USER)


def is_found(text: str, document: dict[str, Any]) -> bool:
    return matches(parse_filter(text, namespace=USER.namespace, reading=Reading(LENIENT)), document)


def test_person_is_looked_for_by_what_is_theirs_alone_first() -> None:
    assert [rule.text for rule in DEFAULT.match_rules] == [
        "externalId",
        "userName",
        'emails[type eq "work"].value',
        f"name.familyName and name.givenName and {NUMBER}",
    ]
    texts = [rule.filter_text(ZOE) for rule in DEFAULT.match_rules]
    assert texts[2] == 'emails[type eq "work" and value eq "zoe.mueller@example.com"]'
    assert all(text is not None and is_found(text, ZOE) for text in texts)
    assert DEFAULT.match(ZOE)[1] == ("userName", ZOE["userName"])


def test_group_is_looked_for_by_its_name() -> None:
    mapping = compile_mapping(make_default_mapping(GROUP), source=GROUP, target=GROUP)
    assert [rule.text for rule in mapping.match_rules] == ["externalId", "displayName"]


def test_rule_without_a_value_finds_nobody() -> None:
    for rule in DEFAULT.match_rules:
        assert rule.key({"externalId": " ", "userName": "", "name": {"familyName": "Müller"}}) is None
        assert rule.filter_text({"emails": [{"type": "home", "value": "x"}]}) is None


def test_rows_of_one_rank_agree_together_and_stand_for_the_usual_rules() -> None:
    rows = [
        MappingRow(NUMBER, source=NUMBER, match_rank=2, match_by=MatchBy.EXACT),
        MappingRow("userName", source="userName", match_rank=1),
        MappingRow("name.familyName", source="name.familyName", match_rank=2, match_by=MatchBy.ASCII_FOLD),
    ]
    rules = compile_mapping(rows, source=USER, target=USER).match_rules
    assert [rule.text for rule in rules] == ["userName", f"{NUMBER} and name.familyName"]
    assert rules[1].key(ZOE) == ("E4711", "muller")


@pytest.mark.parametrize(
    ("by", "same", "other"),
    [
        (MatchBy.EXACT, ["Zoë"], ["zoë", "Zoë "]),
        (MatchBy.CASELESS, ["Zoë", " ZOË ", "zoe\u0308"], ["zoe"]),
        (MatchBy.ASCII_FOLD, ["Zoë", "ZOE", "zoé"], ["zo"]),
    ],
)
def test_values_are_the_same_as_their_row_says(by: MatchBy, same: list[str], other: list[str]) -> None:
    row = MappingRow("title", source="title", match_rank=1, match_by=by)
    (rule,) = compile_mapping([row], source=USER, target=USER).match_rules
    assert len({rule.key({"title": text}) for text in same}) == 1
    assert not {rule.key({"title": text}) for text in same} & {rule.key({"title": text}) for text in other}


@pytest.mark.parametrize("path", ["userName", 'emails[type eq "a\\"] or (b"].value', NUMBER, "name.givenName"])
@pytest.mark.parametrize("value", ['"', "\\", 'a" or userName pr or title eq "', "ä\n\u2028", "]", "x" * 300])
def test_value_never_leaves_its_quotes(path: str, value: str) -> None:
    place = find_place(path, USER, is_target=True)
    document: dict[str, Any] = {}
    place.write(document, value)
    text = write_comparison(place, value)
    assert MatchTerm(place).read(document) == value
    assert is_found(text, document)
    assert not is_found(text, {"userName": "someone", "title": "", "emails": [{"type": "work", "value": "x"}]})


def test_truth_and_numbers_are_compared_as_they_are() -> None:
    assert write_comparison(find_place("active", USER, is_target=True), value=True) == "active eq true"
