"""Checking the bound tenant's history where it is kept, a bounded number of events at once: every text against its
leaf, every leaf against the tree, and the tree against what was signed. Whoever does not trust this server checks a
bundle with audit.verify instead.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from audit.bundle import EVENTS, find_block_root, find_part
from audit.signing import list_keys
from audit.stored_tree import open_tree
from audit.verify import BLOCK, Checkpoint, fold_blocks, hash_all, hash_leaf, read_checkpoint, read_key
from labsninja.kernel.isolation import tenant_scope

BLOCKS_AT_ONCE: Final = 40  # some ten thousand events: well under a second
# By the primary key (tenant_id, size).
NOTE: Final = "SELECT note FROM audit_checkpoint WHERE tenant_id = %s AND size = %s"


class BrokenHistoryError(Exception):
    """What does not hold, and where."""


@dataclass(frozen=True)
class Check:
    """Leaves from `first` to before `end` in the tree of `size`; blocks before `block` have been checked. `dropped` are
    leaves of which retention left the hash alone.
    """

    first: int
    end: int
    size: int
    block: int
    dropped: int = 0

    @property
    def total(self) -> int:
        return self.end - self.first

    @property
    def checked(self) -> int:
        return max(min(self.block * BLOCK, self.end) - self.first, 0)

    @property
    def is_done(self) -> bool:
        return self.block * BLOCK >= self.end


def begin_check(*, since: datetime | None = None, until: datetime | None = None) -> Check:
    """Of what is sealed of a time, or of everything. Raises NothingSealedError."""
    part = find_part(since=since, until=until)
    return Check(part.first, part.end, part.size, part.first // BLOCK)


def check_some(*, check: Check) -> Check:
    """Go on for a while; the last step compares the tree with its checkpoint. Raises BrokenHistoryError."""
    until = min(check.block + BLOCKS_AT_ONCE, -(-check.end // BLOCK))
    dropped = sum(_check_block(check, number) for number in range(check.block, until))
    reached = replace(check, block=max(until, check.block), dropped=check.dropped + dropped)
    if reached.is_done:
        _check_tree(reached)
    return reached


def _check_block(check: Check, number: int) -> int:
    """Gives how many of its events are gone."""
    low, high, dropped = number * BLOCK, min((number + 1) * BLOCK, check.size), 0
    with tenant_scope() as scope:
        rows = scope.execute(EVENTS, [scope.tenant_id, low, high]).fetchall()
        stored = open_tree().load(1, number, number + 1) if high - low == BLOCK else []
    hashes = [bytes(row[0]) for row in rows]
    if len(hashes) != high - low or (stored and stored[0] != hash_all(hashes)):
        raise BrokenHistoryError(f"Leaves {low + 1} to {high} are not those that were sealed.")
    for index, (_, _, _, canonical, _) in enumerate(rows, low):
        if canonical is not None and hash_leaf(canonical.encode()) != hashes[index - low]:
            raise BrokenHistoryError(f"The event at leaf {index + 1} is not the one that was sealed.")
        dropped += canonical is None and check.first <= index < check.end
    return dropped


def _check_tree(check: Check) -> None:
    with tenant_scope() as scope:
        note = scope.execute(NOTE, [scope.tenant_id, check.size]).fetchone()
        tree = open_tree()
        held = range(check.first // BLOCK, -(-check.end // BLOCK) if check.total else check.first // BLOCK)
        blocks = {number: find_block_root(tree, number, check.size) for number in held}
        rest = iter(tree.prove_range(check.first, check.end, check.size))
        root = fold_blocks(0, check.size, blocks, held, rest) if check.size else hash_all([])
    try:
        signed = read_checkpoint(note[0] if note else "", [read_key(key.text) for key in list_keys()])
    except ValueError as error:
        raise BrokenHistoryError(f"The checkpoint of {check.size} events is not signed: {error}.") from error
    if signed != Checkpoint(signed.origin, check.size, root):
        raise BrokenHistoryError(f"The tree of {check.size} events has another root than was signed.")
