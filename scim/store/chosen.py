"""Ids that a subquery gives: who asks for more about them need not fetch them first, which would cost a round trip."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID


@dataclass(frozen=True)
class Chosen:
    """A statement of one column of ids, and its parameters. It is for few ids that an index finds."""

    statement: str
    params: Mapping[str, Any]


Ids: TypeAlias = Collection[UUID] | Chosen


def place_ids(statement: str, name: str, ids: Ids) -> tuple[str, dict[str, Any]]:
    """The statement with the ids in place of its parameter `name`, a uuid[], and the parameters that come with them."""
    if isinstance(ids, Chosen):
        # An array is found before what is looked up by it; of a join the planner might begin with the other side.
        return statement.replace(f"%({name})s::uuid[]", f"ARRAY({ids.statement})"), dict(ids.params)
    return statement, {name: list(ids)}
