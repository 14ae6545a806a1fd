"""Documents as their single values, and what differs between two."""

from typing import Any

import pytest

from scim.protocol.leaves import compare_leaves, list_leaves

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.mark.parametrize(
    ("document", "leaves"),
    [
        ({"schemas": ["urn:x"], "title": "A"}, [("title", "A")]),
        ({"name": {"givenName": "A", "familyName": "B"}}, [("name.givenName", "A"), ("name.familyName", "B")]),
        (
            {ENTERPRISE: {"manager": {"value": "1"}}, "active": True},
            [("active", True), (f"{ENTERPRISE}:manager.value", "1")],
        ),
        ({"emails": [{"value": "a"}, {"value": "b"}]}, [("emails", {"value": "a"}), ("emails", {"value": "b"})]),
        ({"emails": [], "name": {}}, []),
    ],
)
def test_document_has_a_leaf_for_each_value(document: dict[str, Any], leaves: list[tuple[str, Any]]) -> None:
    assert [(leaf.path, leaf.value) for leaf in list_leaves(document)] == leaves


def test_what_differs_is_told_by_path_with_elements_that_came_and_went() -> None:
    before = {"title": "A", "nickName": "N", "emails": [{"value": "a", "type": "work"}, {"value": "b"}]}
    after = {"title": "B", "emails": [{"value": "b"}, {"type": "home", "value": "a"}], "locale": "en"}
    told = {
        change.path: ([leaf.value for leaf in change.before], [leaf.value for leaf in change.after])
        for change in compare_leaves(before, after)
    }
    assert told == {
        "title": (["A"], ["B"]),
        "nickName": (["N"], []),
        "emails": ([{"value": "a", "type": "work"}], [{"value": "a", "type": "home"}]),
        "locale": ([], ["en"]),
    }


def test_order_of_members_and_of_elements_is_no_difference() -> None:
    before = {"emails": [{"value": "a", "type": "work"}, {"value": "b"}]}
    after = {"emails": [{"value": "b"}, {"type": "work", "value": "a"}]}
    assert compare_leaves(before, after) == []
