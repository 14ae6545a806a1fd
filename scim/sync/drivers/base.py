"""What a driver is given about one resource, and what it tells of it afterwards. Drivers know no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from scim.sync.decisions import Decision
from scim.sync.store.links import Link
from scim.sync.store.members import MemberDifference

NO_MEMBERS = MemberDifference({}, {}, is_whole=True)


@dataclass(frozen=True)
class Job:
    """One resource and what is to be done. `match` are attributes with values by which it is looked for there."""

    link: Link
    decision: Decision
    name: str
    match: Sequence[tuple[str, str]] = ()
    members: MemberDifference = NO_MEMBERS


@dataclass(frozen=True)
class Failure:
    """Why it was not done. `kind` is auth, throttle, transient, conflict, permanent or gone; `seconds` how long the
    other side asked to wait.
    """

    kind: str
    told: str
    signature: str
    seconds: float | None = None
    is_unreached: bool = False


@dataclass(frozen=True)
class Outcome:
    """What was done. `remote_id` None: it is not there any more, or not yet. `was_written`: the document stands there.

    `added` and `removed` are the members that were written, even where something failed later.
    """

    remote_id: str | None
    is_ours: bool = False
    was_written: bool = False
    added: Sequence[UUID] = ()
    removed: Sequence[UUID] = ()
    steps: Sequence[Mapping[str, Any]] = ()
    exchange: Sequence[Mapping[str, Any]] = ()
    milliseconds: int = 0
    failure: Failure | None = field(default=None)


class Driver(Protocol):
    """Writes to one system. Threads share it."""

    def send(self, job: Job) -> Outcome:
        """Do it; what goes wrong is in the outcome."""
        ...

    def probe(self) -> Failure | None:
        """Ask for something harmless."""
        ...

    def close(self) -> None:
        """Let connections go."""
        ...
