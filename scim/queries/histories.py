"""The history of one resource for people: every change with who made it by which request, and whose work its present
values are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from audit.queries import ToldActor, list_actors
from labsninja.kernel.isolation import tenant_scope
from scim.protocol.leaves import Leaf, LeafChange, compare_leaves, list_leaves
from scim.store.change_reading import NEWEST, ChangeRow, find_request_rows, read_changes
from scim.store.names import Known, read_names

PAGE_SIZE: Final = 20
AT_ONCE: Final = 100
MOST_READ: Final = 1_000  # changes that are looked through for the origin of values
MOST_NAMED: Final = 25  # members that a step names on each side
MOST_LISTED: Final = 200  # members of a group at a moment


@dataclass(frozen=True)
class Step:
    """One change: what it did to values and to members, who made it, and the row of the log of its request.

    `added` and `removed` name at most MOST_NAMED members; the counts tell of all.
    """

    version: int
    kind: str
    at: datetime
    actor: ToldActor
    request_id: str
    logged: UUID | None
    changes: Sequence[LeafChange] = ()
    added: Sequence[Known] = ()
    removed: Sequence[Known] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class History:
    """Some steps, newest first; `older` is the version below which the next page begins, None at the end."""

    steps: Sequence[Step]
    older: int | None


def list_history(*, resource_id: UUID, below: int = NEWEST) -> History:
    """A page of what became of a resource of the bound tenant; of an unknown one it is empty."""
    with tenant_scope():
        rows = read_changes(resource_id=resource_id, below=below, limit=PAGE_SIZE + 1)
        shown = rows[:PAGE_SIZE]
        steps = _make_steps(resource_id, shown)
    return History(steps, shown[-1].version if len(rows) > PAGE_SIZE else None)


def list_origins(*, resource_id: UUID, document: Mapping[str, Any]) -> Mapping[Leaf, Step]:
    """The change that gave each present value, by the value; nothing of what is older than MOST_READ ones."""
    missing, found = set(list_leaves(document)), dict[Leaf, ChangeRow]()
    with tenant_scope():
        for row in _walk_changes(resource_id):
            came = {leaf for leaf in _leaves(row.after) if leaf in missing} - set(_leaves(row.before))
            found.update(dict.fromkeys(came, row))
            missing -= came
            if not missing:
                break
        rows = {row.version: row for row in found.values()}
        steps = {step.version: step for step in _make_steps(resource_id, list(rows.values()), is_brief=True)}
    return {leaf: steps[row.version] for leaf, row in found.items()}


def name_members(*, ids: Iterable[str]) -> tuple[Sequence[Known], int]:
    """The first MOST_LISTED by id, with the names they have now, and how many there are."""
    every = sorted(ids)
    with tenant_scope():
        known = read_names(ids=[UUID(one) for one in every[:MOST_LISTED]])
    return [*known.values()], len(every)


def _walk_changes(resource_id: UUID) -> Iterable[ChangeRow]:
    below = NEWEST
    for _batch in range(MOST_READ // AT_ONCE):
        rows = read_changes(resource_id=resource_id, below=below, limit=AT_ONCE)
        yield from rows
        if len(rows) < AT_ONCE:
            return
        below = rows[-1].version


def _make_steps(resource_id: UUID, rows: Sequence[ChangeRow], *, is_brief: bool = False) -> list[Step]:
    """Brief ones say who, when and by which request alone."""
    logged = find_request_rows(changes=rows)
    actors = list_actors(target_id=resource_id, times=[row.at for row in rows])
    members = {row.version: _read_members(row) for row in rows} if not is_brief else {}
    wanted = {one for sides in members.values() for ids in sides.values() for one in ids[:MOST_NAMED]}
    names = read_names(ids=wanted) if wanted else {}

    def make(row: ChangeRow) -> Step:
        sides = members.get(row.version, {})
        told = {side: [names[one] for one in ids[:MOST_NAMED] if one in names] for side, ids in sides.items()}
        return Step(
            *(row.version, row.kind, row.at, actors.get(row.at, ToldActor("", row.actor_id)), row.request_id),
            logged.get(row.request_id),
            () if is_brief else compare_leaves(_document(row.before), _document(row.after)),
            told.get("added", ()),
            told.get("removed", ()),
            {side: len(ids) for side, ids in sides.items()},
        )

    return [make(row) for row in rows]


def _read_members(row: ChangeRow) -> dict[str, list[UUID]]:
    told = orjson.loads(row.members) if row.members else {}
    return {side: [UUID(one) for one in told.get(side, ())] for side in ("added", "removed")}


def _document(text: str | None) -> Mapping[str, Any]:
    return orjson.loads(text) if text else {}


def _leaves(text: str | None) -> list[Leaf]:
    return list_leaves(_document(text))
