"""A Group over HTTP: created, replaced, nested, deleted, and disabled for a SCIM client (RFC 7643 section 4.2)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from scim.protocol import urns
from tests.scim.answers import (
    body_of,
    create_group,
    members_of,
    operation,
    patch,
    read,
    refusal,
    set_client,
    set_tenant,
)
from tests.scim.conftest import Provider

HERE = "http://testserver/scim/v2"


def _put(provider: Provider, group: dict[str, Any], **attributes: Any) -> Any:
    body = {"schemas": [urns.GROUP], "displayName": group["displayName"], **attributes}
    return provider.send("PUT", f"/Groups/{group['id']}", body)


@pytest.mark.rfc("7643#4.2")
def test_created_group_is_answered_with_its_members(provider: Provider) -> None:
    ada = provider.create("ada@example.com", displayName="Ada Lovelace")
    inner = create_group(provider, "Optics")
    members = [{"value": ada["id"], "display": "whatever the client says"}, {"value": inner["id"]}]
    answer = provider.send("POST", "/Groups", {"schemas": [urns.GROUP], "displayName": "Lab", "members": members})
    body = body_of(answer, 201)
    assert answer.headers["Location"] == body["meta"]["location"] == f"{HERE}/Groups/{body['id']}"
    assert answer.headers["ETag"] == body["meta"]["version"] == 'W/"1"'
    assert (body["schemas"], body["meta"]["resourceType"]) == ([urns.GROUP], "Group")
    assert body["members"] == [
        {"value": ada["id"], "$ref": f"{HERE}/Users/{ada['id']}", "type": "User", "display": "Ada Lovelace"},
        {"value": inner["id"], "$ref": f"{HERE}/Groups/{inner['id']}", "type": "Group", "display": "Optics"},
    ]


def test_read_group_is_the_created_one(provider: Provider) -> None:
    created = create_group(provider, "Lab", provider.create("ada@example.com")["id"], externalId="g-1")
    assert read(provider, f"/Groups/{created['id']}") == created


def test_group_without_members_shows_none(provider: Provider) -> None:
    assert "members" not in create_group(provider, "Lab")


@pytest.mark.parametrize("missing", [{}, {"displayName": ""}, {"displayName": None}])
def test_group_without_a_name_is_refused(provider: Provider, missing: dict[str, Any]) -> None:
    refusal(provider.send("POST", "/Groups", {"schemas": [urns.GROUP], **missing}), 400, "invalidValue")


@pytest.mark.parametrize("name", ["Lab", "LAB"])
def test_second_group_of_one_name_is_refused_and_its_detail_names_the_attribute_alone(
    provider: Provider, name: str
) -> None:
    create_group(provider, "Lab")
    answer = provider.send("POST", "/Groups", {"schemas": [urns.GROUP], "displayName": name})
    detail = refusal(answer, 409, "uniqueness")
    assert "displayName" in detail
    assert "lab" not in detail.lower()


def test_group_cannot_take_the_name_of_another_by_put_or_patch(provider: Provider) -> None:
    create_group(provider, "Lab")
    other = create_group(provider, "Optics")
    refusal(_put(provider, {**other, "displayName": "lab"}), 409, "uniqueness")
    answer = patch(provider, f"/Groups/{other['id']}", operation("replace", "displayName", value="lab"))
    refusal(answer, 409, "uniqueness")
    assert read(provider, f"/Groups/{other['id']}") == other


def test_tenant_may_let_groups_share_a_name(provider: Provider) -> None:
    first = create_group(provider, "Lab")
    set_tenant(provider, unique_group_names=False)
    assert create_group(provider, "Lab")["id"] != first["id"]


def test_name_of_a_deleted_group_is_free(provider: Provider) -> None:
    first = create_group(provider, "Lab")
    assert provider.send("DELETE", f"/Groups/{first['id']}").status_code == 204
    assert create_group(provider, "Lab")["id"] != first["id"]


def test_deleted_group_is_gone_from_lists_and_from_its_members(provider: Provider) -> None:
    ada = provider.create("ada@example.com")
    group = create_group(provider, "Lab", ada["id"])
    assert read(provider, f"/Users/{ada['id']}")["groups"][0]["value"] == group["id"]
    assert provider.send("DELETE", f"/Groups/{group['id']}").content == b""
    refusal(provider.send("GET", f"/Groups/{group['id']}"), 404)
    assert read(provider, "/Groups")["totalResults"] == 0
    assert "groups" not in read(provider, f"/Users/{ada['id']}")


def test_put_gives_name_and_members_and_a_new_version(provider: Provider) -> None:
    ada, bob = (provider.create(f"{name}@example.com")["id"] for name in ("ada", "bob"))
    group = create_group(provider, "Lab", ada)
    answer = _put(provider, {**group, "displayName": "Optics"}, members=[{"value": bob}])
    body = body_of(answer)
    assert (body["id"], body["displayName"], body["members"][0]["value"]) == (group["id"], "Optics", bob)
    assert (answer.headers["ETag"], body["meta"]["created"]) == ('W/"2"', group["meta"]["created"])


def test_put_without_members_clears_them(provider: Provider) -> None:
    group = create_group(provider, "Lab", provider.create("ada@example.com")["id"])
    assert "members" not in body_of(_put(provider, group))


@pytest.mark.parametrize(("sent", "kept"), [({}, 1), ({"members": []}, 0), ({"members": None}, 0)])
def test_tenant_may_keep_members_that_a_put_does_not_name(provider: Provider, sent: dict[str, Any], kept: int) -> None:
    group = create_group(provider, "Lab", provider.create("ada@example.com")["id"])
    set_tenant(provider, keep_members=True)
    assert len(body_of(_put(provider, group, **sent)).get("members", ())) == kept


def test_groups_may_stand_in_groups(provider: Provider) -> None:
    inner = create_group(provider, "Inner")
    outer = create_group(provider, "Outer", inner["id"])
    assert members_of(provider, outer) == [inner["id"]]


def _lead_back(provider: Provider) -> tuple[dict[str, Any], dict[str, Any]]:
    """A group, and one that holds it through a third."""
    inner = create_group(provider, "Inner")
    middle = create_group(provider, "Middle", inner["id"])
    return inner, create_group(provider, "Outer", middle["id"])


@pytest.mark.parametrize("with_itself", [True, False], ids=["itself", "a group that holds it"])
def test_group_is_no_member_of_itself(provider: Provider, with_itself: bool) -> None:  # a column
    inner, outer = _lead_back(provider)
    member = {"value": inner["id"] if with_itself else outer["id"]}
    added = patch(provider, f"/Groups/{inner['id']}", operation("add", "members", value=[member]))
    assert "member" in refusal(added, 400, "invalidValue")
    refusal(_put(provider, inner, members=[member]), 400, "invalidValue")
    assert read(provider, f"/Groups/{inner['id']}") == inner


def test_client_of_users_alone_finds_no_groups_and_writes_none(provider: Provider) -> None:
    """Tolerance T66: a probe for groups gets an empty list, never an error."""
    group = create_group(provider, "Lab")
    set_client(provider, groups_enabled=False)
    found = read(provider, "/Groups?filter=displayName%20eq%20%22Lab%22")
    assert (found["totalResults"], found["Resources"]) == (0, [])
    refusal(provider.send("GET", f"/Groups/{group['id']}"), 404)
    body = {"schemas": [urns.GROUP], "displayName": "Other"}
    for method, path in [("POST", ""), ("PUT", f"/{group['id']}"), ("PATCH", f"/{uuid4()}"), ("DELETE", "/x")]:
        detail = refusal(provider.send(method, f"/Groups{path}", body), 403)
        assert "groups are disabled for this SCIM client" in f"{detail[0].lower()}{detail[1:]}"
    set_client(provider, groups_enabled=True)
    assert read(provider, f"/Groups/{group['id']}") == group


def test_two_tenants_may_have_groups_of_one_name(make_provider: Callable[[], Provider]) -> None:
    assert create_group(make_provider(), "Lab")["id"] != create_group(make_provider(), "Lab")["id"]
