"""Bundles: a part of a tenant's history with everything that proves it, in the form that audit.verify reads.

The part is the shortest run of leaves that holds every event of the asked time; it may hold some neighbors too, for
events are sealed in the order of their commits. Call it inside cross_tenant: a bundle is signed.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO

from audit.actions import Action
from audit.actors import Origin
from audit.merkle import Tree
from audit.models import AuditEvent
from audit.personal import open_events
from audit.services import Event, Target, record_event
from audit.signing import find_signer, list_keys
from audit.stored_tree import find_head, open_tree
from audit.verify import BLOCK, FORMAT, encode, hash_all
from labsninja.kernel.isolation import tenant_scope

RANGE = """
SELECT coalesce(min(leaf_index), 0), coalesce(max(leaf_index) + 1, 0) FROM audit_leaf
WHERE tenant_id = %(tenant)s AND leaf_index < %(size)s
  AND event_at >= coalesce(%(since)s::timestamptz, '-infinity')
  AND event_at < coalesce(%(until)s::timestamptz, 'infinity')
"""
EVENTS = """
SELECT l.hash, e.id, e.target_id, e.canonical, e.personal FROM audit_leaf l
LEFT JOIN audit_event e ON e.tenant_id = l.tenant_id AND e.at = l.event_at AND e.id = l.event_id
WHERE l.tenant_id = %s AND l.leaf_index >= %s AND l.leaf_index < %s ORDER BY l.leaf_index
"""
COLUMNS = ("id", "target_id", "canonical", "personal")


@dataclass(frozen=True)
class Part:
    """Leaves from `first` to before `end`, of the `size` that the signed `note` tells of."""

    first: int
    end: int
    size: int
    note: str


def find_part(*, since: datetime | None = None, until: datetime | None = None) -> Part:
    """The sealed events of the bound tenant from `since` to before `until`. Raises NothingSealedError."""
    head = find_head()
    with tenant_scope() as scope:
        bounds = {"tenant": scope.tenant_id, "size": head.size, "since": since, "until": until}
        first, end = scope.execute(RANGE, bounds).fetchone()
    return Part(first, end, head.size, head.note)


def write_bundle(*, file: BinaryIO, part: Part, origin: Origin, personal: bool = True) -> str:
    """Write the bundle of a part; gives the SHA-256 that its trailer signs, as hex. The export itself is an event.

    `personal`: personal values that still open go along, each in a line behind its event.
    """
    digest = sha256()
    signer = find_signer(origin=origin)
    for line in _lines(part, personal=personal):
        digest.update(line)
        file.write(line)
    told = digest.hexdigest()
    file.write(encode({"note": signer.sign(f"{FORMAT}\n{told}\n")}))
    details = {"first": part.first, "count": part.end - part.first, "size": part.size, "sha256": told}
    target = Target("Checkpoint", str(part.size), f"checkpoint {part.size}")
    event = Event(Action.BUNDLE_EXPORTED, target, details={**details, "personal": personal})
    with tenant_scope():
        record_event(event=event, origin=origin)
    return told


def _lines(part: Part, *, personal: bool) -> Iterator[bytes]:
    held = range(part.first // BLOCK, -(-part.end // BLOCK) if part.first < part.end else part.first // BLOCK)
    yield encode(_header(part, held))
    for number in held:
        low, high = number * BLOCK, min((number + 1) * BLOCK, part.size)
        with tenant_scope() as scope:
            found = scope.execute(EVENTS, [scope.tenant_id, low, high]).fetchall()
            events = [AuditEvent(**dict(zip(COLUMNS, row[1:], strict=True))) for row in found]
            if personal:
                open_events(events[max(part.first - low, 0) : max(part.end - low, 0)])
        yield encode({"leaves": encode_hash(b"".join(bytes(row[0]) for row in found))})
        for index, event in enumerate(events, low):
            if part.first <= index < part.end:
                yield from write_event(event) if event.canonical else [b'{"dropped":%d}\n' % index]


def write_event(event: AuditEvent) -> list[bytes]:
    """Its line, and behind it that of its personal values where they are open."""
    return [text.encode() + b"\n" for text in (event.canonical, event.opened) if text]


def _header(part: Part, held: range) -> dict[str, Any]:
    with tenant_scope():
        tree = open_tree()
        blocks = [find_block_root(tree, number, part.size) for number in held]
        proof = tree.prove_range(part.first, part.end, part.size)
    return {
        "bundle": FORMAT,
        "keys": [key.text for key in list_keys()],
        "checkpoint": part.note,
        "first": part.first,
        "count": part.end - part.first,
        "blocks": [encode_hash(block) for block in blocks],
        "proof": [encode_hash(beside) for beside in proof],
    }


def find_block_root(tree: Tree, number: int, size: int) -> bytes:
    """Of the block of that number in the tree of `size`."""
    low, high = number * BLOCK, min((number + 1) * BLOCK, size)
    return hash_all(tree.load(1, number, number + 1) if high - low == BLOCK else tree.load(0, low, high))


def encode_hash(content: bytes) -> str:
    """Hashes as lines hold them."""
    return base64.b64encode(content).decode()
