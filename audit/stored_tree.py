"""The stored Merkle tree of the bound tenant, and the newest checkpoint that was signed of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit.merkle import Tree
from labsninja.kernel.isolation import tenant_scope

# All by their primary keys: (tenant_id, size), (tenant_id, leaf_index), (tenant_id, level, number).
HEAD = "SELECT size, note FROM audit_checkpoint WHERE tenant_id = %s ORDER BY size DESC LIMIT 1"
LEAVES = """
SELECT hash FROM audit_leaf WHERE tenant_id = %s AND leaf_index >= %s AND leaf_index < %s ORDER BY leaf_index
"""
SUBTREES = """
SELECT hash FROM audit_subtree WHERE tenant_id = %s AND level = %s AND number >= %s AND number < %s ORDER BY number
"""


class NothingSealedError(Exception):
    """The tenant has no checkpoint yet: there is nothing that could be proved."""


@dataclass(frozen=True)
class Head:
    """A signed tree: how many leaves, and the note that says so."""

    size: int
    note: str


def find_head() -> Head:
    """The newest checkpoint. Raises NothingSealedError."""
    with tenant_scope() as scope:
        found = scope.execute(HEAD, [scope.tenant_id]).fetchone()
    if found is None:
        raise NothingSealedError("nothing is sealed yet: is the ledger running?")
    return Head(*found)


def open_tree() -> Tree:
    """The bound tenant's tree; every hash it reads costs a scope unless one is open."""
    return Tree(_load)


def _load(level: int, first: int, end: int) -> Sequence[bytes]:
    with tenant_scope() as scope:
        values = [scope.tenant_id, *([level] if level else []), first, end]
        return [bytes(row[0]) for row in scope.execute(SUBTREES if level else LEAVES, values).fetchall()]
