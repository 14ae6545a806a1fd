"""Connectors: rows of the open scope's tenant, and the lease under which one worker at a time drains each.

Whoever holds the lease alone sends for the connector. It is renewed in the transaction of every result, so that a
worker that was stopped for longer than it lasts finds out before it can write.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
from django.db import connections

from scim.sync.store import run_statement

LEASE_SECONDS: Final = 60
OF_A_TENANT: Final = 2  # connectors of one tenant that are drained at the same time
COLUMNS: Final = """
id, name, kind, state, settings, secret, profile, bucket, breaker, position, cause, failures, probe_at, due_at,
succeeded_at, created_at, changed_at
"""
GET: Final = f"SELECT {COLUMNS} FROM sync_connector WHERE tenant_id = %(tenant)s AND id = %(id)s"  # noqa: S608  # names of columns
LOCK: Final = f"{GET} FOR NO KEY UPDATE"
LIST: Final = f"SELECT {COLUMNS} FROM sync_connector WHERE tenant_id = %(tenant)s ORDER BY lower(name)"  # noqa: S608  # names of columns
INSERT: Final = """
INSERT INTO sync_connector (tenant_id, id, name, kind, settings, secret, position, created_at, changed_at)
SELECT %(tenant)s, %(id)s, %(name)s, %(kind)s, %(settings)s, %(secret)s,
       coalesce((SELECT last FROM scim_feed WHERE tenant_id = %(tenant)s), 0), %(at)s, %(at)s
"""
DELETE: Final = "DELETE FROM sync_connector WHERE tenant_id = %(tenant)s AND id = %(id)s"
# Not more of one tenant at a time than OF_A_TENANT, however many workers there are.
CLAIM: Final = f"""
UPDATE sync_connector c SET lease_token = %(token)s, lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE tenant_id = %(tenant)s AND id = %(id)s AND state = 'active'
  AND (lease_until IS NULL OR lease_until <= clock_timestamp())
  AND (SELECT count(*) FROM sync_connector o
       WHERE o.tenant_id = %(tenant)s AND o.lease_until > clock_timestamp()) < {OF_A_TENANT}
RETURNING {COLUMNS}
"""  # noqa: S608  # put together from our own texts alone
RENEW: Final = """
UPDATE sync_connector SET lease_until = clock_timestamp() + make_interval(secs => %(lease)s),
    bucket = coalesce(%(bucket)s, bucket), breaker = coalesce(%(breaker)s, breaker),
    succeeded_at = coalesce(%(succeeded_at)s, succeeded_at)
WHERE tenant_id = %(tenant)s AND id = %(id)s AND lease_token = %(token)s AND lease_until > clock_timestamp()
RETURNING state
"""
RELEASE: Final = """
UPDATE sync_connector SET lease_token = NULL, lease_until = NULL
WHERE tenant_id = %(tenant)s AND id = %(id)s AND lease_token = %(token)s
"""
RUNG: Final = "UPDATE sync_connector SET rung_at = clock_timestamp() WHERE tenant_id = %(tenant)s AND id = %(id)s"
CHANGEABLE: Final = frozenset(
    {"name", "state", "settings", "secret", "profile", "breaker", "cause", "failures", "probe_at", "due_at", "position"}
)
# In all tenants, where the feed has gone on: a handful of rows each, so a walk through the table is what it should be.
BEHIND: Final = """
SELECT c.tenant_id, c.id, c.kind FROM sync_connector c
JOIN tenants_tenant t ON t.id = c.tenant_id JOIN scim_feed f ON f.tenant_id = c.tenant_id
WHERE c.state NOT IN ('draft', 'disabled') AND t.state = 'active' AND f.last > c.position
"""
PROBED: Final = """
SELECT c.tenant_id, c.id, c.kind FROM sync_connector c JOIN tenants_tenant t ON t.id = c.tenant_id
WHERE c.state = 'quarantined' AND c.probe_at <= clock_timestamp() AND t.state = 'active'
"""


@dataclass(frozen=True)
class Connector:
    """One connector. Documents are read from their JSON; `secret` is sealed."""

    id: UUID
    name: str
    kind: str
    state: str
    settings: Mapping[str, Any]
    secret: bytes | None
    profile: Mapping[str, Any]
    bucket: Mapping[str, Any]
    breaker: Mapping[str, Any]
    position: int
    cause: str
    failures: int
    probe_at: datetime | None
    due_at: datetime | None
    succeeded_at: datetime | None
    created_at: datetime
    changed_at: datetime


class LeaseGoneError(Exception):
    """Another worker may have taken over: write nothing, send nothing."""


def insert_connector(  # a row's columns
    *, connector_id: UUID, name: str, kind: str, settings: Mapping[str, Any], secret: bytes | None, at: datetime
) -> None:
    """Store a draft that begins where the feed stands now."""
    values = {"id": connector_id, "name": name, "kind": kind, "secret": secret, "at": at}
    run_statement(INSERT, settings=orjson.dumps(settings).decode(), **values)


def find_connector(*, connector_id: UUID, lock: bool = False) -> Connector | None:
    """The tenant's connector of that id, locked until the scope closes if wanted."""
    row = run_statement(LOCK if lock else GET, id=connector_id).fetchone()
    return row and _read(row)


def read_connectors() -> list[Connector]:
    """All of the tenant, by name."""
    return [_read(row) for row in run_statement(LIST).fetchall()]


def update_connector(*, connector_id: UUID, at: datetime, **values: Any) -> None:
    """Set columns of a connector; mappings become JSON text. Raises KeyError for a column that may not be set."""
    if unknown := values.keys() - CHANGEABLE:
        raise KeyError(*sorted(unknown))
    texts = {name: orjson.dumps(value).decode() if isinstance(value, dict) else value for name, value in values.items()}
    named = ", ".join(f"{name} = %({name})s" for name in texts)
    statement = f"UPDATE sync_connector SET {named}, changed_at = %(at)s WHERE tenant_id = %(tenant)s AND id = %(id)s"  # noqa: S608  # names of columns
    run_statement(statement, id=connector_id, at=at, **texts)


def delete_connector(*, connector_id: UUID) -> None:
    """With everything that belongs to it."""
    run_statement(DELETE, id=connector_id)


def claim_connector(*, connector_id: UUID) -> tuple[Connector, UUID] | None:
    """The connector and the token of its lease; None when it is not active, or others are at work."""
    token = uuid4()
    row = run_statement(CLAIM, id=connector_id, token=token, lease=LEASE_SECONDS).fetchone()
    return row and (_read(row), token)


def renew_claim(
    *,
    connector_id: UUID,
    token: UUID,
    bucket: Mapping[str, Any] | None = None,
    breaker: Mapping[str, Any] | None = None,
    succeeded_at: datetime | None = None,
) -> str:
    """Go on holding the lease, in the transaction of a result; gives the connector's state. Raises LeaseGoneError."""
    texts = {
        "bucket": None if bucket is None else orjson.dumps(bucket).decode(),
        "breaker": None if breaker is None else orjson.dumps(breaker).decode(),
    }
    held = {"id": connector_id, "token": token, "lease": LEASE_SECONDS, "succeeded_at": succeeded_at}
    row = run_statement(RENEW, **held, **texts).fetchone()
    if row is None:
        raise LeaseGoneError
    return str(row[0])


def release_claim(*, connector_id: UUID, token: UUID) -> None:
    """Let others have it at once."""
    run_statement(RELEASE, id=connector_id, token=token)


def note_ring(*, connector_id: UUID) -> None:
    """A worker was asked for just now."""
    run_statement(RUNG, id=connector_id)


def find_connectors_behind() -> list[tuple[UUID, UUID, str]]:
    """Tenant, id and kind of those that do not know all of the feed. Call it inside cross_tenant."""
    return _read_across(BEHIND)


def find_tenants_with_connectors() -> list[UUID]:
    """Call it inside cross_tenant."""
    with connections["platform"].cursor() as cursor:
        cursor.execute("SELECT DISTINCT tenant_id FROM sync_connector")
        return [tenant_id for (tenant_id,) in cursor.fetchall()]


def find_probed_connectors() -> list[tuple[UUID, UUID, str]]:
    """The same of those in quarantine whose next probe is due."""
    return _read_across(PROBED)


def _read_across(statement: str) -> list[tuple[UUID, UUID, str]]:
    with connections["platform"].cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _read(row: tuple[Any, ...]) -> Connector:
    found = dict(zip(Connector.__dataclass_fields__, row, strict=True))
    for name in ("settings", "profile", "bucket", "breaker"):
        found[name] = orjson.loads(found[name])
    found["secret"] = bytes(found["secret"]) if found["secret"] is not None else None
    return Connector(**found)
