"""Planning a run: what would be done about every resource, in steps that survive a crash; then the guards decide.

A dry run ends with its plan. The plan decides by the same code as the worker, so what is approved is what is done.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from typing import Final
from uuid import UUID

from audit.actions import Action
from audit.actors import system_origin
from audit.services import Event, record_event
from labsninja.kernel.isolation import tenant_scope
from scim.sync.decisions import Act, Decision
from scim.sync.guards import Limits, judge_members, judge_plan
from scim.sync.preparing import Preparer
from scim.sync.services.connectors import Settings, make_target
from scim.sync.store.connectors import Connector, find_connector
from scim.sync.store.links import Link, count_remote, read_links
from scim.sync.store.mappings import is_mapping_new
from scim.sync.store.members import GroupDifference, compare_groups
from scim.sync.store.plans import PlanItem, add_plan_items, apply_plan, hash_plan
from scim.sync.store.runs import Run, claim_run, leave_run, move_run, store_step
from scim.sync.store.sources import Source, read_next_sources, read_orphans

STEP: Final = 1_000
# In this order; after the last the plan is whole.
GONE, WHOLE = "gone", "whole"
PHASES: Final = ("User", "Group", GONE, WHOLE)
START: Final = UUID(int=0)
PLANNED: Final = frozenset({Act.CREATE, Act.UPDATE, Act.DEACTIVATE, Act.DELETE, Act.FAIL})


def plan_run(*, run_id: UUID, seconds: float = 20.0) -> bool:
    """Go on planning a run of the bound tenant for some seconds. Gives whether it is done with, or others are at it."""
    with tenant_scope():
        claimed = claim_run(run_id=run_id)
        connector = find_connector(connector_id=claimed[0].connector_id) if claimed else None
        preparer = Preparer(connector) if connector else None
    if claimed is None or connector is None or preparer is None:
        return True
    run, token = claimed
    ends = monotonic() + seconds
    while monotonic() < ends:
        with tenant_scope():
            planned = _plan_step(run, connector, preparer, token)
            if planned is None:
                return True
            run = planned
            if run.phase == WHOLE:
                _finish(run, connector)
                return True
    with tenant_scope():
        leave_run(run_id=run.id, token=token)
    return False


def _plan_step(run: Run, connector: Connector, preparer: Preparer, token: UUID) -> Run | None:
    """The run after another step; None when it is ours no more."""
    phase = run.phase or PHASES[0]
    sources = _read(connector.id, phase, run.cursor or START)
    items = _decide(sources, connector, preparer)
    counts = Counter(run.counts) + Counter(item.action for item in items)
    add_plan_items(run_id=run.id, items=[item for item in items if item.action in PLANNED])
    is_last = len(sources) < STEP
    step = replace(
        run,
        phase=PHASES[PHASES.index(phase) + 1] if is_last else phase,
        cursor=None if is_last else sources[-1].id,
        seen=run.seen + len(sources),
        counts=dict(counts),
    )
    return step if store_step(run=step, token=token) else None


def _read(connector_id: UUID, phase: str, after: UUID) -> Sequence[Source]:
    if phase == GONE:
        return read_orphans(connector_id=connector_id, after=after, limit=STEP)
    return read_next_sources(resource_type=phase, after=after, limit=STEP)


def _decide(sources: Sequence[Source], connector: Connector, preparer: Preparer) -> list[PlanItem]:
    links = read_links(connector_id=connector.id, resource_ids=[source.id for source in sources])
    pairs = [(links.get(source.id) or Link(source.id, source.resource_type), source) for source in sources]
    groups = [source.id for source in sources if source.resource_type == "Group" and not source.is_gone]
    members = compare_groups(connector_id=connector.id, group_ids=groups) if groups else {}
    names = {source.id: source.name for source in sources}
    return [
        _make_item(link, names[link.resource_id], decision, members.get(link.resource_id))
        for link, _source, decision in preparer.decide(pairs)
    ]


def _make_item(link: Link, name: str, decision: Decision, members: GroupDifference | None) -> PlanItem:
    action, changes, reason = decision.act, list(decision.changes), decision.reason
    if members is not None and action in {Act.NOTHING, Act.UPDATE}:
        action = Act.UPDATE
        told = {"before": f"{members.leaving:,} to remove", "after": f"{members.coming:,} to add"}
        changes.append({"path": "members", **told})
        reason = reason or judge_members(present=members.present, leaving=members.leaving, limits=Limits())
    return PlanItem(link.resource_id, link.resource_type, str(action), name, reason, changes)


def _finish(run: Run, connector: Connector) -> None:
    """A dry run is through; any other goes on, or waits for a person."""
    digest = hash_plan(run_id=run.id)
    planning = ("planning",)
    if run.mode == "dry_run":
        move_run(run_id=run.id, froms=planning, state="planned", plan_hash=digest)
        return
    limits = Limits.from_dict(Settings.from_dict(connector.settings).limits)
    linked = count_remote(connector_id=connector.id)
    is_changed = is_mapping_new(connector_id=connector.id, but=run.id)
    cause = judge_plan(counts=run.counts, linked=linked, is_changed=is_changed, limits=limits)
    if cause:
        move_run(run_id=run.id, froms=planning, state="awaiting_approval", cause=cause, plan_hash=digest)
        event = Event(
            Action.RUN_HELD, make_target(connector_id=connector.id, name=connector.name), details={"reason": cause}
        )
        record_event(event=event, origin=system_origin("sync"))
        return
    move_run(run_id=run.id, froms=planning, state="running", plan_hash=digest)
    apply_plan(run=run)
