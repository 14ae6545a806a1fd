"""Answers of targets one by one: which class of error they are, and what can be read out of them."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.targets import ErrorClass, Profile, Stored, TargetError, signature
from scim.targets.declarations import read_config, read_resource_types, read_schemas
from scim.targets.judging import judge
from scim.targets.listing import Place, read_page
from scim.targets.matching import has_value
from scim.targets.operations import shape_patches
from scim.targets.profile import Facts, Paging, PatchForm, Removal, Source
from scim.targets.reading import read_stored
from scim.targets.wire import Answer

NAMES = ("id", "meta", "location", "version", "Resources", "totalResults", "nextCursor", "detail", "errors", "name")
DECLARED = ("patch", "filter", "bulk", "pagination", "supported", "maxResults", "endpoint", "cursor", "emails")
TEXTS = st.text() | st.sampled_from(["..", "/", "a", "User"])
HOSTILE = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(st.sampled_from(NAMES + DECLARED), inner, max_size=4)


MEMBERS = [{"value": f"m{number}"} for number in range(5)]


def answer(status: int, body: Any = None, *, seconds: float | None = None, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Answer(status, headers, content, seconds, ())


def judged(found: Answer, *, names_one: bool = False, writes: bool = True) -> TargetError:
    error = judge(found, facts=Facts(), names_one=names_one, writes=writes)
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (answer(401), ErrorClass.AUTH),
        (answer(403), ErrorClass.PERMANENT),
        (answer(403, seconds=5.0), ErrorClass.THROTTLE),
        (answer(403, {"message": "You have exceeded a secondary rate limit"}), ErrorClass.THROTTLE),
        (answer(404), ErrorClass.PERMANENT),
        (answer(408), ErrorClass.TRANSIENT),
        (answer(409), ErrorClass.CONFLICT),
        (answer(410), ErrorClass.GONE),
        (answer(412), ErrorClass.TRANSIENT),
        (answer(413), ErrorClass.PERMANENT),
        (answer(422, {"errors": [{"detail": "userName already exists"}]}), ErrorClass.CONFLICT),
        (answer(425), ErrorClass.TRANSIENT),
        (answer(429), ErrorClass.THROTTLE),
        (answer(400, {"scimType": "Uniqueness"}), ErrorClass.CONFLICT),
        (answer(400, {"detail": "Already taken."}), ErrorClass.CONFLICT),
        (answer(400, {"scimType": "invalidValue", "detail": "already taken"}), ErrorClass.PERMANENT),
        (answer(500, {"detail": "duplicate key value"}), ErrorClass.CONFLICT),
        (answer(500), ErrorClass.TRANSIENT),
        (answer(501), ErrorClass.PERMANENT),
        (answer(502, b"<html>Bad gateway</html>"), ErrorClass.TRANSIENT),
        (answer(503), ErrorClass.TRANSIENT),
        (answer(503, seconds=5.0), ErrorClass.THROTTLE),
        (answer(302, location="https://login.example.com/"), ErrorClass.PERMANENT),
    ],
    ids=lambda value: f"{value.status}-{value.content.decode()[:30]}" if isinstance(value, Answer) else str(value),
)
def test_answer_to_a_create_has_its_class(found: Answer, expected: ErrorClass) -> None:
    assert judged(found).error_class is expected


def test_person_who_is_called_like_a_limit_is_no_limit() -> None:
    sent = {"userName": "zoe", "title": "Rate Limit Engineer", "displayName": "Duplicate Throttle"}
    body = {"detail": "displayName Duplicate Throttle or title Rate Limit Engineer is too long"}
    error = judge(answer(400, body), facts=Facts(), names_one=False, writes=True, sent=sent)
    assert error is not None
    assert (error.error_class, error.shape) == (ErrorClass.PERMANENT, "displayname # or title # is too long")


@given(body=st.recursive(HOSTILE, lambda inner: st.lists(inner, max_size=3) | objects(inner), max_leaves=12))
def test_whatever_comes_is_read_or_refused(body: Any) -> None:
    """Nothing but a TargetError."""
    for status in (200, 400, 500):
        found = answer(status, body, location=str(body)[:50])
        judge(found, facts=Facts(), names_one=True, writes=False, sent=body)
        with suppress(TargetError):
            stored = read_stored(found)
            assert stored.remote_id.strip(".") or not stored.remote_id
            has_value(stored, "emails.value", "ada")
        with suppress(TargetError):
            read_page(found, place=Place(), facts=Facts())
    config = body if isinstance(body, dict) else {}
    Profile.layered({Source.DECLARED: {**read_config(config), **read_resource_types([body]), **read_schemas([body])}})


def test_depth_has_no_end_but_reading_has() -> None:
    deep = json.loads("[" * 900 + "]" * 900)
    assert not has_value(Stored("1", {"emails": deep}), "emails.value", "ada")


def test_refusal_of_one_resource_is_told_from_one_of_the_token() -> None:
    assert judged(answer(403), writes=False).error_class is ErrorClass.AUTH
    assert judged(answer(404), names_one=True).error_class is ErrorClass.GONE


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"detail": "Too long."}, "Too long."),
        ({"error": {"message": "No."}}, "No."),
        ({"Errors": [{"description": "Old.", "code": 1}]}, "Old."),
        ({"errors": ["Plain."]}, "Plain."),
        ([1], "The target answered 400 without saying why."),
        (b"\xff\xfe", "The target answered 400 without saying why."),
    ],
)
def test_detail_is_found_wherever_it_stands(body: Any, detail: str) -> None:
    assert judged(answer(400, body)).detail == detail


def test_redirect_says_what_to_do() -> None:
    assert "give the address it leads to" in judged(answer(301)).detail


def test_signature_forgets_whom_it_was_about() -> None:
    told = ("Email ada@example.com of 0190a2c8-7b1d-7f7e is taken", "Email bob@example.org of 77 is taken")
    first, second = (TargetError(text, error_class=ErrorClass.CONFLICT, status=409) for text in told)
    assert signature(first) == signature(second)
    other = TargetError(told[0], error_class=ErrorClass.CONFLICT, status=400)
    assert signature(other) != signature(first)


@pytest.mark.parametrize(
    ("body", "location", "remote_id"),
    [
        ({"id": "a"}, "", "a"),
        ({"id": 7}, "", "7"),
        ({"id": None, "meta": {"location": "https://x.example/Users/b%20c"}}, "", "b c"),
        (None, "https://x.example/v2/Users/d", "d"),
        (None, "https://x.example/v2/Users", ""),
        ({"userName": "ada"}, "", ""),
    ],
)
def test_id_is_found_wherever_it_stands(body: Any, location: str, remote_id: str) -> None:
    assert read_stored(answer(201, body, location=location)).remote_id == remote_id


def test_page_of_a_sign_in_is_no_success() -> None:
    with pytest.raises(TargetError, match="no JSON"):
        read_stored(answer(200, b"<html>Sign in</html>"), remote_id="a")
    for body in (b"<html>", {"message": "hello"}, {"Resources": "none"}, 7):
        with pytest.raises(TargetError):
            read_page(answer(200, body), place=Place(), facts=Facts())


def test_listing_without_its_envelope_is_read() -> None:
    page = read_page(answer(200, [{"id": "a"}, {"userName": "lost"}, 7]), place=Place(), facts=Facts())
    assert ([found.remote_id for found in page.resources], page.unreadable, page.total) == (["a"], 2, None)
    assert read_page(answer(200, {"totalResults": 0}), place=Place(), facts=Facts()).cursor is None


def test_cursor_that_leads_to_itself_ends_the_listing() -> None:
    body = {"Resources": [{"id": "a"}], "nextCursor": "x"}
    first = read_page(answer(200, body), place=Place(), facts=Facts(paging=Paging.CURSOR))
    again = {"Resources": [{"id": "b"}], "nextCursor": "x"}
    assert read_page(answer(200, again), place=Place.parse(first.cursor), facts=Facts()).cursor is None


@pytest.mark.parametrize(
    ("attribute", "value", "expected"),
    [
        ("userName", "ADA", True),
        ("externalId", "e-7", True),
        ("externalId", "E-7", False),
        ("emails.value", "ada@example.com", True),
        ('emails[type eq "work"].value', "ADA@example.com", True),
        ("emails", "ada@example.com", True),
        ("urn:ext:2.0:User:employeeNumber", "77", True),
        ("urn:core:2.0:User:userName", "ada", True),
        ("title", "ada", False),
    ],
)
def test_value_is_compared_with_what_was_asked_for(attribute: str, value: str, expected: bool) -> None:
    document = {"userName": "ada", "externalId": "e-7", "emails": [{"value": "ada@example.com"}]}
    stored = Stored("1", {**document, "urn:ext:2.0:User": {"employeeNumber": "77"}})
    assert has_value(stored, attribute, value) is expected


def shaped(*operations: dict[str, Any], **facts: Any) -> list[list[dict[str, Any]]]:
    return [[dict(operation) for operation in patch] for patch in shape_patches(operations, Facts(**facts))]


def test_members_go_one_by_one_or_in_an_array_as_the_target_wants() -> None:
    gone = {"op": "remove", "path": "members", "value": [{"value": "a"}, {"value": 'b"c'}]}
    one_by_one = [
        {"op": "remove", "path": 'members[value eq "a"]'},
        {"op": "remove", "path": 'members[value eq "b\\"c"]'},
    ]
    assert shaped(gone) == [one_by_one]
    assert shaped(*one_by_one, member_removal=Removal.VALUES) == [[gone]]
    assert shaped(gone, max_members_per_patch=1) == [[operation] for operation in one_by_one]


def test_operations_are_split_as_the_target_wants() -> None:
    title, active = ({"op": "replace", "path": path, "value": "x"} for path in ("title", "active"))
    assert shaped(title, active, max_operations=1) == [[title], [active]]
    everybody = {"op": "replace", "path": "members", "value": MEMBERS}
    first, second, last = shaped(everybody, max_members_per_patch=2)
    assert [first[0]["op"], second[0]["op"], last[0]["op"]] == ["replace", "add", "add"]
    assert first[0]["value"] + second[0]["value"] + last[0]["value"] == MEMBERS
    assert shaped() == []


def test_target_without_paths_gets_the_path_in_the_value() -> None:
    given = {"op": "replace", "path": "name.familyName", "value": "L"}
    assert shaped(given, patch=PatchForm.NO_PATH) == [[{"op": "replace", "value": {"name": {"familyName": "L"}}}]]
    gone = {"op": "remove", "path": "title"}
    assert shaped(gone, patch=PatchForm.NO_PATH) == [[{"op": "replace", "value": {"title": None}}]]


def test_declarations_become_facts_only_where_they_can_be_relied_on() -> None:
    config = {"patch": {"supported": False}, "filter": {"supported": "yes", "maxResults": 30}, "bulk": 7, "etag": None}
    assert read_config(config) == {"patch": PatchForm.NONE, "page_size": 30}
    cursors = {"pagination": {"cursor": True, "index": True, "maxPageSize": 500}}
    assert read_config(cursors) == {"paging": Paging.CURSOR, "page_size": 100}
    types = [{"name": "User", "endpoint": "https://x.example/v2/People/"}, 7, {"name": "Role", "endpoint": "/Roles"}]
    assert read_resource_types(types) == {"user_endpoint": "/People", "groups": False}
    assert read_resource_types([{"name": "Group", "endpoint": "/Groups"}]) == {}
    assert read_resource_types([{"name": "User", "endpoint": endpoint} for endpoint in ("", "/", "/..", "/a?b=")]) == {}
    assert Profile().can_filter("userName")
