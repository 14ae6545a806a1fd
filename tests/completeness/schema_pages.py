"""The console's pages about schemas that may change something, and the event that each leaves."""

from collections.abc import Callable
from typing import Any

from audit.actions import Action
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.protocol import urns
from scim.protocol.dialects.base import STRICT, Reading
from scim.protocol.schemas.reading import read_schema, read_type_definition
from scim.protocol.schemas.representation import schema_definition
from scim.protocol.schemas.tenant import Definitions
from scim.queries import find_present_schemas
from scim.services.index_builds import build_batch
from scim.services.resources import create_resource
from scim.services.schemas import define_schemas
from scim.services.writes import Writing
from scim.store.schemas import SCHEMAS as SCHEMAS_TABLE
from scim.store.schemas import TYPES as TYPES_TABLE
from scim.store.schemas import exclude_writers, keep_definitions, save_definition
from tests.completeness.desk import SYSTEM, Desk

Deed = tuple[Callable[[Desk], Any], Action | None]
BADGE = "urn:example:badge:2.0:User"
DEVICE = {"name": "Device", "endpoint": "/Devices", "schema": BADGE}


def _schema_form(**changes: str) -> dict[str, str]:
    """A schema of one attribute as the console's form sends it."""
    rows = {"attributes-TOTAL_FORMS": "1", "attributes-0-name": "office", "attributes-0-type": "string"}
    return {"id": BADGE, "name": "Badge", "do": "save", **rows, **changes}


def _with_schema(desk: Desk, name: str, data: Any, *values: str) -> Any:
    """The post to the page, where the tenant has a schema and a resource type of it: from before, without an event."""
    definition = schema_definition(read_schema({"id": BADGE, "name": "Badge", "attributes": [{"name": "office"}]}))
    with tenant_context(desk.tenant_id), tenant_scope():
        exclude_writers()
        after = Definitions().with_schema(read_schema(definition))
        save_definition(table=SCHEMAS_TABLE, name=BADGE, definition=definition, at=SYSTEM.at)
        if name != "type-new":
            after = after.with_type(read_type_definition(DEVICE))
            save_definition(table=TYPES_TABLE, name="Device", definition=after.types[0].as_json, at=SYSTEM.at)
        keep_definitions(after)
    return desk.post(f"console:{name}", data, *values)


def _retry_index(desk: Desk) -> Any:
    """The post to the page, where two groups have one value of what is to be unique."""
    with tenant_context(desk.tenant_id):
        definition = {"id": BADGE, "name": "Badge", "attributes": [{"name": "office"}]}
        define_schemas(definitions=[definition], extends=["User"], origin=SYSTEM)
        writing = Writing(find_present_schemas().resource_types[0], SYSTEM, Reading(STRICT))
        for name in ("ada", "eve"):
            create_resource(body={"schemas": [urns.USER], "userName": name, BADGE: {"office": "x"}}, writing=writing)
        attributes = [{"name": "office", "uniqueness": "server"}]
        define_schemas(definitions=[{**definition, "attributes": attributes}], extends=["User"], origin=SYSTEM)
        while build_batch(origin=SYSTEM):
            pass
    return desk.post("console:indexes-retry")


SCHEMAS: dict[str, Deed] = {
    "schema-new": (lambda desk: desk.post("console:schema-new", _schema_form()), Action.SCHEMA_DEFINED),
    "schema-edit": (
        lambda desk: _with_schema(desk, "schema-edit", _schema_form(name="Other"), BADGE),
        Action.SCHEMA_DEFINED,
    ),
    "type-new": (lambda desk: _with_schema(desk, "type-new", DEVICE), Action.SCHEMA_DEFINED),
    "type-edit": (lambda desk: _with_schema(desk, "type-edit", DEVICE, "Device"), Action.SCHEMA_DEFINED),
    "schema-remove": (lambda desk: _with_schema(desk, "schema-remove", {}, "Device"), Action.SCHEMA_REMOVED),
    "indexes-retry": (_retry_index, Action.INDEX_RESTARTED),
}
