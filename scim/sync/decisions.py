"""What is to be done about one resource over there: decided from what it is here, what its mapping makes of it, and
what was last written. Pure, so that a dry run, a plan and a worker decide alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from scim.sync.store.links import Link
from scim.sync.store.sources import Source


class Act(StrEnum):
    """What is to be done. NOTHING is of what stands there already as it is to be."""

    NOTHING = "nothing"
    CREATE = "create"
    UPDATE = "update"
    DEACTIVATE = "deactivate"
    DELETE = "delete"
    SKIP = "skip"
    FAIL = "fail"


WRITES = frozenset({Act.CREATE, Act.UPDATE, Act.DEACTIVATE, Act.DELETE})
LEAVES = frozenset({Act.DEACTIVATE, Act.DELETE})


@dataclass(frozen=True)
class Translation:
    """What a mapping makes of a source. `document` is None outside its scope; `needs` are resources that it refers to
    and that are not known over there yet; `error` names the row and column that fail.
    """

    document: Mapping[str, Any] | None = None
    digest: bytes = b""
    needs: frozenset[UUID] = frozenset()
    chosen: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Decision:
    """`document` is what is to stand there afterwards; `changes` are mappings of path, before and after."""

    act: Act
    reason: str = ""
    document: Mapping[str, Any] | None = None
    digest: bytes = b""
    changes: Sequence[Mapping[str, Any]] = ()
    needs: frozenset[UUID] = frozenset()
    chosen: Mapping[str, Any] = field(default_factory=dict)


def decide_act(*, source: Source | None, link: Link, made: Translation, deletes: bool) -> Decision:
    """`made` is of the source; `deletes` whether who leaves is deleted there, and not merely deactivated."""
    if source is not None and source.is_held:
        return Decision(Act.SKIP, "Held back: an operator decides first.")
    if source is None or source.is_gone or made.document is None:
        return _decide_leaving(source, link, made, deletes=deletes)
    if made.error:
        return Decision(Act.FAIL, made.error)
    known: dict[str, Any] = {
        "document": made.document,
        "digest": made.digest,
        "needs": made.needs,
        "chosen": made.chosen,
    }
    if link.remote_id is None:
        return Decision(Act.CREATE, **known)
    if made.digest == link.applied_hash:
        return Decision(Act.NOTHING, **known)
    was_active = (link.applied or {}).get("active") is not False
    leaves = was_active and made.document.get("active") is False
    return Decision(Act.DEACTIVATE if leaves else Act.UPDATE, **known)


def _decide_leaving(source: Source | None, link: Link, made: Translation, *, deletes: bool) -> Decision:
    is_gone = source is None or source.is_gone
    reason = "Deleted here." if is_gone else made.reason or "Not in scope."
    if link.remote_id is None:
        return Decision(Act.SKIP, reason)
    if not link.is_ours:
        return Decision(Act.SKIP, f"{reason} It was there before and is left alone.")
    if deletes or link.resource_type != "User":
        return Decision(Act.DELETE, reason)
    applied = link.applied or {}
    if applied.get("active") is False:
        return Decision(Act.SKIP, f"{reason} It is not active there any more.")
    return Decision(Act.DEACTIVATE, reason, {**applied, "active": False})
