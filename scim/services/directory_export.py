"""Users or groups as a file: what a list of the console is narrowed to, as CSV or JSON, streamed in batches.

The event that an export began is there before its first byte. Cells of CSV never begin as formulas do.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from audit.actions import Action
from audit.actors import Origin
from audit.export.spreadsheets import guard_cell
from audit.services import Event, Target, record_event
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


@dataclass(frozen=True)
class Form:
    """How a file is written: its media type, what stands around and between rows, and one row."""

    media_type: str
    head: bytes
    between: bytes
    end: bytes
    write: Callable[[StoredResource, Mapping[str, str]], bytes]


def export_directory(
    *, type_name: str, wanted: DirectoryQuery, form: str, locations: Mapping[str, str], origin: Origin
) -> Iterator[bytes]:
    """The file of a form of FORMS, in the order of ids; the bound tenant's also when it is read later.

    Raises RoleRefusedError, ScimError 400 invalidFilter, KeyError for a form that there is not; all of it at once.
    """
    kind, made = find_type(name=type_name), FORMS[form]
    condition = make_list_query(kind, wanted).filter
    details = {"form": form, "text": wanted.text, "state": wanted.state, "filter": wanted.condition}
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        target = Target("directory", kind.endpoint, f"{kind.endpoint.strip('/').lower()} as {form.upper()}")
        record_event(event=Event(Action.DIRECTORY_EXPORTED, target, details=details), origin=origin)
    return _write(made, _walk(current_tenant(), kind, condition, locations), locations)


def _write(form: Form, batches: Iterator[Sequence[StoredResource]], locations: Mapping[str, str]) -> Iterator[bytes]:
    yield form.head
    between = b""
    for batch in batches:
        rows = [form.write(resource, locations) for resource in batch]
        yield between + form.between.join(rows)
        between = form.between
    yield form.end


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


def _write_cells(cells: Sequence[str]) -> bytes:
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([guard_cell(cell) for cell in cells])
    return file.getvalue().encode("utf-8", "replace")


def _write_csv(resource: StoredResource, _locations: Mapping[str, str]) -> bytes:
    entry, document = make_entry(resource), orjson.loads(resource.document)
    active = "" if resource.resource_type == "Group" else str(entry.is_active).lower()
    times = [moment.isoformat(timespec="milliseconds") for moment in (entry.created_at, entry.modified_at)]
    held = [entry.name, entry.display, entry.email, active, str(document.get("externalId", ""))]
    return _write_cells([str(entry.id), *held, *times])


def _write_json(resource: StoredResource, locations: Mapping[str, str]) -> bytes:
    whole: Any = make_whole(resource, locations)
    return orjson.dumps(whole)


FORMS: Final[Mapping[str, Form]] = {
    "csv": Form("text/csv; charset=utf-8", _write_cells(COLUMNS), b"", b"", _write_csv),
    "json": Form("application/json", b"[\n", b",\n", b"\n]\n", _write_json),
}
