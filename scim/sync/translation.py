"""From resources here to documents there: the mappings in force, references by their ids there, and the digest that
tells whether anything differs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from audit.canonical import write_canonical
from scim.protocol import urns
from scim.sync.decisions import Decision, Translation
from scim.sync.difference import compare_documents
from scim.sync.store.links import Link, read_remote_ids
from scim.sync.store.sources import Source

DIGEST_BYTES: Final = 16
MATCHED_BY: Final[Mapping[str, Sequence[str]]] = {"User": ("userName", "externalId"), "Group": ("displayName",)}


def digest_document(document: Mapping[str, Any]) -> bytes:
    """The same for equal documents in every process and version."""
    return blake2b(write_canonical(dict(document)).encode(), digest_size=DIGEST_BYTES).digest()


@dataclass(frozen=True)
class Translator:
    """The mappings of one connector."""

    connector_id: UUID

    def translate_all(self, pairs: Sequence[tuple[Link, Source | None]]) -> Mapping[UUID, Translation]:
        """By resource. Call it within the open scope."""
        managers = {link.resource_id: _manager(source) for link, source in pairs if source and not source.is_gone}
        wanted = {found for found in managers.values() if found}
        known = read_remote_ids(connector_id=self.connector_id, resource_ids=wanted) if wanted else {}
        return {
            link.resource_id: self._translate(source, managers.get(link.resource_id), known) for link, source in pairs
        }

    def _translate(self, source: Source | None, manager: UUID | None, known: Mapping[UUID, str]) -> Translation:
        if source is None or source.is_gone:
            return Translation()
        document = dict(source.document)
        if manager:
            document = _point(document, known.get(manager))
        needs = frozenset({manager} - known.keys()) if manager else frozenset[UUID]()
        return Translation(document, digest_document(document), needs)

    def explain(self, link: Link, decision: Decision) -> Decision:
        """With its digest and what would change, for people."""
        if decision.document is None:
            return decision
        digest = decision.digest or digest_document(decision.document)
        if digest == link.applied_hash:
            return decision
        changes = compare_documents(before=link.applied or {}, after=decision.document)
        return replace(decision, digest=digest, changes=changes)

    def match(self, resource_type: str, decision: Decision) -> list[tuple[str, str]]:
        """By what a resource is looked for over there, the best first."""
        document = decision.document or {}
        named = ((name, document.get(name)) for name in MATCHED_BY.get(resource_type, ()))
        return [(name, str(value)) for name, value in named if value]


def load_translator(*, connector_id: UUID) -> Translator:
    """With the mappings in force. Call it within the open scope."""
    return Translator(connector_id)


def make_default_rows(_resource_type: str) -> list[dict[str, Any]]:
    """What a connector begins with."""
    return []


def check_mapping(*, resource_type: str, rows: Sequence[Mapping[str, Any]], scope: str) -> list[str]:
    """What is not understood, each in words."""
    return []


def _manager(source: Source) -> UUID | None:
    extension = source.document.get(urns.ENTERPRISE_USER)
    value = ((extension or {}).get("manager") or {}).get("value")
    try:
        return UUID(value) if value else None
    except ValueError:
        return None


def _point(document: dict[str, Any], remote_id: str | None) -> dict[str, Any]:
    """With the manager's id over there, or without a manager who is not known there yet."""
    extension = dict(document[urns.ENTERPRISE_USER])
    extension.pop("manager")
    if remote_id is not None:
        extension["manager"] = {"value": remote_id}
    return {**document, urns.ENTERPRISE_USER: extension}
