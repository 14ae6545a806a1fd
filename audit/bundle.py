"""Bundles: a part of a tenant's history with everything that proves it, in the form that audit.verify reads.

The part is the shortest run of leaves that holds every event of the asked time; it may hold some neighbors too, for
events are sealed in the order of their commits. Call it inside cross_tenant: a bundle is signed.
"""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO

from audit.actions import Action
from audit.actors import Origin
from audit.merkle import Tree
from audit.services import Event, Target, record_event
from audit.signing import find_signer, list_keys
from audit.verify import BLOCK, FORMAT, encode, hash_all
from labsninja.kernel.isolation import tenant_scope

HEAD = "SELECT size, note FROM audit_checkpoint WHERE tenant_id = %s ORDER BY size DESC LIMIT 1"
RANGE = """
SELECT coalesce(min(leaf_index), 0), coalesce(max(leaf_index) + 1, 0) FROM audit_leaf
WHERE tenant_id = %(tenant)s AND leaf_index < %(size)s
  AND event_at >= coalesce(%(since)s::timestamptz, '-infinity')
  AND event_at < coalesce(%(until)s::timestamptz, 'infinity')
"""
LEAVES = """
SELECT hash FROM audit_leaf WHERE tenant_id = %s AND leaf_index >= %s AND leaf_index < %s ORDER BY leaf_index
"""
SUBTREES = """
SELECT hash FROM audit_subtree WHERE tenant_id = %s AND level = %s AND number >= %s AND number < %s ORDER BY number
"""
EVENTS = """
SELECT l.hash, e.canonical FROM audit_leaf l
LEFT JOIN audit_event e ON e.tenant_id = l.tenant_id AND e.at = l.event_at AND e.id = l.event_id
WHERE l.tenant_id = %s AND l.leaf_index >= %s AND l.leaf_index < %s ORDER BY l.leaf_index
"""


class NothingSealedError(Exception):
    """The tenant has no checkpoint yet: there is nothing that could be proved."""


@dataclass(frozen=True)
class Part:
    """Leaves from `first` to before `end`, of the `size` that the signed `note` tells of."""

    first: int
    end: int
    size: int
    note: str


def find_part(*, since: datetime | None = None, until: datetime | None = None) -> Part:
    """The sealed events of the bound tenant from `since` to before `until`. Raises NothingSealedError."""
    with tenant_scope() as scope:
        head = scope.execute(HEAD, [scope.tenant_id]).fetchone()
        if head is None:
            raise NothingSealedError("nothing is sealed yet: is the ledger running?")
        bounds = {"tenant": scope.tenant_id, "size": head[0], "since": since, "until": until}
        first, end = scope.execute(RANGE, bounds).fetchone()
    return Part(first, end, *head)


def write_bundle(*, file: BinaryIO, part: Part, origin: Origin) -> str:
    """Write the bundle of a part; gives the SHA-256 that its trailer signs, as hex. The export itself is an event."""
    digest = sha256()
    signer = find_signer(origin=origin)
    for line in _lines(part):
        digest.update(line)
        file.write(line)
    told = digest.hexdigest()
    file.write(encode({"note": signer.sign(f"{FORMAT}\n{told}\n")}))
    details = {"first": part.first, "count": part.end - part.first, "size": part.size, "sha256": told}
    target = Target("Checkpoint", str(part.size), f"checkpoint {part.size}")
    with tenant_scope():
        record_event(event=Event(Action.BUNDLE_EXPORTED, target, details=details), origin=origin)
    return told


def open_tree() -> Tree:
    """The bound tenant's tree; every hash it reads costs a scope unless one is open."""
    return Tree(_load)


def _lines(part: Part) -> Iterator[bytes]:
    held = range(part.first // BLOCK, -(-part.end // BLOCK) if part.first < part.end else part.first // BLOCK)
    yield encode(_header(part, held))
    for number in held:
        low, high = number * BLOCK, min((number + 1) * BLOCK, part.size)
        with tenant_scope() as scope:
            found = scope.execute(EVENTS, [scope.tenant_id, low, high]).fetchall()
        yield encode({"leaves": _encode(b"".join(bytes(leaf) for leaf, _ in found))})
        for index, (_, canonical) in enumerate(found, low):
            if part.first <= index < part.end:
                yield canonical.encode() + b"\n" if canonical is not None else b'{"dropped":%d}\n' % index


def _header(part: Part, held: range) -> dict[str, Any]:
    with tenant_scope():
        tree = open_tree()
        blocks = [_block(tree, number, part.size) for number in held]
        proof = tree.prove_range(part.first, part.end, part.size)
    return {
        "bundle": FORMAT,
        "keys": [key.text for key in list_keys()],
        "checkpoint": part.note,
        "first": part.first,
        "count": part.end - part.first,
        "blocks": [_encode(block) for block in blocks],
        "proof": [_encode(beside) for beside in proof],
    }


def _block(tree: Tree, number: int, size: int) -> bytes:
    low, high = number * BLOCK, min((number + 1) * BLOCK, size)
    return hash_all(tree.load(1, number, number + 1) if high - low == BLOCK else tree.load(0, low, high))


def _load(level: int, first: int, end: int) -> Sequence[bytes]:
    with tenant_scope() as scope:
        values = [scope.tenant_id, *([level] if level else []), first, end]
        return [bytes(row[0]) for row in scope.execute(SUBTREES if level else LEAVES, values).fetchall()]


def _encode(content: bytes) -> str:
    return base64.b64encode(content).decode()
