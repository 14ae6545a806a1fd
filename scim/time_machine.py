"""Looking back: a resource, the whole directory and a group's membership as of a moment, and what differs between two.

A moment holds every write whose time lies at or before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from scim.queries import NoSuchResourceError
from scim.store.moments import ResourceState, read_states
from scim.store.pipeline import pipelined_scope


@dataclass(frozen=True)
class Difference:
    """One resource that was not the same at two moments; None where it did not live."""

    resource_id: UUID
    before: ResourceState | None
    after: ResourceState | None

    @property
    def added(self) -> frozenset[str]:
        """Members that a group had at the later moment alone."""
        return _members(self.after) - _members(self.before)

    @property
    def removed(self) -> frozenset[str]:
        """Members that a group had at the earlier moment alone."""
        return _members(self.before) - _members(self.after)


def find_resource_at(*, resource_id: UUID, at: datetime) -> ResourceState:
    """The resource of the bound tenant as it was. Raises NoSuchResourceError when it did not live then."""
    with pipelined_scope():
        found = read_states(at=at, resource_id=resource_id).get(resource_id)
    if found is None:
        raise NoSuchResourceError
    return found


def read_directory_at(*, at: datetime) -> Mapping[UUID, ResourceState]:
    """Everything that lived in the bound tenant at a moment, by id."""
    with pipelined_scope():
        return read_states(at=at)


def compare_moments(*, earlier: datetime, later: datetime) -> Sequence[Difference]:
    """What became of the bound tenant's resources between two moments; what was changed and changed back is no
    difference.
    """
    with pipelined_scope():
        before, after = read_states(at=earlier), read_states(at=later)
    pairs = ((found, before.get(found), after.get(found)) for found in sorted({*before, *after}))
    return [Difference(found, old, new) for found, old, new in pairs if _content(old) != _content(new)]


def _content(state: ResourceState | None) -> object:
    return state and (state.document, state.members)


def _members(state: ResourceState | None) -> frozenset[str]:
    return state.members if state else frozenset()
