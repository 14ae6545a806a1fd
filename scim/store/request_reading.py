"""Reading the request log of the open scope's tenant: newest first, from a position on, by what an index serves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from labsninja.kernel.isolation import current_scope
from scim.store.request_log import RequestRow
from scim.store.request_search import Conditions

NAMES: Final = ", ".join(RequestRow.__dataclass_fields__)
# Rows that conditions without an index may pass over before a page ends early.
MOST_SEEN: Final = 5_000
# The sub-select walks the key (or an index that narrows) backwards; what no index serves is asked of so many rows.
SEEN: Final = """
FROM scim_request_log WHERE tenant_id = %(tenant)s AND (at, id) < (%(at)s, %(id)s) {narrow} ORDER BY at DESC, id DESC
"""
PAGE: Final = f"""
SELECT {NAMES} FROM (SELECT * {SEEN} LIMIT {MOST_SEEN}) AS seen WHERE {{where}}
ORDER BY at DESC, id DESC LIMIT %(limit)s
"""  # noqa: S608  # put together from constants
# How far a walk came that ended early, from the index alone.
END: Final = f"SELECT at, id {SEEN} LIMIT 1 OFFSET {MOST_SEEN - 1}"  # as above
# The id tells the time at which it was made, to the millisecond: the row stands near it in the key.
ONE: Final = f"""
SELECT {NAMES} FROM scim_request_log WHERE tenant_id = %s AND at BETWEEN %s AND %s AND id = %s
"""  # noqa: S608  # as above
BY_PREFIX: Final = f"""
SELECT {NAMES} FROM scim_request_log
WHERE tenant_id = %s AND token_prefix = ANY(%s) AND token_prefix <> '' AND scim_client_id IS NULL AND at > %s
ORDER BY at DESC LIMIT %s
"""  # noqa: S608  # as above
BY_RESOURCE: Final = f"""
SELECT {NAMES} FROM scim_request_log
WHERE tenant_id = %s AND resource_id = %s AND resource_id <> '' ORDER BY at DESC LIMIT %s
"""  # noqa: S608  # as above
# Indexes scim_request_log_resource and scim_request_log_subject: a refused creation has a name, and no id.
BESIDE: Final = f"""
SELECT {NAMES} FROM scim_request_log
WHERE tenant_id = %(tenant)s AND (at, id) {{sign}} (%(at)s, %(id)s) AND resource_type = %(type)s
  AND ((resource_id = %(resource)s AND resource_id <> '') OR (subject = %(subject)s AND subject <> ''))
ORDER BY at {{order}}, id {{order}} LIMIT %(limit)s
"""  # noqa: S608  # as above
VERSION_OF_TIME: Final = 7
LAST_MILLISECOND: Final = 253_370_764_800_000  # of the year 9998
SLACK: Final = timedelta(minutes=10)  # a request may last, and a clock be set


@dataclass(frozen=True)
class LogPosition:
    """Behind which row a page begins."""

    at: datetime
    id: UUID


def read_requests(
    *, position: LogPosition, limit: int, made: Conditions | None = None
) -> tuple[Sequence[RequestRow], LogPosition | None]:
    """At most `limit` rows older than the position, and where to go on, None when there is nothing further back.

    A page with few rows may go on: MOST_SEEN were looked at, and older ones were not.
    """
    scope, made = current_scope(), made or Conditions()
    values = {"tenant": scope.tenant_id, "at": position.at, "id": position.id, "limit": limit, **made.values}
    parts = {"narrow": "".join(f" AND {each}" for each in made.narrow), "where": " AND ".join(made.where) or "true"}
    rows = _rows(scope.execute(PAGE.format(**parts), values))
    if len(rows) == limit:
        return rows, LogPosition(rows[-1].at, rows[-1].id)
    end = scope.execute(END.format(**parts), values).fetchone() if made.where else None
    return rows, LogPosition(*end) if end else None


def read_request(*, request_id: UUID) -> RequestRow | None:
    """The row with that id, which is a UUIDv7."""
    scope, milliseconds = current_scope(), request_id.int >> 80
    if request_id.version != VERSION_OF_TIME or milliseconds > LAST_MILLISECOND:
        return None
    made = datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
    found = _rows(scope.execute(ONE, [scope.tenant_id, made - SLACK, made + SLACK, request_id]))
    return found[0] if found else None


def read_requests_beside(*, row: RequestRow, limit: int) -> tuple[Sequence[RequestRow], Sequence[RequestRow]]:
    """At most `limit` about the same, by id or name, before it, and as many after it, both the newest first."""
    scope = current_scope()
    same = {"type": row.resource_type, "resource": row.resource_id, "subject": row.subject}
    values = {"tenant": scope.tenant_id, "at": row.at, "id": row.id, "limit": limit, **same}
    older = _rows(scope.execute(BESIDE.format(sign="<", order="DESC"), values))
    newer = _rows(scope.execute(BESIDE.format(sign=">", order="ASC"), values))
    return older, newer[::-1]


def read_strangers(*, prefixes: Sequence[str], since: datetime, limit: int) -> Sequence[RequestRow]:
    """Requests without a genuine token that named one of the public parts. In the deployment's own scope."""
    scope = current_scope()
    return _rows(scope.execute(BY_PREFIX, [scope.tenant_id, list(prefixes), since, limit]))


def read_requests_of(*, resource_id: str, limit: int) -> Sequence[RequestRow]:
    """The newest about one resource."""
    scope = current_scope()
    return _rows(scope.execute(BY_RESOURCE, [scope.tenant_id, resource_id, limit]))


def _rows(cursor: Any) -> Sequence[RequestRow]:
    return [RequestRow(*row) for row in cursor.fetchall()]
