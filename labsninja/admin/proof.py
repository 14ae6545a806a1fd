"""Whether one event stands in the signed history, in words: its leaf, the tree above it, and the newest checkpoint."""

from uuid import UUID

from audit.signing import list_keys
from audit.stored_tree import NothingSealedError, find_head, open_tree
from audit.verify import fold_path, hash_leaf, read_checkpoint, read_key
from labsninja.kernel.isolation import tenant_context, tenant_scope

# By the unique constraint (tenant_id, event_id).
LEAF = "SELECT leaf_index FROM audit_leaf WHERE tenant_id = %s AND event_id = %s"


def tell_proof(*, tenant_id: UUID, event_id: UUID, canonical: str) -> str:
    """A sentence for a person: proved, not sealed yet, or what does not fit. Call it inside cross_tenant."""
    with tenant_context(tenant_id):
        with tenant_scope() as scope:
            leaf = scope.execute(LEAF, [tenant_id, event_id]).fetchone()
        if leaf is None:
            return "Recorded and not sealed yet: that takes some seconds while the ledger runs."
        try:
            head = find_head()
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
        root = _compute_root(canonical, index, size)
    except ValueError as error:
        return f"NOT PROVED: the newest checkpoint or its tree does not hold: {error}."
    if (checkpoint.size, checkpoint.root) != (size, root):
        return f"NOT PROVED: with this text as leaf {index + 1} the tree of {size} events has another root than signed."
    return (
        f"Proved: this text is leaf {index + 1} of {size}, under the root that the newest checkpoint signs as"
        f" {checkpoint.origin}. Trust the key by what was published outside this database."
    )


def _compute_root(canonical: str, index: int, size: int) -> bytes:
    """To which the path from this text leads. Raises ValueError for a path that fits no tree of this size."""
    with tenant_scope():
        path = open_tree().prove_inclusion(index, size)
    return fold_path(hash_leaf(canonical.encode()), index, size, path)[1]
