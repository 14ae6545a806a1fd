"""A worker's stay at one connector: take what is due, decide, send, and store what came of it.

No transaction is open while something is sent. Everything is stored under the connector's lease, and nothing is sent
when what is left of it is shorter than a call can take: whoever was stopped in between finds the lease gone.
"""

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Any, Final
from uuid import UUID

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_scope
from scim.sync.breaker import Breaker, wait_for_probe
from scim.sync.decisions import WRITES
from scim.sync.drivers.base import Driver, Job, Outcome
from scim.sync.drivers.building import build_driver, read_profile
from scim.sync.pacing import Pacer
from scim.sync.preparing import Prepared, Preparer
from scim.sync.services.connectors import open_quarantine, open_secret
from scim.sync.settling import Settlement, settle_sent, settle_unsent
from scim.sync.store.connectors import (
    LEASE_SECONDS,
    Connector,
    LeaseGoneError,
    claim_connector,
    find_connector,
    release_claim,
    renew_claim,
)
from scim.sync.store.items import Item, insert_item
from scim.sync.store.links import claim_links, give_back_links, settle_link, take_over_links
from scim.sync.store.members import forget_members, store_members, wait_for, wake_waiting
from scim.sync.store.runs import cancel_links, find_stopped_runs

AT_ONCE: Final = 4  # calls under way
BATCH: Final = 40
CALL_SECONDS: Final = 35.0  # what a call can take, and a margin
STORE_SECONDS: Final = 1.0
logger = logging.getLogger(__name__)


class Stay:
    """One worker at one connector of the bound tenant; `work` ends after `seconds`, or when nothing is due."""

    def __init__(self, *, connector: Connector, token: UUID, driver: Driver, draw: Callable[[], float]) -> None:
        self._connector, self._token, self._driver, self._draw = connector, token, driver, draw
        self._breaker = Breaker.from_dict(connector.breaker)
        self._pacer = Pacer(connector.bucket, most=read_profile(connector=connector).requests_per_second)
        self._held_until = monotonic() + LEASE_SECONDS
        self._is_open = True

    def work(self, *, seconds: float) -> int:
        """Gives how many resources were looked at. Raises LeaseGoneError."""
        ends, looked_at = monotonic() + seconds, 0
        with tenant_scope():
            take_over_links(connector_id=self._connector.id)
            preparer = Preparer(self._connector)
        while self._is_open and monotonic() < ends:
            with tenant_scope():
                self._renew()
                links = claim_links(connector_id=self._connector.id, token=self._token, limit=BATCH)
                prepared = preparer.prepare(links)
                jobs = [found.job for found in prepared if found.is_to_send]
                for found in prepared:
                    if not found.is_to_send:
                        self._store_unsent(found)
            if not links:
                break
            looked_at += len(links)
            self._send_all(jobs, ends)
        return looked_at

    def _send_all(self, jobs: Sequence[Job], ends: float) -> None:
        """Send with AT_ONCE calls under way; what is not begun by the end is given back."""
        waiting = list(reversed(jobs))
        running: dict[Future[Outcome], Job] = {}
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sync") as pool:
            while running or (waiting and self._may_send(ends)):
                delay = 0.0
                while waiting and len(running) < AT_ONCE and self._may_send(ends):
                    delay = self._pacer.take()
                    if delay:
                        break
                    job = waiting.pop()
                    running[pool.submit(self._send, job)] = job
                done = self._await(running, min(delay or STORE_SECONDS, STORE_SECONDS))
                with tenant_scope():
                    self._renew()
                    for future in done:
                        self._store_sent(running.pop(future), future.result())
                    self._judge()
                    waiting = self._leave_out_stopped(waiting)
        if waiting:
            with tenant_scope():
                self._renew()
                self._give_back(waiting)

    @staticmethod
    def _await(running: Mapping[Future[Outcome], Job], seconds: float) -> set[Future[Outcome]]:
        if running:
            return wait(running, timeout=seconds, return_when=FIRST_COMPLETED).done
        sleep(seconds)
        return set()

    def _may_send(self, ends: float) -> bool:
        return self._is_open and monotonic() < min(ends, self._held_until - CALL_SECONDS)

    def _leave_out_stopped(self, waiting: list[Job]) -> list[Job]:
        """Without those whose run was paused or canceled a moment ago."""
        runs = {job.link.run_id for job in waiting if job.link.run_id}
        stopped = find_stopped_runs(run_ids=runs) if runs else {}
        if not stopped:
            return waiting
        self._give_back([job for job in waiting if job.link.run_id in stopped])
        for run_id, state in stopped.items():
            if state == "canceled":
                cancel_links(run_id=run_id)
        return [job for job in waiting if job.link.run_id not in stopped]

    def _give_back(self, jobs: Sequence[Job]) -> None:
        ids = [job.link.resource_id for job in jobs]
        give_back_links(connector_id=self._connector.id, token=self._token, resource_ids=ids)

    def _send(self, job: Job) -> Outcome:
        began = monotonic()
        outcome = self._driver.send(job)
        return replace(outcome, milliseconds=int((monotonic() - began) * 1000))

    def _renew(self) -> None:
        state = renew_claim(
            connector_id=self._connector.id,
            token=self._token,
            bucket=self._pacer.to_dict(),
            breaker=self._breaker.to_dict(),
        )
        self._held_until = monotonic() + LEASE_SECONDS
        self._is_open = self._is_open and state == "active"

    def _store_unsent(self, found: Prepared) -> None:
        made = found.settlement or settle_unsent(found.job.link, found.job.decision)
        self._store(found.job, made, Outcome(found.job.link.remote_id))

    def _store_sent(self, job: Job, outcome: Outcome) -> None:
        failure = outcome.failure
        self._pacer.note(failure)
        if failure is None or failure.kind != "throttle":
            failed = failure is not None and failure.kind in {"transient", "auth"}
            unreached = failure is not None and failure.is_unreached
            self._breaker = self._breaker.count(failed=failed, unreached=unreached)
        self._store(job, settle_sent(job, outcome, draw=self._draw), outcome)
        if failure is not None and failure.kind == "auth":
            self._open(failure.told)

    def _store(self, job: Job, made: Settlement, outcome: Outcome) -> None:
        named: dict[str, Any] = {"connector_id": self._connector.id}
        link, was = made.link, job.link
        if not settle_link(token=self._token, link=link, wait=made.wait, **named):
            return
        store_members(group_id=link.resource_id, added=outcome.added, removed=outcome.removed, **named)
        if link.remote_id is None and was.remote_id is not None:
            forget_members(resource_id=link.resource_id, **named)
        if link.remote_id is not None and was.remote_id is None:
            wake_waiting(known=[link.resource_id], **named)
        wait_for(waiting_id=link.resource_id, needs=job.decision.needs, **named)
        if job.decision.act in WRITES or outcome.steps or made.outcome not in {"done", "skipped"}:
            insert_item(self._describe(job, made, outcome))

    def _describe(self, job: Job, made: Settlement, outcome: Outcome) -> Item:
        return Item(
            connector_id=self._connector.id,
            resource_id=job.link.resource_id,
            resource_type=job.link.resource_type,
            run_id=job.link.run_id,
            action=str(job.decision.act),
            outcome=made.outcome,
            attempt=job.link.attempts + 1,
            milliseconds=outcome.milliseconds,
            told=made.told,
            steps=outcome.steps,
            changes=job.decision.changes,
            exchange={"calls": list(outcome.exchange)},
        )

    def _judge(self) -> None:
        if self._is_open and self._breaker.cause:
            self._open(self._breaker.cause)

    def _open(self, cause: str) -> None:
        if not self._is_open:
            return
        self._is_open = False
        current = find_connector(connector_id=self._connector.id, lock=True)
        if current is not None and current.state == "active":
            origin = system_origin("sync")
            open_quarantine(
                connector=current, cause=cause, probe_at=datetime.now(UTC) + wait_for_probe(0), origin=origin
            )


def drain_connector(
    *, connector_id: UUID, seconds: float = 20.0, draw: Callable[[], float] = random.random
) -> int | None:
    """Do what is due at a connector of the bound tenant. Gives how many resources were looked at, None when another
    worker is at it or it is not active.
    """
    with tenant_scope():
        claimed = claim_connector(connector_id=connector_id)
        secret = open_secret(connector=claimed[0]) if claimed else ""
    if claimed is None:
        return None
    connector, token = claimed
    driver = build_driver(connector=connector, secret=secret)
    try:
        return Stay(connector=connector, token=token, driver=driver, draw=draw).work(seconds=seconds)
    except LeaseGoneError:
        logger.warning("sync: the lease of connector %s is gone", connector_id)
        return 0
    finally:
        driver.close()
        with tenant_scope():
            release_claim(connector_id=connector_id, token=token)
