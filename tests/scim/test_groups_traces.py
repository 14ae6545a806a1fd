"""What writes of groups leave behind: change rows with their members, and events that tell what was and what is."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse

from scim.protocol import urns
from tests.scim.answers import changes_of, create_group, events_about, operation, patch, read
from tests.scim.conftest import Provider

Group = dict[str, Any]


@pytest.fixture
def ada(provider: Provider) -> str:
    """The id of a user."""
    return str(provider.create("ada@example.com")["id"])


def _put(provider: Provider, group: Group, **attributes: Any) -> HttpResponse:
    body = {"schemas": [urns.GROUP], "displayName": group["displayName"], **attributes}
    return provider.send("PUT", f"/Groups/{group['id']}", body)


def test_change_of_a_group_holds_who_came_and_who_went(provider: Provider, ada: str) -> None:
    group = create_group(provider, "Lab", ada)
    patch(provider, f"/Groups/{group['id']}", operation("remove", "members"))
    created, patched = changes_of(provider, group["id"])
    assert [(change.kind, change.version) for change in (created, patched)] == [("created", 1), ("patched", 2)]
    assert json.loads(created.members or "") == {"added": [ada], "removed": []}
    assert json.loads(patched.members or "") == {"added": [], "removed": [ada]}
    assert json.loads(patched.before or "") == json.loads(patched.after or "")


def test_event_of_a_group_tells_name_and_members_before_and_after(provider: Provider, ada: str) -> None:
    group = create_group(provider, "Lab")
    _put(provider, {**group, "displayName": "Optics"}, members=[{"value": ada}])
    event = events_about(provider, group["id"])[-1]
    assert event["target"] == {"type": "Group", "id": group["id"], "display": "Optics"}
    assert event["changes"] == [
        {"path": "displayName", "before": "Lab", "after": "Optics"},
        {"path": "members", "added": [ada]},
    ]


def test_event_names_members_who_are_not_known(provider: Provider) -> None:
    group = create_group(provider, "Lab", "late@example.com")
    assert events_about(provider, group["id"])[0]["changes"][-1] == {"path": "members", "unknown": ["late@example.com"]}


def test_event_of_a_deletion_tells_what_was_lost(provider: Provider) -> None:
    group = create_group(provider, "Lab")
    provider.send("DELETE", f"/Groups/{group['id']}")
    event, change = events_about(provider, group["id"])[-1], changes_of(provider, group["id"])[-1]
    assert event["action"] == "scim.group.deleted"
    assert event["changes"] == [{"path": "displayName", "before": "Lab"}]
    assert (change.kind, change.version, change.after) == ("deleted", 2, None)


CLEARING: dict[str, Callable[[Provider, Group], HttpResponse]] = {
    "T06 bare remove": lambda provider, group: patch(
        provider, f"/Groups/{group['id']}", operation("remove", "members")
    ),
    "T36 replace by nothing": lambda provider, group: patch(
        provider, f"/Groups/{group['id']}", operation("replace", "members", value=[])
    ),
    "T40 put without members": _put,
}


@pytest.mark.parametrize("way", CLEARING)
def test_event_says_that_all_members_were_removed_at_once(provider: Provider, ada: str, way: str) -> None:
    group = create_group(provider, "Lab", ada)
    assert CLEARING[way](provider, group).status_code in {200, 204}
    assert events_about(provider, group["id"])[-1]["details"]["massRemoval"] == 1


def test_event_of_a_named_removal_speaks_of_no_mass_removal(provider: Provider, ada: str) -> None:
    group = create_group(provider, "Lab", ada)
    patch(provider, f"/Groups/{group['id']}", operation("remove", f'members[value eq "{ada}"]'))
    assert "massRemoval" not in events_about(provider, group["id"])[-1]["details"]


UNCHANGED: dict[str, Callable[[Provider, Group, str], HttpResponse]] = {
    "patch with the same name": lambda provider, group, _: patch(
        provider, f"/Groups/{group['id']}", operation("replace", "displayName", value="Lab")
    ),
    "patch with the same member": lambda provider, group, ada: patch(
        provider, f"/Groups/{group['id']}", operation("add", "members", value=[{"value": ada}])
    ),
    "patch that removes a stranger": lambda provider, group, _: patch(
        provider, f"/Groups/{group['id']}", operation("remove", 'members[value eq "nobody"]')
    ),
    "patch that takes out and puts back": lambda provider, group, ada: patch(
        provider,
        f"/Groups/{group['id']}",
        operation("remove", f'members[value eq "{ada}"]'),
        operation("add", "members", value=[{"value": ada}]),
    ),
    "put of the same": lambda provider, group, ada: _put(provider, group, members=[{"value": ada}]),
}


@pytest.mark.parametrize("way", UNCHANGED)
def test_write_that_changes_nothing_leaves_an_event_alone(provider: Provider, ada: str, way: str) -> None:
    group = create_group(provider, "Lab", ada)
    answer = UNCHANGED[way](provider, group, ada)
    assert answer.headers["ETag"] == 'W/"1"'
    assert read(provider, f"/Groups/{group['id']}") == group
    assert [change.kind for change in changes_of(provider, group["id"])] == ["created"]
    event = events_about(provider, group["id"])[-1]
    assert (event["outcome"], event["changes"], event["action"]) == ("unchanged", [], "scim.group.updated")
