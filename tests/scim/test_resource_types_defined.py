"""Resource types that a tenant defines at run time live through every verb (RFC 7643 section 6, RFC 7644 section 3)."""

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from scim.protocol.schemas.definitions import SchemaDefinitionError
from scim.services.schemas import SchemaInUseError
from tests.scim.answers import body_of, changes_of, events_about, operation, patch, read, refusal
from tests.scim.conftest import Provider
from tests.scim.defining import DEVICE, DEVICES, LAB, badge, define, post_device, remove

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def _filter(text: str) -> str:
    return f"filter={quote(text)}"


@pytest.fixture(name="owner")
def _owner(provider: Provider) -> Provider:
    define(provider, *DEVICES)
    return provider


@pytest.mark.rfc("7643#6")
def test_resource_of_a_defined_type_lives_through_all_verbs(owner: Provider) -> None:
    made = body_of(post_device(owner, serial="A1", displayName="Pump", active=True, userName=7, pin="1"), 201)
    assert (made["meta"]["resourceType"], made["schemas"]) == ("Device", [DEVICE])
    assert made["meta"]["location"].endswith(f"/scim/v2/Devices/{made['id']}")
    assert "pin" not in made
    path = f"/Devices/{made['id']}"
    assert read(owner, path) == made
    replaced = body_of(owner.send("PUT", path, {"serial": "A2", "ports": [{"value": "eth0", "speed": 10}]}))
    assert "displayName" not in replaced
    patched = body_of(patch(owner, path, operation("replace", 'ports[value eq "ETH0"].speed', value=100)))
    assert patched["ports"] == [{"value": "eth0", "speed": 100}]
    assert owner.send("GET", path, **{"If-None-Match": patched["meta"]["version"]}).status_code == 304
    refusal(owner.send("DELETE", path, **{"If-Match": made["meta"]["version"]}), 412)
    assert owner.send("DELETE", path).status_code == 204
    refusal(owner.send("GET", path), 404)
    assert [change.kind for change in changes_of(owner, made["id"])] == ["created", "replaced", "patched", "deleted"]
    actions = [event["action"].rpartition(".")[2] for event in events_about(owner, made["id"])]
    assert actions == ["created", "updated", "updated", "deleted"]


def test_resources_of_a_defined_type_are_listed_filtered_and_sorted(owner: Provider) -> None:
    for serial, name, number in (("b", "Pump", 3), ("a", "Lamp", 20), ("C", "Lamp", 1)):
        body_of(post_device(owner, serial=serial, displayName=name, userName=number), 201)

    def serials(query: str) -> list[str]:
        return [one["serial"] for one in read(owner, f"/Devices?{query}")["Resources"]]

    assert serials("sortBy=serial") == ["C", "a", "b"]
    assert serials("sortBy=userName&sortOrder=descending") == ["a", "b", "C"]
    assert serials(_filter('displayName eq "lamp" and userName gt 1')) == ["a"]
    assert serials(_filter('serial eq "c"')) == []
    assert read(owner, "/Devices?count=1&startIndex=2")["totalResults"] == 3
    assert read(owner, "/Users")["totalResults"] == 0


@pytest.mark.parametrize("path", ["", "/0198c0de-0000-7000-8000-000000000000"])
def test_type_of_another_tenant_is_byte_for_byte_an_unknown_endpoint(
    owner: Provider, make_provider: Callable[[], Provider], path: str
) -> None:
    neighbor = make_provider()
    for method in METHODS:
        foreign, unknown = (neighbor.send(method, f"/{name}{path}", {}) for name in ("Devices", "Nothing"))
        assert (foreign.status_code, foreign.content) == (404, unknown.content)
        assert {**foreign.headers, "X-Request-Id": ""} == {**unknown.headers, "X-Request-Id": ""}
    assert owner.send("GET", "/Devices").status_code == 200


def test_type_with_resources_is_not_removed_and_without_them_it_is(owner: Provider) -> None:
    made = body_of(post_device(owner, serial="A1"), 201)
    with pytest.raises(SchemaInUseError, match="1 resources of type Device"):
        remove(owner, "Device")
    with pytest.raises(SchemaDefinitionError, match="remove that first"):
        remove(owner, DEVICE)
    owner.send("DELETE", f"/Devices/{made['id']}")
    remove(owner, "Device")
    remove(owner, DEVICE)
    assert owner.send("GET", "/Devices").content == owner.send("GET", "/Nothing").content


def test_defined_type_carries_extensions(owner: Provider) -> None:
    define(owner, badge(), extends=["Device"])
    made = body_of(post_device(owner, serial="A1", **{LAB: {"number": 1}}), 201)
    assert made["schemas"] == [DEVICE, LAB]
    assert json.loads(owner.send("GET", f"/Devices?filter={quote(f'{LAB}:number eq 1')}").content)["totalResults"] == 1


def test_what_a_type_requires_is_required(owner: Provider) -> None:
    assert "serial" in refusal(post_device(owner, displayName="Pump"), 400, "invalidValue")
