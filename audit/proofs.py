"""Proofs of single facts, in the form that audit.verify reads: that an event stands in the signed history, and that a
later history begins with an earlier one. A few hundred bytes each, whatever the size. Call it inside cross_tenant: a
proof is signed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from audit.actions import Action
from audit.actors import Origin
from audit.bundle import encode_hash, write_event
from audit.models import AuditEvent
from audit.personal import open_events
from audit.services import Event, Target, record_event
from audit.signing import find_signer, list_keys
from audit.stored_tree import find_head, open_tree
from audit.verify import CONSISTENCY, INCLUSION, encode
from labsninja.kernel.isolation import tenant_scope

# Unique constraint (tenant_id, event_id), then the primary key of the event's partition.
LEAF = """
SELECT l.leaf_index, e.target_id, e.canonical, e.personal FROM audit_leaf l
LEFT JOIN audit_event e ON e.tenant_id = l.tenant_id AND e.at = l.event_at AND e.id = l.event_id
WHERE l.tenant_id = %s AND l.event_id = %s
"""
NOTE = "SELECT note FROM audit_checkpoint WHERE tenant_id = %s AND size = %s"
# Both by the primary key (tenant_id, size).
NEIGHBORS = """
SELECT (SELECT max(size) FROM audit_checkpoint WHERE tenant_id = %(tenant)s AND size < %(size)s),
       (SELECT min(size) FROM audit_checkpoint WHERE tenant_id = %(tenant)s AND size > %(size)s)
"""


class ProofError(Exception):
    """What was asked for cannot be proved, and why."""


@dataclass(frozen=True)
class Proof:
    """A proof as a file holds it, and what it is about."""

    content: bytes
    about: str


def prove_event(*, event_id: UUID, origin: Origin, personal: bool = True) -> Proof:
    """That an event of the bound tenant stands in the tree of the newest checkpoint; its personal values go along
    where they open. The proof itself is an event. Raises ProofError, NothingSealedError.
    """
    head = find_head()
    with tenant_scope() as scope:
        found = scope.execute(LEAF, [scope.tenant_id, event_id]).fetchone()
        if found is None:
            raise ProofError(f"the history has no sealed event {event_id}")
        index, target_id, canonical, sealed = found
        if canonical is None:
            raise ProofError(f"of event {event_id} retention has left the hash alone")
        event = AuditEvent(id=event_id, target_id=target_id, canonical=canonical, personal=sealed)
        if personal:
            open_events([event])
        path = open_tree().prove_inclusion(index, head.size)
    told = {"proof": INCLUSION, "checkpoint": head.note, "leaf": index, "path": [*map(encode_hash, path)]}
    return _finish(told, write_event(event), f"event {event_id} is leaf {index} of {head.size}", origin)


def prove_growth(*, earlier: int, later: int | None, origin: Origin) -> Proof:
    """That the tree of one checkpoint of the bound tenant begins with that of another, told by their sizes; `later` is
    the newest where it is None. The proof itself is an event. Raises ProofError, NothingSealedError.
    """
    size = find_head().size if later is None else later
    notes = [_find_note(earlier), _find_note(size)]
    if earlier >= size:
        raise ProofError(f"{earlier} events are no earlier history than {size}")
    with tenant_scope():
        path = open_tree().prove_consistency(earlier, size)
    told = {"proof": CONSISTENCY, "earlier": notes[0], "checkpoint": notes[1], "path": [*map(encode_hash, path)]}
    return _finish(told, [], f"the history of {size} events begins with the one of {earlier}", origin)


def _find_note(size: int) -> str:
    with tenant_scope() as scope:
        found = scope.execute(NOTE, [scope.tenant_id, size]).fetchone()
        around = None if found else scope.execute(NEIGHBORS, {"tenant": scope.tenant_id, "size": size}).fetchone()
    if around is not None:
        sizes = " and ".join(str(near) for near in around if near is not None)
        raise ProofError(f"no checkpoint has {size} events" + (f"; those next to it have {sizes}" if sizes else ""))
    return str(found[0])


def _finish(told: Mapping[str, Any], lines: Iterable[bytes], about: str, origin: Origin) -> Proof:
    """The file with its trailer, and the event of it."""
    signer = find_signer(origin=origin)
    content = b"".join([encode({**told, "keys": [key.text for key in list_keys()]}), *lines])
    digest = sha256(content).hexdigest()
    event = Event(Action.PROOF_EXPORTED, Target("Proof", digest, about), details={"sha256": digest})
    with tenant_scope():
        record_event(event=event, origin=origin)
    return Proof(content + encode({"note": signer.sign(f"{told['proof']}\n{digest}\n")}), about)
