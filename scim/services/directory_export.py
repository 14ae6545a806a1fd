"""Users or groups as a file: what a list of the console is narrowed to, as CSV or JSON, streamed in batches.

The event that an export began is there before its first byte.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

import orjson

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.files import CSV_TYPE, FileForm, write_cells
from labsninja.kernel.isolation import current_tenant, tenant_context, tenant_scope
from scim.protocol.filter.nodes import Node
from scim.protocol.schemas.definitions import ResourceType
from scim.queries.directory import DirectoryQuery, find_type, make_entry, make_list_query
from scim.queries.profiles import make_whole
from scim.store.resources import StoredResource
from scim.store.walking import BATCH, START, read_batch
from tenants.models import Role
from tenants.services.roles import check_role

COLUMNS: Final = ("id", "name", "displayName", "email", "active", "externalId", "created", "lastModified")
FORMS: Final = {"csv": CSV_TYPE, "json": "application/json"}


def export_directory(
    *, type_name: str, wanted: DirectoryQuery, form: str, locations: Mapping[str, str], origin: Origin
) -> Iterator[bytes]:
    """The file of a form of FORMS, in the order of ids; the bound tenant's also when it is read later.

    Raises RoleRefusedError, ScimError 400 invalidFilter, KeyError for a form that there is not; all of it at once.
    """
    kind, made = find_type(name=type_name), _make_form(form, locations)
    condition = make_list_query(kind, wanted).filter
    details = {"form": form, "text": wanted.text, "state": wanted.state, "filter": wanted.condition}
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        target = Target("directory", kind.endpoint, f"{kind.endpoint.strip('/').lower()} as {form.upper()}")
        record_event(event=Event(Action.DIRECTORY_EXPORTED, target, details=details), origin=origin)
    return made.write_all(_walk(current_tenant(), kind, condition, locations))


def _walk(
    tenant_id: UUID, kind: ResourceType, condition: Node | None, locations: Mapping[str, str]
) -> Iterator[Sequence[StoredResource]]:
    """Each batch in a scope of its own: whoever reads slowly holds no transaction open."""
    after = START
    while True:
        with tenant_context(tenant_id), tenant_scope():
            batch = read_batch(resource_type=kind, condition=condition, after=after, locations=locations)
        if batch:
            yield batch
        if len(batch) < BATCH:
            return
        after = batch[-1].id


def _write_csv(resource: StoredResource) -> bytes:
    entry, document = make_entry(resource), orjson.loads(resource.document)
    active = "" if resource.resource_type == "Group" else str(entry.is_active).lower()
    times = [moment.isoformat(timespec="milliseconds") for moment in (entry.created_at, entry.modified_at)]
    held = [entry.name, entry.display, entry.email, active, str(document.get("externalId", ""))]
    return write_cells([str(entry.id), *held, *times])


def _write_json(resource: StoredResource, *, locations: Mapping[str, str]) -> bytes:
    whole: Any = make_whole(resource, locations)
    return orjson.dumps(whole)


HEAD: Final = write_cells(COLUMNS)


def _make_form(name: str, locations: Mapping[str, str]) -> FileForm[StoredResource]:
    """By its name. Raises KeyError."""
    return {
        "csv": FileForm(FORMS["csv"], _write_csv, head=HEAD),
        "json": FileForm(FORMS["json"], partial(_write_json, locations=locations), b"[\n", b",\n", b"\n]\n"),
    }[name]
