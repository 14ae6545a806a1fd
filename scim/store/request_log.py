"""Rows of the request log and the counts of warnings: written by the hundred, each statement within the open scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from labsninja.kernel.isolation import current_scope


@dataclass(frozen=True)
class RequestRow:
    """One row, as it is stored; nothing in it is secret any more."""

    id: UUID
    at: datetime
    scim_client_id: UUID | None
    token_prefix: str
    request_id: str
    method: str
    path: str
    query: str
    status: int
    scim_type: str
    outcome: str
    duration_us: int
    address: str
    user_agent: str
    resource_type: str
    resource_id: str
    subject: str
    warnings: tuple[str, ...]
    request_body: str
    response_body: str
    detail: str

    @property
    def milliseconds(self) -> float:
        """How long the answer took."""
        return round(self.duration_us / 1000, 1)


_TYPES: Final = {
    "id": "uuid",
    "at": "timestamptz",
    "scim_client_id": "uuid",
    "status": "smallint",
    "duration_us": "bigint",
    "warnings": "text[]",
}
_NAMES: Final = ", ".join(each.name for each in fields(RequestRow))
_TYPED: Final = ", ".join(f"{each.name} {_TYPES.get(each.name, 'text')}" for each in fields(RequestRow))

# One plan and one parameter whatever the number of rows; arrays of 21 columns cost three times as much here.
INSERT: Final = (
    f"INSERT INTO scim_request_log (tenant_id, {_NAMES})"  # noqa: S608  # put together from constants
    f" SELECT %s::uuid, {_NAMES} FROM json_to_recordset(%s::json) AS given ({_TYPED})"
)
# Sorted, so that two processes lock the counts in one order. A SCIM client that is gone has no counts.
ADD_WARNINGS: Final = """
INSERT INTO scim_client_warning AS w (tenant_id, scim_client_id, code, count, last_at)
SELECT c.tenant_id, c.id, given.code, given.count, given.last_at
FROM unnest(%s::uuid[], %s::text[], %s::bigint[], %s::timestamptz[]) AS given (scim_client_id, code, count, last_at)
JOIN tenants_scim_client c ON c.tenant_id = %s AND c.id = given.scim_client_id
ORDER BY given.scim_client_id, given.code
ON CONFLICT (tenant_id, scim_client_id, code)
DO UPDATE SET count = w.count + excluded.count, last_at = greatest(w.last_at, excluded.last_at)
"""


def insert_requests(*, rows: Sequence[RequestRow]) -> None:
    """Append rows to the open scope's tenant's log, in one statement."""
    scope = current_scope()
    scope.execute(INSERT, [scope.tenant_id, orjson.dumps(rows).decode()])


def add_warnings(*, counts: Mapping[tuple[UUID, str], tuple[int, datetime]]) -> None:
    """Add to how often a SCIM client earned a warning: by client and code how many more, and when the newest."""
    if not counts:
        return
    clients, codes = zip(*counts, strict=True)
    numbers, times = zip(*counts.values(), strict=True)
    scope = current_scope()
    scope.execute(ADD_WARNINGS, [list(clients), list(codes), list(numbers), list(times), scope.tenant_id])
