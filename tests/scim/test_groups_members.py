"""Members of groups over HTTP: every style of PATCH, members who arrive late, groups of a user, members who go."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.scim.answers import (
    body_of,
    changes_of,
    create_group,
    events_about,
    members_of,
    newest_warnings,
    operation,
    patch,
    read,
    refusal,
    set_tenant,
)
from tests.scim.conftest import Provider

Group = dict[str, Any]


@pytest.fixture
def ids(provider: Provider) -> dict[str, str]:
    """Ids of three people by their names."""
    return {name: provider.create(f"{name}@example.com", displayName=name)["id"] for name in ("ada", "bob", "cy")}


def _fill(value: Any, ids: dict[str, str]) -> Any:
    """A value with $names in place of ids."""
    text = json.dumps(value)
    for name, member_id in ids.items():
        text = text.replace(f"${name}", member_id)
    return json.loads(text)


STYLES: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "add a list": ([operation("add", "members", value=[{"value": "$bob"}, {"value": "$cy"}])], ["ada", "bob", "cy"]),
    "add a list with nothing around an element": (
        [operation("add", "members", value={"value": "$bob"})],
        ["ada", "bob"],
    ),
    "add bare ids": ([operation("Add", "members", value=["$bob"])], ["ada", "bob"]),
    "add one bare id": ([operation("add", "members", value="$bob")], ["ada", "bob"]),
    "add with a null reference": (
        [operation("Add", "members", value=[{"$ref": None, "value": "$bob"}])],
        ["ada", "bob"],
    ),
    "add without a path": ([operation("add", value={"members": [{"value": "$bob"}]})], ["ada", "bob"]),
    "add who is there": ([operation("add", "members", value=[{"value": "$ada"}])], ["ada"]),
    "add one twice": ([operation("add", "members", value=["$bob", "$bob"])], ["ada", "bob"]),
    "remove by a value path": ([operation("remove", 'members[value eq "$ada"]')], []),
    "remove by two value paths": (
        [operation("remove", 'members[value eq "$ada"]'), operation("remove", 'members[value eq "$bob"]')],
        [],
    ),
    "remove by or": ([operation("remove", 'members[value eq "$ada" or value eq "$bob"]')], []),
    "remove a list": ([operation("Remove", "members", value=[{"value": "$ada"}])], []),
    "remove a list in an object": ([operation("remove", "members", value={"members": [{"value": "$ada"}]})], []),
    "remove an empty list": ([operation("remove", "members", value=[])], ["ada"]),
    "remove who is not there": ([operation("remove", 'members[value eq "$bob"]')], ["ada"]),
    "remove by display": ([operation("remove", 'members[display eq "ADA"]')], []),
    "remove by type": ([operation("remove", 'members[type eq "User"]')], []),
    "remove all": ([operation("remove", "members")], []),
    "replace all": ([operation("replace", "members", value=[{"value": "$bob"}])], ["bob"]),
    "replace by nothing": ([operation("replace", "members", value=[])], []),
    "replace by null": ([operation("replace", "members", value=None)], []),
    "replace without a path": ([operation("replace", value={"members": [{"value": "$cy"}]})], ["cy"]),
    "remove one and add another": (
        [operation("remove", 'members[value eq "$ada"]'), operation("add", "members", value=[{"value": "$cy"}])],
        ["cy"],
    ),
    "name alone": ([operation("replace", value={"displayName": "Optics"})], ["ada"]),
}


@pytest.mark.parametrize("style", STYLES)
def test_members_are_those_the_style_says(provider: Provider, ids: dict[str, str], style: str) -> None:
    operations, left = STYLES[style]
    group = create_group(provider, "Lab", ids["ada"])
    answer = patch(provider, f"/Groups/{group['id']}", *_fill(operations, ids))
    assert (answer.status_code, answer.content) == (204, b"")
    assert members_of(provider, group) == [ids[name] for name in left]


def test_patched_group_is_answered_where_attributes_are_asked_for(provider: Provider, ids: dict[str, str]) -> None:
    group = create_group(provider, "Lab")
    path = f"/Groups/{group['id']}?attributes=displayName,members.value"
    answer = patch(provider, path, operation("add", "members", value=[{"value": ids["ada"]}]))
    body = body_of(answer)
    assert (body["displayName"], body["members"]) == ("Lab", [{"value": ids["ada"]}])
    assert answer.headers["ETag"] == 'W/"2"'


def test_group_that_is_not_answered_tells_its_version(provider: Provider, ids: dict[str, str]) -> None:
    group = create_group(provider, "Lab")
    answer = patch(provider, f"/Groups/{group['id']}", operation("add", "members", value=[{"value": ids["ada"]}]))
    assert answer.headers["ETag"] == read(provider, f"/Groups/{group['id']}")["meta"]["version"] == 'W/"2"'


def test_part_of_a_member_cannot_be_changed(provider: Provider, ids: dict[str, str]) -> None:
    group = create_group(provider, "Lab", ids["ada"])
    path = f'members[value eq "{ids["ada"]}"].display'
    refusal(patch(provider, f"/Groups/{group['id']}", operation("replace", path, value="x")), 400, "mutability")


def test_member_that_is_not_known_is_kept_but_not_shown(provider: Provider, ids: dict[str, str]) -> None:
    group = create_group(provider, "Lab")
    answer = patch(provider, f"/Groups/{group['id']}", operation("add", "members", value=[str(uuid4()), ids["ada"]]))
    assert answer.status_code == 204
    assert newest_warnings(provider) == ["W_UNKNOWN_MEMBER"]
    assert members_of(provider, group) == [ids["ada"]]


@pytest.mark.parametrize("named", ["late@example.com", "LATE@example.com", "hr-7"])
def test_late_user_finds_the_group_that_waited(provider: Provider, named: str) -> None:
    group = create_group(provider, "Lab", named)
    late = provider.create("late@example.com", externalId="hr-7")
    assert members_of(provider, group) == [late["id"]]
    assert [one["value"] for one in read(provider, f"/Users/{late['id']}")["groups"]] == [group["id"]]


def test_arrival_is_a_version_a_change_and_an_event_of_the_group(provider: Provider) -> None:
    group = create_group(provider, "Lab", "late@example.com")
    late = provider.create("late@example.com")
    assert read(provider, f"/Groups/{group['id']}")["meta"]["version"] == 'W/"2"'
    change = changes_of(provider, group["id"])[-1]
    assert (change.version, change.kind) == (2, "members")
    assert json.loads(change.members or "") == {"added": [late["id"]], "removed": []}
    event = events_about(provider, group["id"])[-1]
    assert (event["action"], event["outcome"]) == ("scim.group.updated", "done")
    assert event["changes"] == [{"path": "members", "added": [late["id"]]}]


def test_member_who_was_taken_out_before_arriving_does_not_join(provider: Provider) -> None:
    group = create_group(provider, "Lab", "late@example.com")
    patch(provider, f"/Groups/{group['id']}", operation("remove", 'members[value eq "late@example.com"]'))
    provider.create("late@example.com")
    assert members_of(provider, group) == []


def test_strict_tenant_refuses_unknown_members_and_names_them_alone(provider: Provider, ids: dict[str, str]) -> None:
    group, unknown = create_group(provider, "Lab"), str(uuid4())
    set_tenant(provider, strict_members=True)
    values = [{"value": ids["ada"]}, {"value": unknown}]
    detail = refusal(
        patch(provider, f"/Groups/{group['id']}", operation("add", "members", value=values)), 400, "invalidValue"
    )
    assert unknown in detail
    assert ids["ada"] not in detail
    assert members_of(provider, group) == []


@pytest.mark.capability("nested-groups")
def test_user_tells_the_groups_directly_and_indirectly_around_them(provider: Provider, ids: dict[str, str]) -> None:
    inner = create_group(provider, "Inner", ids["ada"])
    outer = create_group(provider, "Outer", inner["id"])
    found = read(provider, f"/Users/{ids['ada']}")["groups"]
    here = "http://testserver/scim/v2/Groups"
    assert found == [
        {"value": inner["id"], "$ref": f"{here}/{inner['id']}", "type": "direct", "display": "Inner"},
        {"value": outer["id"], "$ref": f"{here}/{outer['id']}", "type": "indirect", "display": "Outer"},
    ]
    assert read(provider, "/Users")["Resources"][0]["groups"] == found


def test_groups_of_a_user_cannot_be_written(provider: Provider, ids: dict[str, str]) -> None:
    group = create_group(provider, "Lab")
    path = f"/Users/{ids['ada']}"
    refusal(patch(provider, path, operation("add", "groups", value=[{"value": group["id"]}])), 400, "mutability")
    assert "groups" not in read(provider, path)


def test_inactive_member_stays_a_member(provider: Provider, ids: dict[str, str]) -> None:
    group = create_group(provider, "Lab", ids["ada"])
    patch(provider, f"/Users/{ids['ada']}", operation("replace", value={"active": False}))
    assert members_of(provider, group) == [ids["ada"]]


def test_deleted_member_leaves_and_the_group_has_a_new_version(provider: Provider, ids: dict[str, str]) -> None:
    group = create_group(provider, "Lab", ids["ada"], ids["bob"])
    provider.send("DELETE", f"/Users/{ids['ada']}")
    after = read(provider, f"/Groups/{group['id']}")
    assert ([one["value"] for one in after["members"]], after["meta"]["version"]) == ([ids["bob"]], 'W/"2"')
    change = changes_of(provider, group["id"])[-1]
    assert (change.kind, json.loads(change.members or "")) == ("members", {"added": [], "removed": [ids["ada"]]})
    assert events_about(provider, group["id"])[-1]["changes"] == [{"path": "members", "removed": [ids["ada"]]}]


def test_deleted_group_leaves_the_group_around_it(provider: Provider) -> None:
    inner = create_group(provider, "Inner")
    outer = create_group(provider, "Outer", inner["id"])
    provider.send("DELETE", f"/Groups/{inner['id']}")
    assert members_of(provider, outer) == []


@pytest.mark.parametrize("wanted", ["members", "members.value"])
def test_group_is_found_by_its_member(provider: Provider, ids: dict[str, str], wanted: str) -> None:
    group = create_group(provider, "Lab", ids["ada"])
    create_group(provider, "Optics", ids["bob"])
    found = read(provider, f"/Groups?filter={wanted}%20eq%20%22{ids['ada']}%22")
    assert [one["id"] for one in found["Resources"]] == [group["id"]]


def test_user_is_found_by_a_group(provider: Provider, ids: dict[str, str]) -> None:
    group = create_group(provider, "Lab", ids["bob"])
    found = read(provider, f"/Users?filter=groups.value%20eq%20%22{group['id']}%22")
    assert [one["id"] for one in found["Resources"]] == [ids["bob"]]


def test_more_than_ten_thousand_members_in_one_operation_are_refused(provider: Provider) -> None:
    group = create_group(provider, "Lab")
    values = [str(number) for number in range(10_001)]
    refusal(patch(provider, f"/Groups/{group['id']}", operation("add", "members", value=values)), 413)
