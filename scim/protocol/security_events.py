"""Claims of SCIM Events (RFC 9967), as a Security Event Token (RFC 8417) would hold them.

A step is told in full: by what the resource is now, or for a group by the members that came and went. Whoever was
activated or deactivated by it is told of in the same set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scim.protocol import urns

EVENT: Final = "urn:ietf:params:scim:event:prov"
CREATE, PUT, PATCH = f"{EVENT}:create:full", f"{EVENT}:put:full", f"{EVENT}:patch:full"
DELETE, ACTIVATE, DEACTIVATE = f"{EVENT}:delete", f"{EVENT}:activate", f"{EVENT}:deactivate"
CREATING: Final = frozenset({"created", "revived"})
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """The resource that a step was of; `path` is its address behind the base URL, as in /Groups/2819c223."""

    id: str
    path: str
    external_id: str | None


@dataclass(frozen=True)
class ResourceStep:
    """One version step. Documents are as a response shows them; `added` and `removed` are ids of a group's members."""

    kind: str
    version: int
    before: Document | None
    after: Document | None
    added: Sequence[str] = ()
    removed: Sequence[str] = ()


def identify_subject(subject: Subject) -> dict[str, Any]:
    """The claim `sub_id` (section 2.1)."""
    known = {"format": "scim", "uri": subject.path, "id": subject.id}
    return {**known, "externalId": subject.external_id} if subject.external_id else known


def describe_step(step: ResourceStep) -> dict[str, Any]:
    """The claim `events` (section 2.4), by URIs."""
    if step.after is None:
        return {DELETE: {}}
    version = f'W/"{step.version}"'
    events: dict[str, Any] = {}
    if step.kind in CREATING:
        events[CREATE] = {"version": version, "data": step.after}
    elif step.added or step.removed:
        events[PATCH] = {"version": version, "data": _describe_members(step)}
    if step.kind not in CREATING and (step.before != step.after or not events):
        events[PUT] = {"version": version, "data": step.after}
    return {**events, **_describe_activity(step)}


def _describe_members(step: ResourceStep) -> dict[str, Any]:
    """A PATCH that does to the members what the step did."""
    removals = [{"op": "remove", "path": f'members[value eq "{member}"]'} for member in step.removed]
    added = [{"value": member} for member in step.added]
    additions = [{"op": "add", "path": "members", "value": added}] if added else []
    return {"schemas": [urns.PATCH_OP], "Operations": [*removals, *additions]}


def _describe_activity(step: ResourceStep) -> dict[str, Any]:
    was, now = (document is not None and document.get("active") is not False for document in (step.before, step.after))
    if step.before is None or was == now:
        return {}
    return {ACTIVATE if now else DEACTIVATE: {}}
