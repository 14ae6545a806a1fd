"""The ledger process: duties that must not depend on a broker, done by whoever holds one lease in PostgreSQL.

Several ledgers may stand by. Each duty is safe to do twice, so a lease lost in the middle of one does no harm.
"""

import logging
import os
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections

from audit.actors import system_origin
from audit.retention import drop_expired_months
from labsninja.attendants import Attendant, make_attendants
from labsninja.kernel.isolation import cross_tenant, tenant_context
from labsninja.kernel.leases import LeaseLost, claim_lease, release_lease, renew_lease
from scim.services.alerts import AlertsWatch
from scim.services.arrivals import ArrivalsAttendant
from scim.services.holds import HoldsAttendant
from scim.services.index_builds import IndexBuilder
from scim.services.page_anchors import PageAnchorsAttendant
from scim.services.reads import ReadsRecorder
from scim.services.request_counts import CountsKeeper
from scim.services.request_log_retention import drop_expired_weeks
from scim.services.trash import TrashAttendant
from tenants.queries import list_ending_tokens, list_tenants_with_ended_access_tokens
from tenants.services.access_tokens import KEPT_AFTER_END, prune_access_tokens
from tenants.services.accounts.sessions import sweep_sessions
from tenants.services.deletion import list_tenants_to_delete, purge_some
from tenants.services.tokens import retire_token

LEASE, LEASE_SECONDS, BEAT_SECONDS = "ledger", 15, 1.0
MONTHS_AHEAD, WEEKS_AHEAD = 3, 4
logger = logging.getLogger(__name__)


@dataclass
class Duty:
    """Something to do every `seconds`; `work` gives how much there was to do."""

    name: str
    seconds: float
    work: Callable[[], int]
    due_at: float = field(default=0.0)


def prepare_partitions() -> int:
    """Make the audit partitions of the coming months. Gives how many were made."""
    with connections["platform"].cursor() as cursor:
        cursor.execute("SELECT audit_prepare_partitions(%s)", [MONTHS_AHEAD])
        return int(cursor.fetchone()[0])


def drop_old_events() -> int:
    """Drop audit months whose time of retention is over. Gives how many."""
    return drop_expired_months(days=settings.LABSNINJA_AUDIT_RETENTION_DAYS, origin=system_origin("ledger"))


def prepare_request_log() -> int:
    """Make the request log's partitions of the coming weeks. Gives how many were made."""
    with connections["platform"].cursor() as cursor:
        cursor.execute("SELECT scim_prepare_request_log(%s)", [WEEKS_AHEAD])
        return int(cursor.fetchone()[0])


def drop_old_requests() -> int:
    """Drop weeks of the request log whose time of retention is over. Gives how many."""
    return drop_expired_weeks(days=settings.LABSNINJA_REQUEST_LOG_RETENTION_DAYS, origin=system_origin("ledger"))


def retire_rotated_tokens() -> int:
    """End every rotated token whose overlap is over. Gives how many were ended."""
    origin = system_origin("ledger")
    retired = 0
    for token in list_ending_tokens(before=datetime.now(UTC)):
        if token.is_rotated:
            with tenant_context(token.tenant_id):
                retired += retire_token(token_id=token.token_id, origin=origin) is not None
    return retired


def prune_ended_access_tokens() -> int:
    """Delete access tokens that ended long ago, of all tenants. Gives how many; asks for no platform role when none."""
    now = datetime.now(UTC)
    tenants = list_tenants_with_ended_access_tokens(before=now - KEPT_AFTER_END)
    if not tenants:
        return 0
    pruned = 0
    with cross_tenant(reason="delete access tokens that ended long ago", actor=system_origin("ledger")):
        for tenant_id in tenants:
            with tenant_context(tenant_id):
                pruned += prune_access_tokens(now=now)
    return pruned


def delete_due_tenants() -> int:
    """Delete rows of tenants whose grace is over, a batch of each in turn. Gives how many."""
    origin = system_origin("ledger")
    due = list_tenants_to_delete(now=origin.at)
    if not due:
        return 0
    deleted = 0
    with cross_tenant(reason="delete tenants whose grace is over", actor=origin):
        for tenant_id in due:
            with tenant_context(tenant_id):
                deleted += purge_some(origin=origin)
    return deleted


def sweep_ended_sessions() -> int:
    """Delete sessions of people that have ended, in all realms. Gives how many."""
    return sweep_sessions(now=datetime.now(UTC), origin=system_origin("ledger"))


DUTIES = (
    Duty("audit partitions", 3600, prepare_partitions),
    Duty("audit retention", 3600, drop_old_events),
    Duty("request log partitions", 3600, prepare_request_log),
    Duty("request log retention", 3600, drop_old_requests),
    Duty("rotated tokens", 5, retire_rotated_tokens),
    Duty("ended access tokens", 3600, prune_ended_access_tokens),
    Duty("deleted tenants", 2, delete_due_tenants),
    Duty("ended sessions", 3600, sweep_ended_sessions),
    Duty("alerts", 1, AlertsWatch().evaluate_some),
    Duty("request counts", 60, CountsKeeper().prune_some),
    Duty("reads", 1, ReadsRecorder().record_some),
    Duty("arrivals", 1, ArrivalsAttendant().attach_some),
    Duty("page anchors", 1, PageAnchorsAttendant().fold_some),
    Duty("indexes", 1, IndexBuilder().build_some),
    Duty("holds", 1, HoldsAttendant().tell_some),
    Duty("trash", 5, TrashAttendant().purge_some),
)


class Ledger:
    """One ledger process: stands by until it holds the lease, then does its duties until it is told to stop."""

    def __init__(self, duties: Sequence[Duty] = DUTIES) -> None:
        self.owner = f"{socket.gethostname()}:{os.getpid()}"
        self._duties = duties
        # A signal's handler may run in the middle of anything: unlike an Event, this queue bears that.
        self._stops: SimpleQueue[int] = SimpleQueue()
        self._lease: Any = None
        self._attendants: list[Attendant] = []

    def run(self) -> None:
        """Until SIGTERM or SIGINT. A database that is away is waited for."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda told, _frame: self._stops.put(told))
        while not self._is_stopped_within(BEAT_SECONDS):
            try:
                self._beat()
            except LeaseLost:
                self._lose("the lease went to another ledger")
            except DatabaseError as error:
                self._lose(f"the database failed: {error}")
        self._dismiss()
        if self._lease is not None:
            release_lease(self._lease)

    def _is_stopped_within(self, seconds: float) -> bool:
        try:
            self._stops.get(timeout=seconds)
        except Empty:
            return False
        return True

    def _beat(self) -> None:
        if self._lease is None:
            self._lease = claim_lease(name=LEASE, owner=self.owner, seconds=LEASE_SECONDS)
            if self._lease is not None:
                logger.info("ledger on duty as %s", self.owner)
                self._attendants = make_attendants()
                for attendant in self._attendants:
                    attendant.start()
        else:
            self._lease = renew_lease(self._lease, seconds=LEASE_SECONDS)
        if self._lease is not None:
            self._do_what_is_due()

    def _do_what_is_due(self) -> None:
        for duty in self._duties:
            if duty.due_at <= monotonic() and self._stops.empty():
                duty.due_at = monotonic() + duty.seconds
                done = duty.work()
                if done:
                    logger.info("ledger: %s: %s", duty.name, done)

    def _lose(self, reason: str) -> None:
        logger.warning("ledger stands by: %s", reason)
        self._dismiss()
        self._lease = None
        connections.close_all()

    def _dismiss(self) -> None:
        for attendant in self._attendants:
            attendant.stop()
        self._attendants = []
