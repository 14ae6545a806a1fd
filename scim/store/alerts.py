"""Alert rules and incidents of the open scope's tenant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from labsninja.kernel.isolation import current_scope

RULES: Final = "SELECT kind, enabled, by_email, threshold FROM scim_alert_rule WHERE tenant_id = %s"
SET_RULE: Final = """
INSERT INTO scim_alert_rule (tenant_id, kind, enabled, by_email, threshold) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (tenant_id, kind)
DO UPDATE SET enabled = excluded.enabled, by_email = excluded.by_email, threshold = excluded.threshold
"""
# By the unique index of open ones; nothing when one is open already, or when the SCIM client is gone.
OPEN: Final = """
INSERT INTO scim_alert_incident (tenant_id, id, kind, scim_client_id, subject, told, opened_at)
SELECT tenant_id, %(id)s, %(kind)s, id, %(subject)s, %(told)s, %(at)s
FROM tenants_scim_client WHERE tenant_id = %(tenant)s AND id = %(client)s
ON CONFLICT (tenant_id, kind, scim_client_id, subject) WHERE resolved_at IS NULL DO NOTHING
"""
RESOLVE: Final = """
UPDATE scim_alert_incident SET resolved_at = greatest(%s, opened_at)
WHERE tenant_id = %s AND id = %s AND resolved_at IS NULL
"""
COLUMNS: Final = "id, kind, scim_client_id, subject, told, opened_at, resolved_at"
# By the index of open ones.
LIST_OPEN: Final = f"SELECT {COLUMNS} FROM scim_alert_incident WHERE tenant_id = %s AND resolved_at IS NULL"  # noqa: S608  # names of columns
# Backwards along their index.
LIST_NEWEST: Final = f"""
SELECT {COLUMNS} FROM scim_alert_incident WHERE tenant_id = %s ORDER BY opened_at DESC, id DESC LIMIT %s
"""  # noqa: S608  # put together from our own texts alone


@dataclass(frozen=True)
class RuleRow:
    """A rule as it stands in the table."""

    kind: str
    enabled: bool
    by_email: bool
    threshold: int


@dataclass(frozen=True)
class Incident:
    """Something that a rule has found; `subject` is the token where it is about one."""

    id: UUID
    kind: str
    scim_client_id: UUID
    subject: str
    told: str
    opened_at: datetime
    resolved_at: datetime | None


def read_rules() -> Sequence[RuleRow]:
    """Those that the tenant has changed."""
    scope = current_scope()
    return [RuleRow(*row) for row in scope.execute(RULES, [scope.tenant_id]).fetchall()]


def write_rule(*, rule: RuleRow) -> None:
    """Insert or replace."""
    scope = current_scope()
    scope.execute(SET_RULE, [scope.tenant_id, rule.kind, rule.enabled, rule.by_email, rule.threshold])


def insert_incident(*, incident: Incident) -> bool:
    """Whether it is new: False when one about the same is open."""
    scope = current_scope()
    values: dict[str, Any] = {
        "tenant": scope.tenant_id,
        "id": incident.id,
        "kind": incident.kind,
        "client": incident.scim_client_id,
        "subject": incident.subject,
        "told": incident.told,
        "at": incident.opened_at,
    }
    return bool(scope.execute(OPEN, values).rowcount)


def close_incident(*, incident_id: UUID, at: datetime) -> bool:
    """Whether it was open."""
    scope = current_scope()
    return bool(scope.execute(RESOLVE, [at, scope.tenant_id, incident_id]).rowcount)


def read_open_incidents() -> Sequence[Incident]:
    """All that are open."""
    scope = current_scope()
    return [Incident(*row) for row in scope.execute(LIST_OPEN, [scope.tenant_id]).fetchall()]


def read_newest_incidents(*, limit: int) -> Sequence[Incident]:
    """Open and resolved ones, newest first."""
    scope = current_scope()
    return [Incident(*row) for row in scope.execute(LIST_NEWEST, [scope.tenant_id, limit]).fetchall()]
