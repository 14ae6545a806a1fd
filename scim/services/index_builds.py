"""Indexes that tenants ask for: planned with the definition that asks, built by the ledger, retried by an operator.

What is to be done and how far it is stands in rows: a builder that is killed has lost its last batch at most, and
whoever comes next goes on behind the one before. Each batch is a transaction of its own, so that no writer waits long.
"""

import logging
from collections.abc import Set as AbstractSet
from time import monotonic
from uuid import UUID

from django.db import OperationalError
from psycopg.errors import DeadlockDetected

from audit.actions import Action
from audit.actors import Origin, system_origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.protocol.schemas.definitions import SchemaSet
from scim.protocol.schemas.tenant import IndexState
from scim.queries.schemas import find_present_schemas
from scim.store.attribute_indexes import (
    IndexKey,
    drop_index,
    index_kinds,
    list_indexes,
    list_waiting_tenants,
    start_building,
)
from scim.store.index_building import Build, build_rows, claim_build, end_build
from scim.store.pipeline import pipelined_scope
from scim.store.schemas import OutdatedSchemasError, exclude_writers, hold_revision, raise_revision
from tenants.models import Role
from tenants.services.roles import check_role

BATCH = 250
SECONDS_AT_ONCE = 1.0  # the ledger has a lease to renew, and stops when it is told to
logger = logging.getLogger(__name__)


def find_changed_indexes(*, before: SchemaSet, after: SchemaSet) -> frozenset[IndexKey]:
    """Indexes that go, come, or hold something else than they did."""
    old, new = (index_kinds(one.resource_types) for one in (before, after))
    return frozenset(key for key in {**old, **new} if old.get(key) != new.get(key))


def plan_indexes(*, before: SchemaSet, after: SchemaSet, filled: AbstractSet[IndexKey], origin: Origin) -> None:
    """Within the scope of a change of definitions: what goes is dropped, what comes is built where it is `filled`.

    Those that failed before are built anew.
    """
    changed, wanted = find_changed_indexes(before=before, after=after), index_kinds(after.resource_types)
    for key in sorted(changed):
        drop_index(key)
    failed = {(one.resource_type, one.path) for one in list_indexes() if one.state is IndexState.FAILED}
    start_building(keys=(failed | (changed & filled)) & wanted.keys(), at=origin.at)


def retry_indexes(*, origin: Origin) -> int:
    """Have the bound tenant's failed indexes built anew; gives how many there were. Raises RoleRefusedError."""
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        exclude_writers()
        failed = [one for one in list_indexes() if one.state is IndexState.FAILED]
        start_building(keys=[(one.resource_type, one.path) for one in failed], at=origin.at)
        for one in failed:
            _record(Action.INDEX_RESTARTED, one.resource_type, one.path, origin)
        if failed:
            raise_revision()
    return len(failed)


def build_batch(*, origin: Origin, limit: int = BATCH) -> int:
    """The bound tenant's next resources get their rows; gives how many were looked at, 0 when nothing is to be built.

    Raises OutdatedSchemasError when a definition changed just now, and OperationalError where a writer of several
    resources came across: nothing is done then, and the next call goes on.
    """
    known = find_present_schemas()
    with pipelined_scope():
        hold_revision(known.revision)
        build = claim_build()
        if build is None:
            return 0
        resource_type = known.resource_type(build.resource_type)
        if resource_type is None:
            raise LookupError(build.resource_type)
        looked = build_rows(build=build, resource_type=resource_type, limit=limit)
        if looked < limit:
            _end(build, origin)
    return max(looked, 1)


def _end(build: Build, origin: Origin) -> None:
    for ended in end_build(build=build, at=origin.at):
        if ended.state is IndexState.READY:
            _record(Action.INDEX_BUILT, build.resource_type, ended.path, origin)
        else:
            reason = f"{ended.obstacles} resources have a value that another has"
            _record(Action.INDEX_FAILED, build.resource_type, ended.path, origin, reason=reason)
    raise_revision()


def _record(action: Action, resource_type: str, path: str, origin: Origin, **details: str) -> None:
    target = Target("Index", f"{resource_type} {path}", f"{path} of {resource_type}")
    record_event(event=Event(action, target, details=details), origin=origin)


class IndexBuilder:
    """Goes through the tenants that have indexes to build, a batch of each in turn."""

    def build_some(self) -> int:
        """Build for some seconds at most. Gives how many resources were looked at."""
        ends, looked = monotonic() + SECONDS_AT_ONCE, 0
        waiting = list_waiting_tenants()
        while waiting and monotonic() < ends:
            done = {tenant_id: self._build(tenant_id) for tenant_id in waiting if monotonic() < ends}
            looked += sum(done.values())
            waiting = [tenant_id for tenant_id in waiting if done.get(tenant_id)]
        return looked

    def _build(self, tenant_id: UUID) -> int:
        try:
            with tenant_context(tenant_id):
                return build_batch(origin=system_origin("ledger"))
        except OutdatedSchemasError:
            return 0
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
            logger.info("index of tenant %s: the batch is done once more: %s", tenant_id, error)
            return 0
