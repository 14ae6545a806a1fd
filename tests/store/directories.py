"""Directories drawn from a number: people and groups with values of every kind, in the store and as they are shown.

Values come from a small vocabulary, so that filters over the same one find something.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, Final
from uuid import UUID

import orjson

from labsninja.kernel.isolation import current_scope
from scim.protocol.attributes import Attribute, AttributeType
from scim.protocol.dialects.base import Reading
from scim.protocol.folding import fold_text
from scim.protocol.resource import Mode, canonicalize
from scim.protocol.schemas import GROUP
from scim.protocol.schemas.definitions import ResourceType
from scim.protocol.search_document import search_document
from scim.protocol.versions import format_etag
from scim.store.index import index_rows, insert_index_rows
from scim.store.members import list_members
from scim.store.pipeline import pipelined_scope
from tests.protocol.shapes import BADGED_USER
from tests.store.groups import LOCATIONS, add, list_groups_of

PEOPLE: Final = [UUID(int=number) for number in range(1, 41)]
GROUPS: Final = [UUID(int=number) for number in range(101, 116)]
IDS: Final = [str(found) for found in (*PEOPLE[:6], *GROUPS[:6])]
TEXTS: Final = [
    *("anna", "Anna", "ANNA", "ann", "a", "z", "work", "Work", "home", "\u00e5se", "\u00c5SE", "A\u030ase", "%", "_"),
    *("stra\u00dfe", "STRASSE", "\ufb01n", "FIN", "a b", "\u0130x", "\ufffd", "\U0001f600", '"', "\\", "'; --"),
    "long " * 250 + "end",
    "\U0001f600" * 500,
]
NUMBERS: Final[list[int | float]] = [0, 1, -1, 2, 10, 2**53, 2**53 + 1, 2**63 - 1, -(2**63)]
DECIMALS: Final[list[int | float]] = [*NUMBERS[:-2], 0.1, 1.5, -0.0, 1e15, 1234567890123456768.0, 9007199254740993.5]
TIMES: Final = [
    *("2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00", "2024-01-01T00:00:00.000001Z", "2024-01-01T00:00:00"),
    *("0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59.999999-10:00", "2026-05-01T12:00:00.250Z"),
]
MOMENTS: Final = [datetime(2026, 5, 1, 12, tzinfo=UTC), datetime(2026, 5, 1, 12, 0, 0, 250_999, tzinfo=UTC)]
VOCABULARY: Final[dict[AttributeType, list[Any]]] = {
    AttributeType.STRING: TEXTS,
    AttributeType.REFERENCE: [*TEXTS, LOCATIONS["User"] + IDS[0], LOCATIONS["Group"] + IDS[-1]],
    AttributeType.BINARY: ["aGk=", "AAAA", "aaaa"],
    AttributeType.BOOLEAN: [True, False],
    AttributeType.INTEGER: NUMBERS,
    AttributeType.DECIMAL: DECIMALS,
    AttributeType.DATE_TIME: TIMES,
}
INSERT = """
INSERT INTO scim_resource (tenant_id, id, resource_type, user_name, external_id, display_name, active, document,
                           search, version, created_at, modified_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s)
"""


@dataclass(frozen=True)
class Directory:
    """Its resources as a filter sees them, by type."""

    people: list[dict[str, Any]]
    groups: list[dict[str, Any]]

    def shown(self, resource_type: ResourceType) -> list[dict[str, Any]]:
        return self.groups if resource_type.name == "Group" else self.people


def make_directory(seed: int) -> Directory:
    """Store a directory in the bound tenant."""
    draw = Random(seed)
    with pipelined_scope():
        people = [_store(draw, BADGED_USER, person) for person in PEOPLE]
        groups = [_store(draw, GROUP, group) for group in GROUPS]
    with pipelined_scope():
        for number, group in enumerate(GROUPS):
            deeper = GROUPS[number + 1 :]
            members = draw.sample(PEOPLE, draw.choice([0, 1, 5])) + draw.sample(
                deeper, min(len(deeper), draw.choice([0, 2]))
            )
            add(group, *members, *draw.choices(["pending", str(PEOPLE[0])], k=draw.choice([0, 1])))
    with pipelined_scope():
        for shown in people:
            shown["groups"] = _groups_of(shown["id"]) or None
        for shown in groups:
            shown["members"] = _members_of(shown["id"]) or None
    return Directory(people, groups)


def make_resources(seed: int, resource_type: ResourceType) -> list[dict[str, Any]]:
    """Resources of one type alone, stored in the bound tenant, as a filter sees them."""
    draw = Random(seed)
    with pipelined_scope():
        return [_store(draw, resource_type, resource_id) for resource_id in PEOPLE]


def store_resource(
    resource_type: ResourceType, body: dict[str, Any], resource_id: UUID, *, at: datetime = MOMENTS[0], version: int = 1
) -> dict[str, Any]:
    """Store it, in the open scope, as services do; the canonical document."""
    document = canonicalize(resource_type, body, mode=Mode.CREATE, reading=Reading()).document
    user_name, display_name = document.get("userName"), document.get("displayName")
    columns = [
        user_name and fold_text(user_name),
        document.get("externalId"),
        display_name and fold_text(display_name),
        document.get("active"),
    ]
    texts = [orjson.dumps(document).decode(), orjson.dumps(search_document(resource_type, document)).decode()]
    row = [current_scope().tenant_id, resource_id, resource_type.name, *columns, *texts, version, at, at]
    current_scope().execute(INSERT, row)
    rows = index_rows(resource_type, document)
    insert_index_rows(resource_type=resource_type.name, resource_id=resource_id, rows=rows)
    return document


def _store(draw: Random, resource_type: ResourceType, resource_id: UUID) -> dict[str, Any]:
    at, version = draw.choice(MOMENTS), draw.choice([1, 2, 10])
    document = store_resource(
        resource_type, _draw_body(draw, resource_type, resource_id), resource_id, at=at, version=version
    )
    meta = {
        "resourceType": resource_type.name,
        "created": at.isoformat(timespec="milliseconds"),
        "lastModified": at.isoformat(timespec="milliseconds"),
        "location": LOCATIONS[resource_type.name] + str(resource_id),
        "version": format_etag(version),
    }
    return {**document, "id": str(resource_id), "meta": meta}


def _draw_body(draw: Random, resource_type: ResourceType, resource_id: UUID) -> dict[str, Any]:
    body: dict[str, Any] = {"urn:unknown:1.0:Bag": {"title": "anna"}}
    for path in resource_type.writable:
        if path.attribute.as_rows or (draw.random() < 0.5 and not path.attribute.required):
            continue
        holder = body.setdefault(path.schema, {}) if path.schema else body
        holder[path.attribute.name] = _draw_value(draw, path.attribute)
    # Unique among live people.
    if resource_type.name == "User":
        body["userName"] = f"{draw.choice(TEXTS[:20])}{resource_id.int % 100}"
    return body


def _draw_value(draw: Random, attribute: Attribute) -> Any:
    if attribute.multi_valued:
        return [_draw_one(draw, attribute) for _ in range(draw.choice([1, 1, 2, 3]))]
    return _draw_one(draw, attribute)


def _draw_one(draw: Random, attribute: Attribute) -> Any:
    if attribute.is_complex:
        parts = [part for part in attribute.sub_attributes if part.required or draw.random() < 0.7]
        return {part.name: _draw_value(draw, part) for part in parts}
    limit = 1000 if attribute.indexed else 100_000
    return draw.choice([value for value in VOCABULARY[attribute.type] if len(str(value)) < limit])


def _groups_of(resource_id: str) -> list[dict[str, Any]]:
    found = list_groups_of(UUID(resource_id))
    return [
        {"value": str(g.id), "$ref": LOCATIONS["Group"] + str(g.id), "type": g.type, "display": g.display}
        for g in found
    ]


def _members_of(group_id: str) -> list[dict[str, Any]]:
    found = list_members(group_id=UUID(group_id), limit=1000)
    return [
        {"value": str(m.id), "$ref": LOCATIONS[m.type] + str(m.id), "type": m.type, "display": m.display} for m in found
    ]
