"""How the constraints of sync's tables are violated, and the rows that the violations are copies of."""

from typing import Any

from tests.store.violations import FRESH

LATER = "2026-01-01T00:00:00Z"
SYNC_VIOLATIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("sync_connector_kind_known", "sync_connector", {"id": FRESH, "name": "x", "kind": "x"}),
    ("sync_connector_leased", "sync_connector", {"id": FRESH, "name": "x", "lease_token": FRESH}),
    ("sync_connector_name_unique", "sync_connector", {"id": FRESH}),
    ("sync_connector_pkey", "sync_connector", {"name": "x"}),
    ("sync_connector_probed", "sync_connector", {"id": FRESH, "name": "x", "probe_at": LATER}),
    ("sync_connector_state_known", "sync_connector", {"id": FRESH, "name": "x", "state": "x"}),
    ("sync_item_connector_id_fk", "sync_item", {"id": FRESH, "connector_id": FRESH}),
    ("sync_item_outcome_known", "sync_item", {"id": FRESH, "outcome": "x"}),
    ("sync_item_pkey", "sync_item", {}),
    ("sync_link_applied", "sync_link", {"resource_id": FRESH, "remote_id": None, "applied": "{}"}),
    ("sync_link_connector_id_fk", "sync_link", {"connector_id": FRESH}),
    ("sync_link_failed", "sync_link", {"resource_id": FRESH, "remote_id": None, "error_sig": "x"}),
    ("sync_link_leased", "sync_link", {"resource_id": FRESH, "remote_id": None, "lease_token": FRESH}),
    ("sync_link_member_connector_id_fk", "sync_link_member", {"connector_id": FRESH}),
    ("sync_link_member_pkey", "sync_link_member", {}),
    ("sync_link_pkey", "sync_link", {"remote_id": None}),
    ("sync_link_remote_unique", "sync_link", {"resource_id": FRESH}),
    ("sync_link_state_known", "sync_link", {"resource_id": FRESH, "remote_id": None, "state": "x"}),
    ("sync_mapping_connector_id_fk", "sync_mapping", {"id": FRESH, "connector_id": FRESH}),
    ("sync_mapping_one_each", "sync_mapping", {"id": FRESH, "version": 2}),
    ("sync_mapping_pkey", "sync_mapping", {"version": 2, "status": "draft", "published_at": None}),
    ("sync_mapping_published", "sync_mapping", {"id": FRESH, "version": 2, "status": "draft"}),
    ("sync_mapping_status_known", "sync_mapping", {"id": FRESH, "version": 2, "status": "x"}),
    ("sync_mapping_version_counted", "sync_mapping", {"id": FRESH, "version": 0, "status": "retired"}),
    ("sync_mapping_version_unique", "sync_mapping", {"id": FRESH, "status": "retired"}),
    ("sync_plan_item_action_known", "sync_plan_item", {"resource_id": FRESH, "action": "x"}),
    ("sync_plan_item_pkey", "sync_plan_item", {}),
    ("sync_plan_item_run_id_fk", "sync_plan_item", {"run_id": FRESH}),
    ("sync_run_connector_id_fk", "sync_run", {"id": FRESH, "connector_id": FRESH}),
    ("sync_run_ended", "sync_run", {"id": FRESH, "ended_at": LATER}),
    ("sync_run_leased", "sync_run", {"id": FRESH, "lease_token": FRESH}),
    ("sync_run_mode_known", "sync_run", {"id": FRESH, "mode": "x"}),
    ("sync_run_one", "sync_run", {"id": FRESH}),
    ("sync_run_pkey", "sync_run", {"state": "planned", "ended_at": LATER}),
    ("sync_run_state_known", "sync_run", {"id": FRESH, "state": "x", "ended_at": None}),
    ("sync_wait_connector_id_fk", "sync_wait", {"connector_id": FRESH}),
    ("sync_wait_pkey", "sync_wait", {}),
)
# Everything of sync has the tenant's id wherever it needs one.
SYNC_ROWS = (
    (
        "INSERT INTO sync_connector (tenant_id, id, name, kind, settings, created_at, changed_at)"
        " VALUES (%(tenant)s, %(tenant)s, 'Slack', 'scim', '{}', now(), now())"
    ),
    (
        "INSERT INTO sync_mapping (tenant_id, id, connector_id, resource_type, version, status, rows, created_at,"
        " created_by, published_at)"
        " VALUES (%(tenant)s, %(tenant)s, %(tenant)s, 'User', 1, 'active', '[]', now(), '', now())"
    ),
    (
        "INSERT INTO sync_link (tenant_id, connector_id, resource_id, resource_type, rank, remote_id)"
        " VALUES (%(tenant)s, %(tenant)s, %(tenant)s, 'User', 0, 'there')"
    ),
    "INSERT INTO sync_link_member VALUES (%(tenant)s, %(tenant)s, %(tenant)s, %(tenant)s)",
    "INSERT INTO sync_wait VALUES (%(tenant)s, %(tenant)s, %(tenant)s, %(tenant)s)",
    (
        "INSERT INTO sync_run (tenant_id, id, connector_id, mode, requested_by, requested_at)"
        " VALUES (%(tenant)s, %(tenant)s, %(tenant)s, 'full', '', now())"
    ),
    (
        "INSERT INTO sync_plan_item (tenant_id, run_id, resource_id, resource_type, action, name)"
        " VALUES (%(tenant)s, %(tenant)s, %(tenant)s, 'User', 'create', '')"
    ),
    (
        "INSERT INTO sync_item (tenant_id, id, connector_id, resource_id, resource_type, at, action, outcome, attempt,"
        " milliseconds) VALUES (%(tenant)s, %(tenant)s, %(tenant)s, %(tenant)s, 'User', now(), 'create', 'done', 1, 1)"
    ),
)
