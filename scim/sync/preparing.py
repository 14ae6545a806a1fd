"""From links that are due to jobs: read what they are about, translate, decide, and let guards have their say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from scim.sync.decisions import LEAVES, WRITES, Act, Decision, decide_act
from scim.sync.drivers.base import Job
from scim.sync.guards import Limits, judge_leaving, judge_members
from scim.sync.services.connectors import Settings
from scim.sync.settling import Settlement, settle_staged
from scim.sync.store.connectors import Connector
from scim.sync.store.items import count_left
from scim.sync.store.links import Link, count_remote
from scim.sync.store.members import MemberDifference, compare_members
from scim.sync.store.sources import Source, read_sources
from scim.sync.translation import Translator, load_translator

MOST_MEMBERS: Final = 5_000  # of one group at one look, each way
MEMBERS_PATH: Final = "members"


@dataclass(frozen=True)
class Prepared:
    """A job, and what the link is at once where nothing is to be sent; None of both means it stands as it is to be."""

    job: Job
    settlement: Settlement | None = None
    is_to_send: bool = False


class Preparer:
    """Of one connector; mappings and settings are read once, within the open scope."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._settings = Settings.from_dict(connector.settings)
        self._limits = Limits.from_dict(self._settings.limits)
        self._translator: Translator = load_translator(connector_id=connector.id)

    def prepare(self, links: Sequence[Link]) -> list[Prepared]:
        """Call it within the open scope; links are in the worker's hands."""
        sources = read_sources(resource_ids=[link.resource_id for link in links])
        decided = self.decide([(link, sources.get(link.resource_id)) for link in links])
        leaving = _Leaving(self._connector.id, self._limits)
        return [self._prepare(link, source, decision, leaving) for link, source, decision in decided]

    def decide(self, pairs: Sequence[tuple[Link, Source | None]]) -> list[tuple[Link, Source | None, Decision]]:
        """What is to be done about each; the same for workers, plans and dry runs."""
        deletes = self._settings.leaving == "delete"
        made = self._translator.translate_all(pairs)
        return [
            (
                link,
                source,
                self._translator.explain(
                    link,
                    decide_act(
                        source=source,
                        link=link,
                        made=made[link.resource_id],
                        deletes=deletes,
                    ),
                ),
            )
            for link, source in pairs
        ]

    def _prepare(self, link: Link, source: Source | None, decision: Decision, leaving: "_Leaving") -> Prepared:
        name = source.name if source else str(link.resource_id)
        job = Job(link, decision, name, self._translator.match(link.resource_type, decision))
        if decision.act in LEAVES and not link.is_approved and (reason := leaving.judge()):
            return Prepared(job, settle_staged(link, reason))
        if decision.act in {Act.CREATE, Act.UPDATE, Act.NOTHING} and link.resource_type == "Group":
            return self._prepare_group(job)
        return Prepared(job, is_to_send=decision.act in WRITES)

    def _prepare_group(self, job: Job) -> Prepared:
        link = job.link
        found = compare_members(connector_id=self._connector.id, group_id=link.resource_id, limit=MOST_MEMBERS)
        if not link.is_approved and (
            reason := judge_members(present=found.present, leaving=found.leaving, limits=self._limits)
        ):
            return Prepared(job, settle_staged(link, reason))
        differs = bool(found.added or found.removed)
        if not differs:
            return Prepared(job, is_to_send=job.decision.act in WRITES)
        decision = job.decision
        if decision.act is Act.NOTHING:
            decision = replace(decision, act=Act.UPDATE)
        told = [*decision.changes, _tell_members(found)]
        return Prepared(replace(job, decision=replace(decision, changes=told), members=found), is_to_send=True)


class _Leaving:
    """Counts who leaves in this batch on top of those who left lately; asks the database once, and only if it must."""

    def __init__(self, connector_id: UUID, limits: Limits) -> None:
        self._connector_id, self._limits = connector_id, limits
        self._known: tuple[int, int, int] | None = None
        self._number = 0

    def judge(self) -> str:
        """Why the next one may not leave, '' when they may."""
        if self._known is None:
            self._known = (*count_left(connector_id=self._connector_id), count_remote(connector_id=self._connector_id))
        hour, day, linked = self._known
        number = self._number
        reason = judge_leaving(hour=hour + number, day=day + number, linked=linked - number, limits=self._limits)
        self._number += not reason
        return reason


def _tell_members(found: MemberDifference) -> Mapping[str, object]:
    more = "" if found.is_whole else " and more"
    return {
        "path": MEMBERS_PATH,
        "before": f"{len(found.removed):,}{more} to remove" if found.removed else "",
        "after": f"{len(found.added):,}{more} to add" if found.added else "",
    }
