"""Writing to a SCIM target: look before a create, change only what differs, members in the target's way.

A create whose answer may have got lost is never sent again before the target was asked whether it arrived.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from scim.mapping.difference import make_patch
from scim.protocol.schemas.definitions import SchemaSet
from scim.sync.decisions import Act
from scim.sync.drivers.base import Failure, Job, Outcome
from scim.targets import ErrorClass, SCIMTarget, Stored, TargetError, signature
from scim.targets.profile import PatchForm

LOOK, WRITE, MEMBERS = "Look for it", "Write", "Members"
SEVERAL: Final = "Several are there who match, so none was chosen."


@dataclass
class _Told:
    """What was done so far, as it is told when something fails."""

    remote_id: str | None
    is_ours: bool
    was_written: bool = False
    added: list[UUID] = field(default_factory=list)
    removed: list[UUID] = field(default_factory=list)
    steps: list[Mapping[str, Any]] = field(default_factory=list)
    exchange: list[Mapping[str, Any]] = field(default_factory=list)

    def note(self, name: str, told: str, exchanges: Sequence[Any]) -> None:
        calls = [exchange.as_json() for exchange in exchanges]
        status = calls[-1]["status"] if calls else None
        self.steps.append({"name": name, "told": told, "status": status})
        self.exchange.extend(calls)

    def finish(self, failure: Failure | None = None) -> Outcome:
        return Outcome(
            remote_id=self.remote_id,
            is_ours=self.is_ours,
            was_written=self.was_written,
            added=self.added,
            removed=self.removed,
            steps=self.steps,
            exchange=self.exchange,
            failure=failure,
        )


class SCIMDriver:
    """Writes to one target. `looks_first`: whoever is there already is found before a create."""

    def __init__(self, *, target: SCIMTarget, schemas: SchemaSet, looks_first: bool, close: Callable[[], None]) -> None:
        self._target, self._schemas = target, schemas
        self._looks_first, self._close = looks_first, close

    def send(self, job: Job) -> Outcome:
        """Do it; what goes wrong is in the outcome."""
        told = _Told(job.link.remote_id, job.link.is_ours)
        try:
            self._send(job, told)
        except TargetError as error:
            step = MEMBERS if told.was_written else WRITE
            told.note(step, str(error), error.exchanges)
            return told.finish(_fail(error))
        return told.finish()

    def probe(self) -> Failure | None:
        """Ask for one user, which changes nothing and needs the token."""
        try:
            self._target.list_page("User")
        except TargetError as error:
            return _fail(error)
        return None

    def close(self) -> None:
        """Let connections go."""
        self._close()

    def _send(self, job: Job, told: _Told) -> None:
        link, act = job.link, job.decision.act
        if act is Act.DELETE:
            self._delete(job, told)
            return
        if link.remote_id is None:
            self._create(job, told)
        elif act is not Act.NOTHING and job.decision.digest != link.applied_hash:
            self._update(job, told, link.applied or {})
        else:
            told.was_written = True
        self._write_members(job, told)

    def _create(self, job: Job, told: _Told) -> None:
        document = dict(job.decision.document or {})
        is_again = job.link.attempts > 0
        if (self._looks_first or is_again) and self._adopt(job, told, is_ours=is_again and self._looks_first):
            return
        try:
            stored = self._target.create(job.link.resource_type, document, match=job.match[0] if job.match else None)
        except TargetError as error:
            if error.error_class is not ErrorClass.CONFLICT:
                raise
            told.note(WRITE, str(error), error.exchanges)
            if not self._adopt(job, told, is_ours=False):
                error.exchanges = ()
                raise
            return
        told.remote_id, told.is_ours, told.was_written = stored.remote_id, True, True
        told.note(WRITE, "Created.", stored.exchanges)

    def _adopt(self, job: Job, told: _Told, *, is_ours: bool) -> bool:
        """Whether somebody is there already, who is then made to be as they are to be."""
        found = self._find(job, told)
        if found is None:
            return False
        told.remote_id, told.is_ours = found.remote_id, is_ours
        spoken_of = job.decision.document or {}
        self._update(job, told, {name: value for name, value in (found.document or {}).items() if name in spoken_of})
        return True

    def _find(self, job: Job, told: _Told) -> Stored | None:
        """By the first rule that matches somebody."""
        for attribute, value in job.match:
            found = self._target.find(job.link.resource_type, attribute, value)
            if len(found.resources) > 1:
                told.note(LOOK, SEVERAL, found.exchanges)
                raise TargetError(SEVERAL, error_class=ErrorClass.CONFLICT)
            told.note(LOOK, f"{attribute}: {'found' if found.resources else 'nobody'}.", found.exchanges)
            if found.resources:
                return found.resources[0]
        return None

    def _update(self, job: Job, told: _Told, before: Mapping[str, Any]) -> None:
        document, kind = dict(job.decision.document or {}), self._schemas.resource_type(job.link.resource_type)
        if kind is None or told.remote_id is None:
            return
        by_filter = self._target.profile.patch is PatchForm.VALUE_FILTERS
        operations = make_patch(dict(before), document, resource_type=kind, value_filters=by_filter)
        if operations:
            stored = self._target.update(
                job.link.resource_type, told.remote_id, operations=operations, document=document
            )
            told.note(WRITE, f"{len(operations)} changed.", stored.exchanges)
        told.was_written = True

    def _delete(self, job: Job, told: _Told) -> None:
        if told.remote_id is not None:
            removed = self._target.delete(job.link.resource_type, told.remote_id)
            told.note(WRITE, "Deleted." if removed.was_there else "It was not there any more.", removed.exchanges)
        told.remote_id = None

    def _write_members(self, job: Job, told: _Told) -> None:
        members, remote_id = job.members, told.remote_id
        if remote_id is None or not (members.added or members.removed):
            return
        most = self._target.profile.max_members_per_patch or len(members.added) + len(members.removed)
        for op, wanted, done in (("remove", members.removed, told.removed), ("add", members.added, told.added)):
            for part in _split(wanted, most):
                values = [{"value": there} for there in part.values() if there is not None]
                if values:
                    operations = [{"op": op, "path": "members", "value": values}]
                    stored = self._target.patch(job.link.resource_type, remote_id, operations)
                    told.note(MEMBERS, f"{op}: {len(values):,}.", stored.exchanges)
                done.extend(part)


def _split(members: Mapping[UUID, str | None], most: int) -> list[dict[UUID, str | None]]:
    items = list(members.items())
    return [dict(items[start : start + most]) for start in range(0, len(items), most)]


def _fail(error: TargetError) -> Failure:
    return Failure(
        kind=str(error.error_class),
        told=str(error),
        signature=signature(error),
        seconds=error.seconds,
        is_unreached=error.status is None,
    )
