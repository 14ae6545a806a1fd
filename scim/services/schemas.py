"""Defining and removing schemas and resource types of the bound tenant, while its resources are there.

One transaction: writers of the tenant wait, what stands in the way is counted, and what is searched in is written
anew. Documents themselves never change by a definition. Indexes are only planned here (`scim.services.index_builds`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import tenant_scope
from scim.protocol.attributes import Attribute, Uniqueness
from scim.protocol.filter.evaluate import values_at
from scim.protocol.folding import is_same_name
from scim.protocol.json_input import JsonObject
from scim.protocol.schemas.definitions import ResourceType, SchemaDefinitionError, SchemaSet
from scim.protocol.schemas.obstacles import find_obstacles
from scim.protocol.schemas.reading import read_schema, read_type_definition
from scim.protocol.schemas.representation import schema_definition
from scim.protocol.schemas.tenant import Definitions
from scim.services.index_builds import find_changed_indexes, plan_indexes
from scim.store.attribute_indexes import IndexKey
from scim.store.counters import live_total
from scim.store.reshaping import reshape_resource, walk_documents
from scim.store.schemas import (
    SCHEMAS,
    TYPES,
    exclude_writers,
    keep_definitions,
    load_definitions,
    save_definition,
)
from tenants.models import Role
from tenants.services.roles import check_role

MOST_TOLD = 10


class SchemaInUseError(Exception):
    """Stored resources stand in the way: `count` of them, `reasons` with how many each, and the ones `listed` most."""

    def __init__(self, resource_type: str, count: int, reasons: Counter[str]) -> None:
        self.count, self.reasons, self.listed = count, reasons, reasons.most_common(MOST_TOLD)
        told = "; ".join(f"{reason} ({number})" for reason, number in self.listed)
        super().__init__(f"{count} resources of type {resource_type} stand in the way: {told}")


def define_schemas(
    *, definitions: Sequence[Any], origin: Origin, extends: Sequence[str] = (), required: bool = False
) -> SchemaSet:
    """Schema and ResourceType resources as JSON, all or none; schemas also become extensions of the types in `extends`.

    Raises SchemaDefinitionError, SchemaInUseError, RoleRefusedError.
    """
    with _open_change(origin) as (revision, before):
        after, stored = before, []
        for one in definitions:
            after, kept = _take(after, one, extends, required=required)
            stored += kept
        return _put_in_force(before, after, revision, stored, origin)


def define_schema(
    *, definition: JsonObject, uses: Mapping[str, bool], origin: Origin, is_new: bool = False
) -> SchemaSet:
    """A Schema resource as JSON, which extends the types in `uses` and no others: each with whether its resources have
    to carry it. With `is_new` there may be none of its URN. Raises SchemaDefinitionError, SchemaInUseError,
    RoleRefusedError.
    """
    with _open_change(origin) as (revision, before):
        after, stored = _take(before, definition, (), required=False)
        urn = stored[0][1]
        if is_new and any(is_same_name(known.id, urn) for known in before.schemas):
            raise SchemaDefinitionError(f"{urn} is defined already", member="id")
        return _put_in_force(before, after.with_uses(urn, uses), revision, stored, origin)


def remove_definition(*, name: str, origin: Origin) -> SchemaSet:
    """A resource type by its name, or a schema by its URN. Raises SchemaDefinitionError, SchemaInUseError,
    RoleRefusedError.
    """
    with _open_change(origin) as (revision, before):
        after = before.without(name)
        changed = _change(before, after, revision, origin)
        record_event(event=Event(Action.SCHEMA_REMOVED, Target("Definition", name, name)), origin=origin)
        _finish(before, after, origin)
    return changed


@contextmanager
def _open_change(origin: Origin) -> Iterator[tuple[int, Definitions]]:
    """The one transaction: who may is in it, and writers are not. Gives the definitions and their revision."""
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        exclude_writers()
        revision, before, _states = load_definitions()
        yield revision, before


def _put_in_force(
    before: Definitions,
    after: Definitions,
    revision: int,
    stored: Sequence[tuple[str, str, JsonObject]],
    origin: Origin,
) -> SchemaSet:
    changed = _change(before, after, revision, origin)
    for table, name, definition in stored:
        kind = "ResourceType"
        if table == SCHEMAS:
            kind = "Schema"
            save_definition(table=table, name=name, definition=definition, at=origin.at)
        event = Event(Action.SCHEMA_DEFINED, Target(kind, name, name), details={"definition": definition})
        record_event(event=event, origin=origin)
    _finish(before, after, origin)
    return changed


def _take(
    definitions: Definitions, one: Any, extends: Sequence[str], *, required: bool
) -> tuple[Definitions, list[tuple[str, str, JsonObject]]]:
    if isinstance(one, dict) and "endpoint" in one:
        wanted = read_type_definition(one)
        return definitions.with_type(wanted), [(TYPES, wanted.name, wanted.as_json)]
    definition = schema_definition(read_schema(one))
    schema = read_schema(definition)
    after = definitions.with_schema(schema)
    for name in extends:
        after = after.with_extension(name, schema.id, required=required)
    return after, [(SCHEMAS, schema.id, definition)]


def _change(before: Definitions, after: Definitions, revision: int, origin: Origin) -> SchemaSet:
    """Look at every resource that the change concerns, then reshape it. Raises what find_obstacles finds."""
    old, new = before.build(revision=revision), after.build(revision=revision + 1)
    changed = find_changed_indexes(before=old, after=new)
    filled: set[IndexKey] = set()
    for known in old.resource_types:
        successor = new.resource_type(known.name)
        if successor is None or (successor.endpoint, successor.schema.id) != (known.endpoint, known.schema.id):
            _refuse_if_used(known)
        elif _shape(successor) != _shape(known):
            filled |= _reshape(known, successor, {path for name, path in changed if name == successor.name})
    plan_indexes(before=old, after=new, filled=filled, origin=origin)
    return new


def _refuse_if_used(resource_type: ResourceType) -> None:
    total = live_total(resource_type=resource_type.name).read()
    if total:
        raise SchemaInUseError(resource_type.name, total, Counter({"they would lose their type": total}))


def _reshape(before: ResourceType, after: ResourceType, indexes: AbstractSet[str]) -> set[IndexKey]:
    """Gives which of the indexes have something to be built from."""
    urns = _touched_extensions(before, after)
    # Indexes alone bound texts and ask for nothing else: what is short need not be looked at to be known to fit.
    is_long = _without_indexes(before) == _without_indexes(after)
    reasons: Counter[str] = Counter()
    open_paths = {path.text: path for path in after.paths if path.text in indexes}
    filled: set[IndexKey] = set()
    count = 0
    for _resource_id, document in walk_documents(resource_type=after.name, urns=urns, is_long=is_long):
        found = find_obstacles(before, after, document)
        count += bool(found)
        reasons.update(found)
        for text in [text for text, path in open_paths.items() if any(True for _ in values_at(path, document))]:
            filled.add((after.name, text))
            del open_paths[text]
    if count:
        raise SchemaInUseError(after.name, count, reasons)
    if _searched_shape(before) != _searched_shape(after):
        for resource_id, document in walk_documents(resource_type=after.name, urns=urns):
            reshape_resource(resource_id=resource_id, document=document, before=before, after=after)
    return {(after.name, path) for path in indexes} if is_long else filled


def _touched_extensions(before: ResourceType, after: ResourceType) -> list[str] | None:
    """Folded URNs of the extensions that differ; None when any resource may be concerned."""
    sides = [{extension.schema.id: extension for extension in one.extensions} for one in (before, after)]
    differing = [urn for urn in {**sides[0], **sides[1]} if sides[0].get(urn) != sides[1].get(urn)]
    is_wider = any(sides[1][urn].required for urn in differing if urn in sides[1])
    if is_wider or before.schema != after.schema:
        return None
    return [urn.lower() for urn in differing]


def _without_indexes(resource_type: ResourceType) -> tuple[Any, ...]:
    """The shape as it would be if nothing were indexed or unique."""
    held = ((schema.id, schema.attributes) for schema in resource_type.all_schemas)
    required = tuple(extension.required for extension in resource_type.extensions)
    return required, tuple((urn, tuple(_without_index(one) for one in attributes)) for urn, attributes in held)


def _without_index(attribute: Attribute) -> Attribute:
    parts = tuple(_without_index(part) for part in attribute.sub_attributes)
    return replace(attribute, indexed=False, uniqueness=Uniqueness.NONE, sub_attributes=parts)


def _searched_shape(resource_type: ResourceType) -> Mapping[str, Any]:
    """What search documents and look-up columns are made by."""
    return {path.text: _searched_form(path.leaf) if path.schema else path for path in resource_type.paths}


def _searched_form(attribute: Attribute) -> tuple[Any, ...]:
    is_left_out = attribute.is_secret or attribute.is_read_only
    return attribute.type, attribute.compares_exactly, attribute.multi_valued, is_left_out


def _shape(resource_type: ResourceType) -> tuple[Any, ...]:
    return resource_type.schema, resource_type.extensions


def _finish(before: Definitions, after: Definitions, origin: Origin) -> None:
    """Store the types that changed, named or not, drop what went, and raise the revision."""
    for known in after.types:
        if known not in before.types:
            save_definition(table=TYPES, name=known.name, definition=known.as_json, at=origin.at)
    keep_definitions(after)
