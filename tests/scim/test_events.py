"""/events: whoever has a token that may read pulls all changes of the tenant, in order and from any number on."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from scim.protocol.schemas.definitions import SchemaSet
from scim.services.feed import dispatch_changes
from tests.audit.histories import as_platform
from tests.scim.answers import body_of, create_group, operation, patch, refusal
from tests.scim.conftest import Provider
from tests.scim.defining import DEVICES, LAB, badge, define, extend, post_device, remove

EVENT = "urn:ietf:params:scim:event:prov"


def _ask(provider: Provider, query: str = "", token: str = "") -> HttpResponse:
    headers = {"Authorization": f"Bearer {token or provider.issued.text}"}
    return Client().get(f"/events{query}", headers=headers)  # type: ignore[return-value]  # the test client's own class


def _read(provider: Provider, query: str = "") -> Any:
    with as_platform(None):
        dispatch_changes(tenant_id=provider.tenant_id)
    return body_of(_ask(provider, query))


def _kinds(answer: Any) -> list[list[str]]:
    return [[name.removeprefix(f"{EVENT}:") for name in one["claims"]["events"]] for one in answer["events"]]


@pytest.mark.capability("event-feed")
def test_life_of_a_person_is_told_in_order(provider: Provider) -> None:
    ada = provider.create("ada", externalId="e-7")
    patch(provider, f"/Users/{ada['id']}", operation("replace", "active", value=False))
    provider.send("DELETE", f"/Users/{ada['id']}")
    told = _read(provider)
    assert _kinds(told) == [["create:full"], ["put:full", "deactivate"], ["delete"]]
    assert [one["number"] for one in told["events"]] == [1, 2, 3]
    assert (told["after"], told["isLast"]) == (3, True)
    first = told["events"][0]["claims"]
    subject = {"format": "scim", "uri": f"/Users/{ada['id']}", "id": ada["id"], "externalId": "e-7"}
    assert (first["sub_id"], first["aud"]) == (subject, str(provider.tenant_id))
    assert first["iss"].endswith("/scim/v2")
    assert first["events"][f"{EVENT}:create:full"]["data"]["userName"] == "ada"
    assert len({one["claims"]["jti"] for one in told["events"]}) == 3
    assert {one["claims"]["sub_id"]["uri"] for one in told["events"]} == {f"/Users/{ada['id']}"}


def test_members_are_told_by_who_came_and_went(provider: Provider) -> None:
    people = [provider.create(name)["id"] for name in ("ada", "bob")]
    group = create_group(provider, "Lab", people[0])
    remover = operation("remove", f'members[value eq "{people[0]}"]')
    patch(provider, f"/Groups/{group['id']}", operation("add", "members", value=[{"value": people[1]}]), remover)
    told = _read(provider, "?after=3")
    (claims,) = [one["claims"] for one in told["events"]]
    assert claims["sub_id"]["uri"] == f"/Groups/{group['id']}"
    assert claims["events"][f"{EVENT}:patch:full"]["data"]["Operations"] == [
        {"op": "remove", "path": f'members[value eq "{people[0]}"]'},
        {"op": "add", "path": "members", "value": [{"value": people[1]}]},
    ]


def test_feed_is_walked_from_number_to_number(provider: Provider) -> None:
    for number in range(5):
        provider.create(f"person{number}")
    told = _read(provider, "?limit=2")
    assert (len(told["events"]), told["after"], told["isLast"]) == (2, 2, False)
    seen = list(told["events"])
    while not told["isLast"]:
        told = _read(provider, f"?limit=2&after={told['after']}")
        seen += told["events"]
    assert [one["number"] for one in seen] == [1, 2, 3, 4, 5]
    assert _read(provider, "?after=5") == {"events": [], "after": 5, "isLast": True}


def test_change_without_a_number_is_not_told_yet(provider: Provider) -> None:
    provider.create("ada")
    assert body_of(_ask(provider))["events"] == []


def test_what_is_never_returned_is_not_told(provider: Provider) -> None:
    extend(provider, {"name": "pin", "type": "string", "mutability": "writeOnly", "returned": "never"})
    provider.create("ada", password="a secret that nobody keeps", **{LAB: {"pin": "4711"}})
    told = str(_read(provider))
    assert "ada" in told
    assert "4711" not in told
    assert "nobody keeps" not in told


def test_resource_of_a_type_that_is_gone_is_told_without_its_values(provider: Provider) -> None:
    define(provider, *DEVICES)
    device = body_of(post_device(provider, serial="A-1"), 201)
    provider.send("DELETE", f"/Devices/{device['id']}")
    removed: SchemaSet = remove(provider, "Device")
    assert removed.resource_type("Device") is None
    told = _read(provider)
    assert _kinds(told) == [["create:full"], ["delete"]]
    assert "A-1" not in str(told)
    assert badge()["id"] == LAB


def test_other_tenants_feed_is_another(make_provider: Callable[[], Provider]) -> None:
    providers = {name: make_provider() for name in ("ada", "eve")}
    for name, one in providers.items():
        one.create(name)
    for name, one in providers.items():
        told = _read(one)
        (event,) = told["events"]
        assert event["claims"]["events"][f"{EVENT}:create:full"]["data"]["userName"] == name


@pytest.mark.parametrize(
    "query",
    ["?after=-1", "?after=x", "?after=", "?after=1.5", "?limit=0", "?limit=1001", f"?after={2**63}", "?after=٣"],
)
def test_number_that_is_none_is_refused(provider: Provider, query: str) -> None:
    assert "whole number" in refusal(_ask(provider, query), 400, "invalidValue")


def test_stranger_and_who_may_not_read_get_nothing(provider: Provider) -> None:
    assert _ask(provider, token="lnj_" + "x" * 40).status_code == 401
    writer = provider.holds(scopes=["scim:write"])
    assert _ask(writer).status_code == 403
    assert isinstance(provider.tenant_id, UUID)
