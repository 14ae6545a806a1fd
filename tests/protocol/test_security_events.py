"""Claims of SCIM Events, as RFC 9967 section 2 has them."""

from typing import Any

import pytest

from scim.protocol.security_events import ResourceStep, Subject, describe_step, identify_subject

EVENT = "urn:ietf:params:scim:event:prov"
ADA, INACTIVE = {"userName": "ada"}, {"userName": "ada", "active": False}


def _step(kind: str, **told: Any) -> ResourceStep:
    return ResourceStep(kind, 3, **{"before": None, "after": None, **told})


def test_subject_is_named_by_its_relative_path() -> None:
    subject = Subject("2819c223", "/Groups/2819c223", "e-7")
    assert identify_subject(subject) == {
        "format": "scim",
        "uri": "/Groups/2819c223",
        "id": "2819c223",
        "externalId": "e-7",
    }
    assert "externalId" not in identify_subject(Subject("2819c223", "/Groups/2819c223", None))


@pytest.mark.parametrize("kind", ["created", "revived"])
def test_resource_that_came_is_told_in_full(kind: str) -> None:
    told = describe_step(_step(kind, after=ADA))
    assert told == {f"{EVENT}:create:full": {"version": 'W/"3"', "data": ADA}}


@pytest.mark.parametrize("kind", ["replaced", "patched"])
def test_change_is_told_by_what_the_resource_is_now(kind: str) -> None:
    told = describe_step(_step(kind, before=ADA, after={"userName": "ada", "title": "Dr"}))
    assert told == {f"{EVENT}:put:full": {"version": 'W/"3"', "data": {"userName": "ada", "title": "Dr"}}}


def test_members_are_told_by_who_came_and_went_alone() -> None:
    group = {"displayName": "Lab"}
    told = describe_step(_step("members", before=group, after=group, added=["a", "b"], removed=["c"]))
    assert list(told) == [f"{EVENT}:patch:full"]
    assert told[f"{EVENT}:patch:full"]["data"]["Operations"] == [
        {"op": "remove", "path": 'members[value eq "c"]'},
        {"op": "add", "path": "members", "value": [{"value": "a"}, {"value": "b"}]},
    ]


def test_members_and_attributes_of_one_step_are_two_events_of_one_set() -> None:
    told = describe_step(_step("replaced", before={"displayName": "A"}, after={"displayName": "B"}, added=["a"]))
    assert list(told) == [f"{EVENT}:patch:full", f"{EVENT}:put:full"]


def test_step_that_changed_nothing_that_is_shown_is_still_told() -> None:
    assert list(describe_step(_step("patched", before=ADA, after=ADA))) == [f"{EVENT}:put:full"]


def test_resource_that_went_is_told_without_its_values() -> None:
    assert describe_step(_step("deleted", before=ADA)) == {f"{EVENT}:delete": {}}


@pytest.mark.parametrize(
    ("before", "after", "word"), [(ADA, INACTIVE, "deactivate"), (INACTIVE, ADA, "activate"), (ADA, ADA, "")]
)
def test_activity_that_turned_is_told_of_besides(before: Any, after: Any, word: str) -> None:
    told = [name for name in describe_step(_step("patched", before=before, after=after)) if "activate" in name]
    assert told == ([f"{EVENT}:{word}"] if word else [])


def test_who_is_created_inactive_was_never_deactivated() -> None:
    assert list(describe_step(_step("created", after=INACTIVE))) == [f"{EVENT}:create:full"]
