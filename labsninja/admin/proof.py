"""Whether one event stands in the signed history, in words: its leaf, the tree above it, and the newest checkpoint."""

from datetime import datetime
from uuid import UUID

from audit.bundle import NothingSealedError, find_part, open_tree
from audit.signing import list_keys
from audit.verify import BLOCK, fold_blocks, hash_all, hash_leaf, read_checkpoint, read_key
from labsninja.kernel.isolation import tenant_context, tenant_scope

# By the unique constraint (tenant_id, event_id).
LEAF = "SELECT leaf_index, event_at FROM audit_leaf WHERE tenant_id = %s AND event_id = %s"


def tell_proof(*, tenant_id: UUID, event_id: UUID, at: datetime, canonical: str) -> str:
    """A sentence for a person: proved, not sealed yet, or what does not fit. Call it inside cross_tenant."""
    with tenant_context(tenant_id):
        with tenant_scope() as scope:
            leaf = scope.execute(LEAF, [tenant_id, event_id]).fetchone()
        if leaf is None:
            return "Recorded and not sealed yet: that takes some seconds while the ledger runs."
        try:
            head = find_part(since=at, until=at)
        except NothingSealedError:
            return "Recorded and not sealed yet: there is no checkpoint."
        index, size = leaf[0], head.size
        if index >= size:
            return "Recorded and not sealed yet: the next checkpoint will hold it."
        return _compare(canonical, index, size, head.note)


def _compare(canonical: str, index: int, size: int, note: str) -> str:
    """The bound tenant's tree with this very text at its leaf has the root that was signed, or it has not."""
    try:
        checkpoint = read_checkpoint(note, [read_key(key.text) for key in list_keys()])
    except ValueError as error:
        return f"NOT PROVED: the newest checkpoint does not hold: {error}."
    if (checkpoint.size, checkpoint.root) != (size, _compute_root(canonical, index, size)):
        return f"NOT PROVED: with this text as leaf {index + 1} the tree of {size} events has another root than signed."
    return (
        f"Proved: this text is leaf {index + 1} of {size}, under the root that the newest checkpoint signs as"
        f" {checkpoint.origin}. Trust the key by what was published outside this database."
    )


def _compute_root(canonical: str, index: int, size: int) -> bytes:
    """Of a tree of `size`, from the block around the leaf and what lies beside it."""
    number = index // BLOCK
    low, high = number * BLOCK, min((number + 1) * BLOCK, size)
    with tenant_scope():
        tree = open_tree()
        leaves = list(tree.load(0, low, high))
        leaves[index - low] = hash_leaf(canonical.encode())
        beside = iter(tree.prove_range(index, index + 1, size))
        return fold_blocks(0, size, {number: hash_all(leaves)}, range(number, number + 1), beside)
