"""From resources here to documents there: the mappings in force, references by their ids there, and the digest that
tells whether anything differs.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from scim.mapping.compiled import CompiledMapping
from scim.mapping.compiling import compile_mapping
from scim.mapping.defaults import make_default_rows
from scim.mapping.difference import diff_documents, hash_document
from scim.mapping.errors import ExpressionError
from scim.mapping.expressions import Expression, compile_expression
from scim.mapping.row_reading import read_rows
from scim.mapping.rows import MappingError
from scim.mapping.run import Surroundings
from scim.mapping.values import Kind
from scim.protocol.schemas.definitions import ResourceType, SchemaSet
from scim.queries import find_present_schemas
from scim.sync.decisions import Decision, Translation
from scim.sync.store.links import Link, read_remote_ids
from scim.sync.store.mappings import StoredMapping, read_mappings
from scim.sync.store.sources import Source, read_group_names

OUTSIDE: Final = "The scope does not take it in."


@dataclass(frozen=True)
class InForce:
    """The mapping of one type; `scope` decides who is carried over, None: everybody. `error`: it cannot be read."""

    mapping: CompiledMapping | None
    scope: Expression | None
    error: str = ""


@dataclass(frozen=True)
class Translator:
    """The mappings of one connector, by resource type."""

    connector_id: UUID
    in_force: Mapping[str, InForce]

    def translate_all(self, pairs: Sequence[tuple[Link, Source | None]]) -> Mapping[UUID, Translation]:
        """By resource. Call it within the open scope."""
        living = [source for _link, source in pairs if source is not None and not source.is_gone]
        groups = read_group_names(resource_ids=[source.id for source in living]) if self._asks_for_groups else {}
        known = read_remote_ids(connector_id=self.connector_id, resource_ids=_list_references(living))
        finders = {str(resource_id): remote_id for resource_id, remote_id in known.items()}
        return {
            link.resource_id: self._translate(
                link,
                source,
                Surroundings(groups=frozenset(groups.get(link.resource_id, ())), find_reference=finders.get),
            )
            for link, source in pairs
        }

    @property
    def _asks_for_groups(self) -> bool:
        rows = (row for found in self.in_force.values() if found.mapping for row in found.mapping.rows)
        texts = [row.row.source for row in rows] + [
            found.scope.source for found in self.in_force.values() if found.scope
        ]
        return any("memberOf" in text for text in texts)

    def _translate(self, link: Link, source: Source | None, surroundings: Surroundings) -> Translation:
        if source is None or source.is_gone:
            return Translation()
        found = self.in_force.get(source.resource_type)
        if found is None or found.mapping is None:
            return Translation(error=found.error if found else "", reason="Resources of this type have no mapping.")
        document = {**source.document, "id": str(source.id)}
        try:
            if found.scope is not None and found.scope.evaluate(document, surroundings) is not True:
                return Translation(reason=OUTSIDE)
        except ExpressionError as error:
            return Translation(document={}, error=f"scope: {error}")
        applied = dict(link.applied) if link.applied is not None else None
        made = found.mapping.map(document, applied=applied, chosen=link.chosen, surroundings=surroundings)
        if made.errors:
            first = made.errors[0]  # the others are told by the preview
            return Translation(document={}, error=f"row {first.row}, {first.target_path}: {first.told}")
        needs = frozenset(UUID(needed) for needed in made.needs if _is_id(needed))
        return Translation(made.document, hash_document(made.document), needs, link.chosen)

    def explain(self, link: Link, decision: Decision) -> Decision:
        """With its digest and what would change, for people; sensitive values are hidden."""
        if decision.document is None:
            return decision
        digest = decision.digest or hash_document(dict(decision.document))
        found = self.in_force.get(link.resource_type)
        if digest == link.applied_hash or found is None or found.mapping is None:
            return replace(decision, digest=digest)
        mapping = found.mapping
        before, after = dict(link.applied or {}), dict(decision.document)
        hidden = mapping.sensitive_paths
        found_changes = diff_documents(before, after, resource_type=mapping.target, sensitive=hidden)
        changes = [change.to_dict() for change in found_changes]
        return replace(decision, digest=digest, changes=changes)

    def match(self, resource_type: str, decision: Decision) -> list[tuple[str, str]]:
        """By what a resource is looked for over there, the best first."""
        found = self.in_force.get(resource_type)
        if found is None or found.mapping is None or decision.document is None:
            return []
        return found.mapping.match(dict(decision.document))


def load_translator(*, connector_id: UUID) -> Translator:
    """With the mappings in force, against the schemas as they are now. Call it within the open scope."""
    schemas = find_present_schemas()
    active = [found for found in read_mappings(connector_id=connector_id) if found.status == "active"]
    return Translator(connector_id, {found.resource_type: _compile(found, schemas) for found in active})


def make_plain_rows(resource_type: str) -> list[dict[str, Any]]:
    """What a connector begins with."""
    found = find_present_schemas().resource_type(resource_type)
    return [row.to_dict() for row in make_default_rows(found)] if found else []


def check_mapping(*, resource_type: str, rows: Any, scope: str) -> list[str]:
    """What is not understood, each in words."""
    found = find_present_schemas().resource_type(resource_type)
    if found is None:
        return [f"There are no resources of the type {resource_type}."]
    problems: list[str] = []
    try:
        compile_mapping(read_rows(rows), source=found, target=found)
    except MappingError as error:
        problems.extend(str(problem) for problem in error.problems)
    try:
        _compile_scope(scope, found)
    except ExpressionError as error:
        problems.append(f"scope: {error}")
    return problems


def _compile(stored: StoredMapping, schemas: SchemaSet) -> InForce:
    found = schemas.resource_type(stored.resource_type)
    if found is None:
        return InForce(None, None, f"There are no resources of the type {stored.resource_type} any more.")
    try:
        mapping = compile_mapping(read_rows(list(stored.rows)), source=found, target=found)
        return InForce(mapping, _compile_scope(stored.scope, found))
    except (MappingError, ExpressionError) as error:
        return InForce(None, None, str(error))


def _compile_scope(text: str, resource_type: ResourceType) -> Expression | None:
    if not text.strip():
        return None
    found = compile_expression(text, resource_type=resource_type)
    if found.kind not in {Kind.TRUTH, Kind.ANY}:
        raise ExpressionError(f"it gives {found.kind}, where true or false is expected", 0)
    return found


def _list_references(sources: Sequence[Source]) -> Collection[UUID]:
    """Whoever a document refers to by `value` of a single complex attribute, such as a manager."""
    found = set()
    for source in sources:
        for held in source.document.values():
            for inner in held.values() if isinstance(held, dict) else ():
                value = inner.get("value") if isinstance(inner, dict) else None
                if isinstance(value, str) and _is_id(value):
                    found.add(UUID(value))
    return found


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
