"""What is sent makes of what stands at a target what is wanted there: held against our own PATCH."""

import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scim.mapping.difference import diff_documents, hash_document, make_patch, make_put
from scim.mapping.row_values import HIDDEN
from scim.protocol import urns
from scim.protocol.dialects.base import LENIENT, STRICT, Reading
from scim.protocol.documents import complete_document
from scim.protocol.patch.apply import apply_patch
from scim.protocol.patch.request import read_patch_request
from scim.protocol.patch.rows import AddRows, RemoveRows
from scim.protocol.resource import Mode, canonicalize
from scim.protocol.schemas import GROUP, USER
from scim.protocol.schemas.reading import read_schema
from scim.targets import make_profile
from scim.targets.operations import shape_patches

BADGES = "urn:example:badge:1.0:Badges"
PERSON = USER.with_extension(
    read_schema(
        {
            "id": BADGES,
            "name": "Badges",
            "attributes": [
                {"name": "colors", "type": "string", "multiValued": True},
                {"name": "floors", "type": "integer", "multiValued": True},
                {
                    "name": "badge",
                    "type": "complex",
                    "subAttributes": [
                        {"name": "value", "type": "string"},
                        {"name": "$ref", "type": "reference", "referenceTypes": ["uri"]},
                        {"name": "doors", "type": "string", "multiValued": True},
                    ],
                },
                {
                    "name": "keys",
                    "type": "complex",
                    "multiValued": True,
                    "subAttributes": [{"name": "room", "type": "string"}, {"name": "floor", "type": "integer"}],
                },
            ],
        }
    )
)
FEW = st.sampled_from(["a", "A", "b", "c", 'q"\\', "ä ö"])
TYPES = st.sampled_from(["work", "Work", "home", "other"])


def some(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=parts)


VALUES = st.lists(some(value=FEW, type=TYPES, display=FEW, primary=st.booleans()), max_size=4)
BODIES = some(
    title=FEW,
    active=st.booleans(),
    name=some(givenName=FEW, familyName=FEW, formatted=FEW),
    emails=VALUES,
    roles=VALUES,
    addresses=st.lists(some(locality=FEW, type=TYPES, primary=st.booleans()), max_size=3),
    x509Certificates=st.lists(some(value=st.just("QUJD"), type=TYPES), max_size=2),
    **{
        urns.ENTERPRISE_USER: some(department=FEW, manager=some(value=FEW, **{"$ref": FEW})),
        BADGES: some(
            colors=st.lists(FEW, max_size=3),
            floors=st.lists(st.integers(0, 2), max_size=3),
            badge=some(value=FEW, doors=st.lists(FEW, max_size=2), **{"$ref": FEW}),
            keys=st.lists(some(room=FEW, floor=st.integers(0, 2)), max_size=3),
        ),
        "urn:example:unknown:1.0:Thing": some(size=st.integers(0, 2), parts=some(a=FEW, b=FEW)),
    },
)


def make_document(body: dict[str, Any]) -> dict[str, Any]:
    whole = {"schemas": [urns.USER], "userName": "zoe", **body}
    return canonicalize(PERSON, whole, mode=Mode.CREATE, reading=Reading(LENIENT)).document


def patch(document: dict[str, Any], operations: list[dict[str, Any]], reading: Reading) -> dict[str, Any]:
    if not operations:
        return document
    read = read_patch_request({"schemas": [urns.PATCH_OP], "Operations": operations}, reading=reading)
    return apply_patch(PERSON, document, read, reading=reading).document


@settings(max_examples=150, deadline=None)
@given(BODIES, BODIES, st.booleans())
@example({"emails": [{"value": "a", "primary": True}]}, {"emails": [{"value": "b", "primary": True}]}, True)
@example(
    {"emails": [{"value": "a", "type": "work", "primary": True}, {"value": "b", "type": "home"}]},
    {"emails": [{"value": "b", "type": "home", "primary": True}, {"value": "c", "type": "work"}]},
    True,
)
@example({"emails": [{"value": "a"}, {"value": "a", "type": "work"}]}, {"emails": [{"value": "a"}]}, True)
def test_operations_make_of_one_document_the_other(before: Any, after: Any, value_filters: bool) -> None:
    applied, desired = make_document(before), make_document(after)
    operations = make_patch(applied, desired, resource_type=PERSON, value_filters=value_filters)
    made = patch(applied, operations, Reading(STRICT))
    assert make_patch(made, desired, resource_type=PERSON) == [], operations
    assert hash_document(made) == hash_document(desired)
    assert bool(operations) is (hash_document(applied) != hash_document(desired))
    assert bool(operations) is bool(diff_documents(applied, desired, resource_type=PERSON))
    assert value_filters or not any("[" in operation["path"] for operation in operations)


@settings(max_examples=50, deadline=None)
@given(BODIES, BODIES)
def test_replacement_makes_of_one_document_the_other(before: Any, after: Any) -> None:
    applied, desired = make_document(before), make_document(after)
    body = make_put(desired, resource_type=PERSON, remote_id="7")
    made = canonicalize(
        PERSON, body, mode=Mode.REPLACE, reading=Reading(STRICT), resource_id="7", current=applied
    ).document
    assert hash_document(made) == hash_document(desired)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"title": "a"}, {"title": "b"}, [("replace", "title", "b")]),
        ({}, {"title": "b"}, [("add", "title", "b")]),
        ({"title": "a"}, {}, [("remove", "title", None)]),
        (
            {"name": {"givenName": "a", "familyName": "b"}},
            {"name": {"givenName": "c", "familyName": "b"}},
            [("replace", "name.givenName", "c")],
        ),
        (
            {"emails": [{"type": "work", "value": "a"}, {"type": "home", "value": "h"}]},
            {"emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "b"}]},
            [("replace", 'emails[type eq "work"].value', "b")],
        ),
        (
            {"emails": [{"type": "work", "value": "a"}, {"type": "home", "value": "h"}]},
            {"emails": [{"type": "work", "value": "a"}]},
            [("remove", 'emails[type eq "home" and value eq "h"]', None)],
        ),
        (
            {"emails": [{"type": "work", "value": "a"}, {"value": "b"}]},
            {},
            [("remove", 'emails[type eq "work" and value eq "a"]', None), ("remove", 'emails[value eq "b"]', None)],
        ),
        (
            {"roles": [{"value": "a"}, {"value": "b"}]},
            {"roles": [{"value": "b"}, {"value": "a"}, {"value": "c"}]},
            [("add", "roles", [{"value": "c"}])],
        ),
        (
            {urns.ENTERPRISE_USER: {"manager": {"value": "1"}}},
            {urns.ENTERPRISE_USER: {"manager": {"value": "2"}}},
            [("replace", f"{urns.ENTERPRISE_USER}:manager.value", "2")],
        ),
        ({"groups": [{"value": "1"}], "id": "1", "meta": {"version": "1"}}, {"id": "2"}, []),
        ({"roles": [{"value": "a", "primary": None}], "title": ""}, {"roles": [{"value": "a"}], "name": {}}, []),
    ],
)
def test_no_more_is_sent_than_what_differs(before: Any, after: Any, expected: Any) -> None:
    operations = make_patch(before, after, resource_type=PERSON)
    assert [(one["op"], one["path"], one.get("value")) for one in operations] == expected


def test_changes_are_told_by_place_and_sensitive_values_hidden() -> None:
    before = {"title": "a", "name": {"givenName": "g"}, "emails": [{"type": "work", "value": "a"}], "locale": "de"}
    after = {"title": "b", "name": {"givenName": "h"}, "emails": [{"type": "work", "value": "b"}], "nickName": "n"}
    hidden = ["title", 'emails[type eq "Work"].value', "nickname"]
    found = diff_documents(before, after, resource_type=USER, sensitive=hidden)
    assert [tuple(change.to_dict().values()) for change in found] == [
        ("name.givenName", "g", "h"),
        ("nickName", None, HIDDEN),
        ("title", HIDDEN, HIDDEN),
        ("locale", "de", None),
        ('emails[type eq "work"]', HIDDEN, HIDDEN),
    ]
    whole = diff_documents({}, {"name": {"givenName": "g"}}, resource_type=USER, sensitive=["name.familyName"])
    assert [change.after for change in whole] == [HIDDEN]


def members(count: int, *, start: int = 0) -> list[dict[str, Any]]:
    return [{"value": f"{number:032x}", "type": "User"} for number in range(start, start + count)]


def test_one_more_member_of_many_is_one_operation_with_one_member() -> None:
    before = {"displayName": "All", "members": members(50_000)}
    after = {"displayName": "All", "members": [*reversed(members(50_000)), *members(1, start=99_999)]}
    began = time.process_time()
    operations = make_patch(before, after, resource_type=GROUP)
    assert time.process_time() - began < 2
    assert operations == [{"op": "add", "path": "members", "value": members(1, start=99_999)}]
    assert make_patch(after, before, resource_type=GROUP) == [
        {"op": "remove", "path": "members", "value": [{"value": f"{99_999:032x}"}]}
    ]


@settings(max_examples=50, deadline=None)
@given(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)))
def test_members_come_and_go(before: set[int], after: set[int]) -> None:
    applied, desired = ([{"value": str(number)} for number in sorted(held)] for held in (before, after))
    operations = make_patch({"members": applied}, {"members": desired}, resource_type=GROUP)
    held = {str(number) for number in before}
    if operations:
        read = read_patch_request({"schemas": [urns.PATCH_OP], "Operations": operations}, reading=Reading(LENIENT))
        document = complete_document(GROUP, {"displayName": "All"})
        for change in apply_patch(GROUP, document, read, reading=Reading(LENIENT)).rows["members"]:
            match change:
                case AddRows(elements):
                    held |= {element["value"] for element in elements}
                case RemoveRows(values):
                    held -= set(values)
    assert held == {str(number) for number in after}


def test_member_is_known_by_the_id_alone() -> None:
    before = {"members": [{"value": "1", "type": "User"}, {"value": "1"}, {"value": "2", "display": "Zoe"}]}
    after = {"members": [{"value": "2", "type": "User", "$ref": "x"}, {"value": "1"}]}
    assert make_patch(before, after, resource_type=GROUP) == []
    assert diff_documents(before, after, resource_type=GROUP) == []


def test_target_takes_its_members_in_its_own_way() -> None:
    before, after = {"members": members(3)}, {"members": members(250, start=3)}
    facts = make_profile("aws-identity-center")
    patches = shape_patches(make_patch(before, after, resource_type=GROUP), facts)
    sizes = [len(operation.get("value", [0])) for operations in patches for operation in operations]
    assert sum(sizes) == 253
    assert all(sum(len(one.get("value", [0])) for one in operations) <= 100 for operations in patches)


def test_digest_is_that_of_the_meaning() -> None:
    one = {"schemas": ["x"], "id": "1", "title": "a", "emails": [{"value": "a", "type": "work"}, {"value": "b"}]}
    two = {"emails": [{"value": "b", "display": None}, {"type": "work", "value": "a"}], "title": "a", "locale": ""}
    assert hash_document(one) == hash_document(two)
    assert hash_document(one).hex() == "7a364ce6a0708e5530cd893253ce5faa"
    assert hash_document({**one, "title": "b"}) != hash_document(one)
