"""Definitions as tests make them: an extension of User, a resource type of its own, and how they are put into force."""

from typing import Any, Final

from django.http import HttpResponse

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from scim.protocol.schemas.definitions import SchemaSet
from scim.services.schemas import define_schemas, remove_definition
from tests.scim.conftest import USER, Provider

LAB: Final = "urn:example:lab:2.0:Badge"
DEVICE: Final = "urn:example:lab:2.0:Device"


def badge(*attributes: dict[str, Any]) -> dict[str, Any]:
    """The extension; without attributes it has a badge number and an office."""
    return {"id": LAB, "name": "Badge", "attributes": list(attributes) or [NUMBER, OFFICE]}


NUMBER: Final[dict[str, Any]] = {"name": "number", "type": "integer"}
OFFICE: Final[dict[str, Any]] = {"name": "office", "type": "string", "caseExact": False}
DEVICES: Final[list[dict[str, Any]]] = [
    {
        "id": DEVICE,
        "name": "Device",
        "attributes": [
            {"name": "serial", "type": "string", "required": True, "caseExact": True, "uniqueness": "server"},
            {"name": "displayName", "type": "string"},
            {"name": "active", "type": "boolean"},
            {"name": "userName", "type": "integer"},
            {"name": "pin", "type": "string", "mutability": "writeOnly", "returned": "never"},
            {
                "name": "ports",
                "type": "complex",
                "multiValued": True,
                "subAttributes": [{"name": "value", "type": "string"}, {"name": "speed", "type": "integer"}],
            },
        ],
    },
    {"name": "Device", "endpoint": "/Devices", "schema": DEVICE, "description": "Things"},
]


def define(provider: Provider, *definitions: Any, **options: Any) -> SchemaSet:
    """Put definitions of the provider's tenant into force."""
    with tenant_context(provider.tenant_id):
        return define_schemas(definitions=definitions, origin=system_origin("test"), **options)


def extend(provider: Provider, *attributes: dict[str, Any], **options: Any) -> SchemaSet:
    """Give users the badge."""
    return define(provider, badge(*attributes), extends=["User"], **options)


def remove(provider: Provider, name: str) -> SchemaSet:
    """Take one out of force."""
    with tenant_context(provider.tenant_id):
        return remove_definition(name=name, origin=system_origin("test"))


def create_badged(provider: Provider, name: str, **held: Any) -> dict[str, Any]:
    """A user with a badge."""
    return provider.create(name, **{LAB: held})


def post_device(provider: Provider, **held: Any) -> HttpResponse:
    """The answer to a new device."""
    return provider.send("POST", "/Devices", {"schemas": [DEVICE], **held})


__all__ = ["USER"]
