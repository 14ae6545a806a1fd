"""RFC 7643 sections 5 to 8: the configuration, resource types and schemas that are published."""

from typing import Any

import pytest
from django.test import Client

from scim.protocol import urns
from tests.scim.answers import body_of, operation, patch, read, refusal
from tests.scim.conftest import USER, Provider
from tests.scim.defining import DEVICE, DEVICES, LAB, badge, define, extend, post_device

OPTIONS = ("patch", "bulk", "filter", "changePassword", "sort", "etag")


def _config() -> Any:
    """As a stranger reads it."""
    return Client().get("/scim/v2/ServiceProviderConfig").json()


@pytest.mark.rfc("7643#5-1", "7643#5-2", "7643#5-3", "7643#5-4", "7643#5-5", "7643#5-6")
def test_configuration_says_of_every_option_whether_it_is_supported(database: None) -> None:
    config = _config()
    assert {option: type(config[option]["supported"]) for option in OPTIONS} == dict.fromkeys(OPTIONS, bool)
    numbers = (config["bulk"]["maxOperations"], config["bulk"]["maxPayloadSize"], config["filter"]["maxResults"])
    assert all(isinstance(number, int) and number > 0 for number in numbers)


@pytest.mark.rfc("7643#5-7", "7643#5-8")
def test_ways_to_authenticate_are_told_to_strangers(database: None) -> None:
    schemes = _config()["authenticationSchemes"]
    assert schemes
    for scheme in schemes:
        assert {"type", "name", "description"} <= set(scheme)
        assert scheme["specUri"].startswith("https://")


@pytest.mark.rfc("7643#6-1", "7643#6-2", "7643#6-3", "7643#6-4", "7643#6-5", "7643#6-6")
def test_resource_type_is_whole_and_names_schemas_that_exist(provider: Provider) -> None:
    define(provider, *DEVICES)
    extend(provider)
    schemas = {schema["id"] for schema in read(provider, "/Schemas")["Resources"]}
    types = read(provider, "/ResourceTypes")["Resources"]
    assert {kind["name"] for kind in types} == {"User", "Group", "Device"}
    for kind in types:
        assert kind["schemas"] == [urns.RESOURCE_TYPE]
        assert all(kind[name] for name in ("id", "name", "description", "endpoint", "schema", "meta"))
        assert kind["schema"] in schemas
        for extension in kind.get("schemaExtensions", ()):
            assert extension["schema"] in schemas
            assert isinstance(extension["required"], bool)


@pytest.mark.rfc("7643#6-7")
def test_required_extension_has_to_be_there_with_what_it_requires(provider: Provider) -> None:
    extension = badge({"name": "number", "type": "integer", "required": True})
    kind = {**DEVICES[1], "schemaExtensions": [{"schema": LAB, "required": True}]}
    define(provider, DEVICES[0], extension, kind)
    refusal(post_device(provider, serial="a"), 400, "invalidValue")
    refusal(post_device(provider, serial="a", **{LAB: {}}), 400, "invalidValue")
    assert body_of(post_device(provider, serial="a", **{LAB: {"number": 1}}), 201)["schemas"] == [DEVICE, LAB]


@pytest.mark.rfc("7643#7-1", "7643#7-2", "7643#7-3", "7643#7-4", "7643#7-5", "7643#8.7.2-1")
def test_schema_is_whole_down_to_its_last_attribute(provider: Provider) -> None:
    for schema in read(provider, "/Schemas")["Resources"]:
        assert schema["id"].startswith("urn:ietf:params:scim:schemas:")
        assert schema["name"]
        assert schema["description"]
        for attribute in schema["attributes"]:
            _check_attribute(attribute)


def _check_attribute(attribute: dict[str, Any]) -> None:
    told = {"name", "type", "multiValued", "description", "required", "mutability", "returned"}
    assert told <= set(attribute), attribute
    assert attribute["description"], attribute["name"]
    assert bool(attribute.get("subAttributes")) == (attribute["type"] == "complex"), attribute["name"]
    if attribute["type"] == "string":
        assert {"caseExact", "uniqueness"} <= set(attribute), attribute["name"]
    for part in attribute.get("subAttributes", ()):
        _check_attribute(part)


@pytest.mark.rfc("7643#7-6", "7643#7-7", "7644#3.4.2.2-11")
def test_case_counts_where_the_schema_says_so(provider: Provider) -> None:
    exact = {"name": "code", "type": "string", "caseExact": True}
    extend(provider, exact, {"name": "office", "type": "string", "caseExact": False})
    ada = provider.create("ada", **{LAB: {"code": "aB", "office": "Rome"}})
    assert ada[LAB] == {"code": "aB", "office": "Rome"}
    found = {
        query: read(provider, f"/Users?filter={LAB}:{query.replace(' ', '%20')}")["totalResults"]
        for query in ('code eq "aB"', 'code eq "ab"', 'office eq "ROME"', 'code sw "A"', 'office co "OM"')
    }
    assert list(found.values()) == [1, 0, 1, 0, 1]


@pytest.mark.rfc("7643#7-8", "7644#3.5.2-5", "7644#3.5.2-6", "7644#3.5.2-7")
def test_read_only_attribute_cannot_be_changed(provider: Provider) -> None:
    extend(provider, {"name": "level", "type": "integer", "mutability": "readOnly"})
    ada = provider.create("ada", **{LAB: {"level": 1}})
    assert LAB not in ada
    refusal(patch(provider, f"/Users/{ada['id']}", operation("add", f"{LAB}:level", value=2)), 400, "mutability")
    assert read(provider, f"/Users/{ada['id']}") == ada


@pytest.mark.rfc("7643#7-9", "7644#3.5.1-4", "7644#3.5.1-5", "7644#3.5.2-6")
def test_immutable_attribute_can_be_set_once(provider: Provider) -> None:
    extend(provider, {"name": "hired", "type": "string", "mutability": "immutable"})
    ada = provider.create("ada")
    path, body = f"/Users/{ada['id']}", {"schemas": [USER, LAB], "userName": "ada"}
    assert body_of(provider.send("PUT", path, {**body, LAB: {"hired": "2020"}}))[LAB] == {"hired": "2020"}
    refusal(provider.send("PUT", path, {**body, LAB: {"hired": "2021"}}), 400, "mutability")
    refusal(patch(provider, path, operation("replace", f"{LAB}:hired", value="2021")), 400, "mutability")
    assert body_of(provider.send("PUT", path, {**body, LAB: {"hired": "2020"}}))[LAB] == {"hired": "2020"}


@pytest.mark.rfc("7643#7-10")
def test_write_only_value_is_not_returned(provider: Provider) -> None:
    define(provider, *DEVICES)
    device = body_of(post_device(provider, serial="a", pin="1234"), 201)
    shown = [
        device,
        read(provider, f"/Devices/{device['id']}?attributes=pin"),
        *read(provider, "/Devices")["Resources"],
    ]
    assert not [one for one in shown if "pin" in one]


@pytest.mark.rfc("7643#7-11")
def test_unique_value_stands_once_in_a_tenant(provider: Provider) -> None:
    define(provider, *DEVICES)
    body_of(post_device(provider, serial="a"), 201)
    refusal(post_device(provider, serial="a"), 409, "uniqueness")
    body_of(post_device(provider, serial="A"), 201)
