"""Whether one event stands in the signed history of the bound tenant: its leaf, the tree above it, and the newest
checkpoint.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from audit.signing import list_keys
from audit.stored_tree import Head, NothingSealedError, find_head, open_tree
from audit.verify import fold_path, hash_leaf, read_checkpoint, read_key
from labsninja.kernel.isolation import tenant_scope

# By the unique constraint (tenant_id, event_id).
LEAF = "SELECT leaf_index FROM audit_leaf WHERE tenant_id = %s AND event_id = %s"


class Standing(StrEnum):
    """Waiting for its leaf or its checkpoint, proved, or not what was sealed."""

    WAITING = "waiting"
    PROVED = "proved"
    BROKEN = "broken"


@dataclass(frozen=True)
class Proved:
    """What was found, and a sentence for a person; `leaf` counts from 1, None before the event has one."""

    standing: Standing
    told: str
    leaf: int | None = None


def prove_standing(*, event_id: UUID, canonical: str) -> Proved:
    """Reckon the root from the event's text and compare it with what was signed."""
    with tenant_scope() as scope:
        found = scope.execute(LEAF, [scope.tenant_id, event_id]).fetchone()
    if found is None:
        return _wait("that takes some seconds while the ledger runs")
    try:
        head = find_head()
    except NothingSealedError:
        return _wait("there is no checkpoint")
    if found[0] >= head.size:
        return _wait("the next checkpoint will hold it")
    return _compare(canonical, found[0], head)


def _wait(reason: str) -> Proved:
    return Proved(Standing.WAITING, f"Recorded and not sealed yet: {reason}.")


def _compare(canonical: str, index: int, head: Head) -> Proved:
    """The tree with this very text at its leaf has the root that was signed, or it has not."""
    place = f"leaf {index + 1} of {head.size}"
    try:
        checkpoint = read_checkpoint(head.note, [read_key(key.text) for key in list_keys()])
        with tenant_scope():
            path = open_tree().prove_inclusion(index, head.size)
        root = fold_path(hash_leaf(canonical.encode()), index, head.size, path)[1]
    except ValueError as error:
        told = f"NOT PROVED: the newest checkpoint or its tree does not hold: {error}."
        return Proved(Standing.BROKEN, told, index + 1)
    if (checkpoint.size, checkpoint.root) != (head.size, root):
        told = f"NOT PROVED: with this text as {place} the tree has another root than signed."
        return Proved(Standing.BROKEN, told, index + 1)
    told = f"Proved: this text is {place}, under the root that the newest checkpoint signs as {checkpoint.origin}."
    trust = "Trust the key by what was published outside this database."
    return Proved(Standing.PROVED, f"{told} {trust}", index + 1)
