"""RFC 7643 section 3: schemas and the common attributes of every resource."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from scim.protocol import urns
from tests.scim.answers import body_of, create_group, operation, patch, read, refusal
from tests.scim.conftest import USER, Provider
from tests.scim.defining import DEVICE, DEVICES, LAB, create_badged, define, extend, post_device

DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def _device(provider: Provider, serial: str = "a", **more: Any) -> dict[str, Any]:
    device: dict[str, Any] = body_of(post_device(provider, serial=serial, **more), 201)
    return device


@pytest.mark.rfc("7643#3-3", "7643#3-4", "7643#3.3-3")
def test_schemas_are_those_of_the_type_and_of_what_the_resource_holds(provider: Provider) -> None:
    extend(provider)
    sent = [urns.ENTERPRISE_USER, USER, USER, LAB]
    body = {"schemas": sent, "userName": "ada", LAB: {"number": 7}}
    ada = body_of(provider.send("POST", "/Users", body), 201)
    assert ada["schemas"] == [USER, LAB]
    assert ada[LAB] == {"number": 7}
    assert "number" not in ada


@pytest.mark.rfc("7643#3-5")
def test_order_of_schemas_changes_nothing(provider: Provider) -> None:
    extend(provider)
    pairs = ([USER, LAB], [LAB, USER])
    made = [
        body_of(provider.send("POST", "/Users", {"schemas": schemas, "userName": f"u{at}", LAB: {"number": 7}}), 201)
        for at, schemas in enumerate(pairs)
    ]
    assert made[0]["schemas"] == made[1]["schemas"]
    assert made[0][LAB] == made[1][LAB]


@pytest.mark.rfc("7643#3-6", "7643#3.1-1", "7643#3.1-4")
def test_common_attributes_belong_to_a_tenants_own_type_too(provider: Provider) -> None:
    define(provider, *DEVICES)
    device = _device(provider, externalId="ext-1")
    assert device["schemas"] == [DEVICE]
    assert device["meta"]["resourceType"] == "Device"
    for query in (f'id eq "{device["id"]}"', 'externalId eq "ext-1"', 'meta.resourceType eq "Device"'):
        found = read(provider, f"/Devices?filter={query.replace(' ', '%20')}")
        assert [one["id"] for one in found["Resources"]] == [device["id"]]
    narrowed = read(provider, f"/Devices/{device['id']}?attributes=serial")
    assert narrowed == {"schemas": [DEVICE], "id": device["id"], "serial": "a"}


@pytest.mark.rfc("7643#3.1-2", "7643#3.1-7", "7643#3.1-11")
def test_id_and_meta_are_the_servers(provider: Provider) -> None:
    claimed = {"id": "mine", "meta": {"created": "2001-01-01T00:00:00Z", "resourceType": "Group", "version": "9"}}
    ada = provider.create("ada", **claimed)
    assert ada["id"] != "mine"
    assert (ada["meta"]["resourceType"], ada["meta"]["version"]) == ("User", 'W/"1"')
    assert ada["meta"]["created"] > "2020"
    refusal(patch(provider, f"/Users/{ada['id']}", operation("replace", "meta.created", value="x")), 400, "mutability")


@pytest.mark.rfc("7643#3.1-3", "7643#3.1-5", "7643#3.1-6", "7643#3.1-8")
def test_id_is_stable_unique_and_never_given_again(provider: Provider) -> None:
    define(provider, *DEVICES)
    made = [provider.create(f"u{number}") for number in range(20)] + [create_group(provider, "crew"), _device(provider)]
    ids = [one["id"] for one in made]
    assert len(set(ids)) == len(ids)
    assert not any("bulkid" in one.lower() for one in ids)
    path = f"/Users/{ids[0]}"
    patch(provider, path, operation("replace", "userName", value="renamed"))
    assert read(provider, path)["id"] == ids[0]
    provider.send("DELETE", path)
    assert provider.create("renamed")["id"] not in ids
    extend(provider, {"name": "id", "type": "string", "mutability": "readWrite"})
    other = create_badged(provider, "other", id="x")
    assert (other["id"] != "x", other[LAB]) == (True, {"id": "x"})


@pytest.mark.rfc("7643#3.1-9", "7643#3.1-10")
def test_external_id_is_the_clients_within_its_tenant(make_provider: Callable[[], Provider]) -> None:
    one, other = make_provider(), make_provider()
    assert "externalId" not in one.create("ada")
    made = [provider.create("bob", externalId="e-1") for provider in (one, other)]
    for provider, bob in zip((one, other), made, strict=True):
        found = read(provider, "/Users?filter=externalId%20eq%20%22e-1%22")["Resources"]
        assert [user["id"] for user in found] == [bob["id"]]


@pytest.mark.rfc("7643#3.1-12", "7643#3.1-13")
def test_times_are_those_of_creation_until_something_changes(provider: Provider) -> None:
    ada = provider.create("ada")
    assert DATE_TIME.fullmatch(ada["meta"]["created"])
    assert ada["meta"]["lastModified"] == ada["meta"]["created"]
    changed = body_of(patch(provider, f"/Users/{ada['id']}", operation("add", "title", value="Dr")))
    assert changed["meta"]["lastModified"] > changed["meta"]["created"] == ada["meta"]["created"]


@pytest.mark.rfc("7643#3.1-14")
@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "PATCH"])
def test_content_location_is_the_location_of_what_is_answered(provider: Provider, method: str) -> None:
    ada = provider.create("ada")
    path = f"/Users/{ada['id']}"
    sent = {
        "POST": lambda: provider.send("POST", "/Users", {"schemas": [USER], "userName": "new"}),
        "GET": lambda: provider.send("GET", path),
        "PUT": lambda: provider.send("PUT", path, {"schemas": [USER], "userName": "ada"}),
        "PATCH": lambda: patch(provider, path, operation("add", "title", value="Dr")),
    }
    answer = sent[method]()
    shown = body_of(answer, answer.status_code)
    assert answer.headers["Content-Location"] == shown["meta"]["location"]
    assert shown["meta"]["location"].endswith(f"/scim/v2/Users/{shown['id']}")


@pytest.mark.rfc("7643#3.1-15")
def test_version_is_marked_as_weak(provider: Provider) -> None:
    answer = provider.send("GET", f"/Users/{provider.create('ada')['id']}")
    assert answer.headers["ETag"] == body_of(answer)["meta"]["version"]
    assert answer.headers["ETag"].startswith('W/"')
