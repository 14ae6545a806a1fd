"""How each named constraint of the database is violated, and the rows that the violations are copies of."""

from typing import Any

FRESH = "99999999-9999-7999-8999-999999999999"
ABSENT = "88888888-8888-7888-8888-888888888888"
# Constraint, its table, and what the copy has otherwise than the row.
VIOLATIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("audit_checkpoint_has_leaves", "audit_checkpoint", {"size": 0}),
    ("audit_checkpoint_pkey", "audit_checkpoint", {}),
    ("audit_event_pkey", "audit_event", {}),
    ("audit_leaf_event_unique", "audit_leaf", {"leaf_index": 1}),
    ("audit_leaf_hash_size", "audit_leaf", {"leaf_index": 1, "event_id": FRESH, "hash": "\\x00"}),
    ("audit_leaf_pkey", "audit_leaf", {"event_id": FRESH}),
    ("audit_sealing_pkey", "audit_sealing", {}),
    ("audit_sealing_single", "audit_sealing", {"id": False}),
    ("audit_signing_key_one_active", "audit_signing_key", {"id": FRESH}),
    ("audit_signing_key_pkey", "audit_signing_key", {"active": False, "private_key": None}),
    ("audit_signing_key_usable", "audit_signing_key", {"id": FRESH, "active": False}),
    ("audit_stream_checkpoint_form", "audit_stream", {"id": FRESH, "kind": "checkpoints", "form": "ocsf"}),
    ("audit_stream_counts", "audit_stream", {"id": FRESH, "next": -1}),
    ("audit_stream_form", "audit_stream", {"id": FRESH, "form": "x"}),
    ("audit_stream_kind", "audit_stream", {"id": FRESH, "kind": "x"}),
    ("audit_stream_pkey", "audit_stream", {}),
    ("audit_stream_state", "audit_stream", {"id": FRESH, "state": "x"}),
    ("audit_streaming_pkey", "audit_streaming", {}),
    ("audit_streaming_single", "audit_streaming", {"id": False}),
    ("audit_subject_key_pkey", "audit_subject_key", {}),
    ("audit_subtree_hash_size", "audit_subtree", {"number": 1, "hash": "\\x00"}),
    ("audit_subtree_pkey", "audit_subtree", {}),
    ("audit_word_length", "audit_word", {"word": ""}),
    ("audit_word_pkey", "audit_word", {}),
    ("audit_word_progress_counts", "audit_word_progress", {"leaves": -1}),
    ("audit_word_progress_pkey", "audit_word_progress", {}),
    ("kernel_data_key_one_active", "kernel_data_key", {"id": FRESH}),
    ("kernel_data_key_pkey", "kernel_data_key", {"active": False}),
    ("kernel_lease_pkey", "kernel_lease", {}),
    ("scim_attribute_index_pkey", "scim_attribute_index", {}),
    (
        "scim_attribute_index_state_known",
        "scim_attribute_index",
        {"path": "another", "state": "lost", "ended_at": "2026-01-01T00:00:00Z"},
    ),
    ("scim_alert_incident_kind_known", "scim_alert_incident", {"id": FRESH, "kind": "another"}),
    ("scim_alert_incident_open", "scim_alert_incident", {"id": FRESH}),
    ("scim_alert_incident_pkey", "scim_alert_incident", {"kind": "errors"}),
    ("scim_alert_incident_scim_client_id_fk", "scim_alert_incident", {"id": FRESH, "scim_client_id": FRESH}),
    ("scim_alert_incident_times", "scim_alert_incident", {"resolved_at": "2025-01-01T00:00:00Z"}),
    ("scim_alert_rule_kind_known", "scim_alert_rule", {"kind": "another"}),
    ("scim_alert_rule_pkey", "scim_alert_rule", {}),
    ("scim_alert_rule_threshold", "scim_alert_rule", {"kind": "errors", "threshold": 0}),
    ("scim_attribute_index_end_told", "scim_attribute_index", {"path": "another", "state": "ready"}),
    (
        "scim_attribute_index_failure_counted",
        "scim_attribute_index",
        {"path": "another", "state": "failed", "ended_at": "2026-01-01T00:00:00Z"},
    ),
    ("scim_client_warning_counted", "scim_client_warning", {"code": "another", "count": 0}),
    ("scim_client_warning_pkey", "scim_client_warning", {}),
    ("scim_client_warning_scim_client_id_fk", "scim_client_warning", {"scim_client_id": FRESH}),
    ("scim_counter_pkey", "scim_counter", {}),
    ("scim_breaker_pkey", "scim_breaker", {}),
    ("scim_breaker_active_counted", "scim_breaker", {"active": -1}),
    ("scim_departure_pkey", "scim_departure", {}),
    ("scim_departure_number_counted", "scim_departure", {"minute": "2026-01-01T00:00:00Z", "number": -1}),
    ("scim_hold_pkey", "scim_hold", {"resource_id": FRESH}),
    ("scim_hold_open", "scim_hold", {"id": FRESH}),
    ("scim_hold_kind_known", "scim_hold", {"id": FRESH, "kind": "leave"}),
    ("scim_hold_state_known", "scim_hold", {"id": FRESH, "state": "lost", "settled_at": "2026-01-01T00:00:00Z"}),
    ("scim_hold_settled", "scim_hold", {"id": FRESH, "state": "released"}),
    ("scim_hold_resource_id_fk", "scim_hold", {"id": FRESH, "resource_id": FRESH}),
    ("scim_counter_slot_bounded", "scim_counter", {"slot": 16}),
    ("scim_request_count_counted", "scim_request_count", {"bucket": 2, "count": 0}),
    ("scim_request_count_pkey", "scim_request_count", {}),
    ("scim_request_count_scim_client_id_fk", "scim_request_count", {"scim_client_id": FRESH}),
    ("scim_request_count_slot", "scim_request_count", {"slot": "2026-01-01T00:01:00Z"}),
    ("scim_request_count_times", "scim_request_count", {"bucket": 2, "last_at": "2025-01-01T00:00:00Z"}),
    ("scim_feed_last_counted", "scim_feed", {"last": -1}),
    ("scim_feed_pkey", "scim_feed", {}),
    ("scim_page_anchor_live_counted", "scim_page_anchor", {"live": -1}),
    ("scim_page_anchor_pkey", "scim_page_anchor", {}),
    ("scim_page_step_number_known", "scim_page_step", {"version": 9, "number": 2}),
    ("scim_page_step_pkey", "scim_page_step", {}),
    ("scim_reads_recorded_pkey", "scim_reads_recorded", {}),
    ("scim_reads_recorded_whole_minute", "scim_reads_recorded", {"until": "2026-01-01T00:00:01Z"}),
    ("scim_resource_index_pkey", "scim_resource_index", {}),
    ("scim_resource_index_value_bounded", "scim_resource_index", {"value": "x" * 2401}),
    ("scim_resource_type_pkey", "scim_resource_type", {}),
    ("scim_resource_type_version_positive", "scim_resource_type", {"name": "another", "version": 0}),
    ("scim_schema_pkey", "scim_schema", {}),
    ("scim_schema_version_positive", "scim_schema", {"name": "another", "version": 0}),
    ("scim_schema_revision_pkey", "scim_schema_revision", {}),
    ("scim_schema_revision_positive", "scim_schema_revision", {"revision": 0}),
    ("scim_unique_value_pkey", "scim_unique_value", {"resource_id": FRESH}),
    ("scim_unique_value_digest_length", "scim_unique_value", {"path": "another", "digest": "\\x00"}),
    ("scim_resource_unique_name_unique", "scim_resource", {"id": FRESH, "user_name": None}),
    ("tenants_rate_bucket_not_overdrawn", "tenants_rate_bucket", {"bucket": "another", "tokens": -1}),
    ("tenants_rate_bucket_pkey", "tenants_rate_bucket", {}),
    ("scim_change_feed_seq_unique", "scim_change", {"id": FRESH, "version": 2}),
    ("scim_change_pkey", "scim_change", {"version": 2, "feed_seq": None}),
    ("scim_change_resource_id_fk", "scim_change", {"id": FRESH, "resource_id": FRESH, "feed_seq": None}),
    ("scim_change_version_unique", "scim_change", {"id": FRESH, "feed_seq": None}),
    ("scim_member_group_id_fk", "scim_member", {"group_id": FRESH}),
    ("scim_member_known_or_pending", "scim_member", {"value": "another", "folded": None}),
    (
        "scim_member_member_id_fk",
        "scim_member",
        {"value": FRESH, "folded": None, "member_id": FRESH, "member_type": "User"},
    ),
    ("scim_member_pkey", "scim_member", {}),
    ("scim_resource_pkey", "scim_resource", {"user_name": "another"}),
    ("scim_resource_user_name_unique", "scim_resource", {"id": FRESH}),
    ("scim_resource_version_positive", "scim_resource", {"id": FRESH, "user_name": "another", "version": 0}),
    ("tenants_client_token_lookup_id_unique", "tenants_client_token", {"id": FRESH}),
    (
        "tenants_client_token_issuer_id_fk",
        "tenants_client_token",
        {"id": FRESH, "lookup_id": "another", "kind": "access", "issuer_id": ABSENT},
    ),
    (
        "tenants_client_token_issuer_of_access",
        "tenants_client_token",
        {"id": FRESH, "lookup_id": "another", "kind": "access"},
    ),
    ("tenants_client_token_kind_known", "tenants_client_token", {"id": FRESH, "lookup_id": "another", "kind": "key"}),
    ("tenants_client_token_pkey", "tenants_client_token", {"lookup_id": "another"}),
    (
        "tenants_client_token_scim_client_id_fk",
        "tenants_client_token",
        {"id": FRESH, "lookup_id": "another", "scim_client_id": FRESH},
    ),
    (
        "tenants_client_token_warned_days_check",
        "tenants_client_token",
        {"id": FRESH, "lookup_id": "another", "warned_days": -1},
    ),
    ("tenants_setup_link_opened_whole", "tenants_setup_link", {"id": FRESH, "opened_at": "2026-01-01T00:00:00Z"}),
    ("tenants_setup_link_pkey", "tenants_setup_link", {}),
    ("tenants_setup_link_scim_client_id_fk", "tenants_setup_link", {"id": FRESH, "scim_client_id": FRESH}),
    ("tenants_scim_client_name_unique", "tenants_scim_client", {"id": FRESH}),
    ("tenants_scim_client_pkey", "tenants_scim_client", {"name": "another"}),
    ("tenants_scim_client_tenant_fk", "tenants_scim_client", {"tenant_id": FRESH}),
    ("tenants_tenant_pkey", "tenants_tenant", {"slug": "another"}),
    ("tenants_tenant_plan_known", "tenants_tenant", {"id": FRESH, "slug": "another", "plan": "gold"}),
    ("tenants_tenant_slug_unique", "tenants_tenant", {"id": FRESH}),
    (
        "tenants_tenant_deletion_suspended",
        "tenants_tenant",
        {"id": FRESH, "slug": "another", "deletes_at": "2026-01-01"},
    ),
    ("tenants_tenant_state_known", "tenants_tenant", {"id": FRESH, "slug": "another", "state": "lost"}),
    ("tenants_tenant_trash_days_bounded", "tenants_tenant", {"id": FRESH, "slug": "another", "trash_days": 0}),
    ("tenants_tenant_breaker_count_bounded", "tenants_tenant", {"id": FRESH, "slug": "another", "breaker_count": 4}),
    (
        "tenants_tenant_breaker_percent_bounded",
        "tenants_tenant",
        {"id": FRESH, "slug": "another", "breaker_percent": 101},
    ),
    (
        "tenants_tenant_breaker_minutes_bounded",
        "tenants_tenant",
        {"id": FRESH, "slug": "another", "breaker_minutes": 4},
    ),
)
PENDING_MEMBER = """
INSERT INTO scim_member (tenant_id, group_id, value, folded, added_at)
SELECT tenant_id, id, 'pending', 'pending', now() FROM scim_resource WHERE tenant_id = %s ORDER BY id LIMIT 1
"""
# A row for every table that the little directory leaves empty.
ROWS = (
    (
        "UPDATE scim_resource SET unique_name = 'only' WHERE id = (SELECT min(id::text)::uuid FROM scim_resource r"
        " WHERE r.tenant_id = %(tenant)s)"
    ),
    "INSERT INTO audit_leaf VALUES (%(tenant)s, 0, gen_random_uuid(), now(), sha256(''))",
    "INSERT INTO audit_subject_key VALUES (%(tenant)s, 'ada', gen_random_uuid(), '', now())",
    "INSERT INTO audit_subtree VALUES (%(tenant)s, 1, 0, sha256(''))",
    "INSERT INTO audit_checkpoint VALUES (%(tenant)s, 1, sha256(''), '', now())",
    "INSERT INTO audit_word VALUES (%(tenant)s, 'word', now(), gen_random_uuid())",
    "INSERT INTO audit_word_progress VALUES (%(tenant)s, 0)",
    (
        "INSERT INTO audit_stream (tenant_id, id, kind, form, place, sealed, state, next, created_at)"
        " VALUES (%(tenant)s, gen_random_uuid(), 'events', 'jsonl', '', '', 'running', 0, now())"
    ),
    "INSERT INTO audit_signing_key VALUES (%(tenant)s, gen_random_uuid(), '', '', '', true, now())",
    (
        "INSERT INTO scim_client_warning SELECT tenant_id, id, 'W_BOOL_STRING', 1, now() FROM tenants_scim_client"
        " WHERE tenant_id = %(tenant)s ORDER BY id LIMIT 1"
    ),
    "INSERT INTO scim_alert_rule VALUES (%(tenant)s, 'silence', true, true, 1)",
    (
        "INSERT INTO scim_alert_incident SELECT tenant_id, gen_random_uuid(), 'silence', id, '', '', now(), NULL"
        " FROM tenants_scim_client WHERE tenant_id = %(tenant)s ORDER BY id LIMIT 1"
    ),
    (
        "INSERT INTO scim_request_count SELECT tenant_id, t, id, 200, '', 1, 1, t, t FROM tenants_scim_client,"
        " LATERAL (SELECT timestamptz '2026-01-01T00:00:00Z') AS k (t) WHERE tenant_id = %(tenant)s ORDER BY id LIMIT 1"
    ),
    (
        "INSERT INTO scim_attribute_index (tenant_id, resource_type, path, state, started_at)"
        " VALUES (%(tenant)s, 'User', 'x', 'building', now())"
    ),
    "INSERT INTO scim_breaker (tenant_id) VALUES (%(tenant)s)",
    "INSERT INTO scim_departure VALUES (%(tenant)s, now(), 1)",
    (
        "INSERT INTO scim_hold (tenant_id, id, resource_id, kind, version, was_active, request_id, held_at)"
        " SELECT tenant_id, id, id, 'deletion', 1, true, '', now() FROM scim_resource"
        " WHERE tenant_id = %(tenant)s ORDER BY id LIMIT 1"
    ),
    "INSERT INTO scim_counter VALUES (%(tenant)s, 'Another', 0, 1)",
    "INSERT INTO scim_feed VALUES (%(tenant)s, 0)",
    "INSERT INTO scim_page_anchor VALUES (%(tenant)s, 'Another', %(tenant)s, 1)",
    "INSERT INTO scim_page_step VALUES (%(tenant)s, 'Another', %(tenant)s, 1, 1)",
    "INSERT INTO scim_resource_type VALUES (%(tenant)s, 'device', '{}', 1, now())",
    "INSERT INTO scim_schema VALUES (%(tenant)s, 'urn:x:y', '{}', 1, now())",
    "INSERT INTO scim_schema_revision VALUES (%(tenant)s, 1)",
    "INSERT INTO scim_unique_value VALUES (%(tenant)s, 'User', 'x', sha256('x'), %(tenant)s)",
    "INSERT INTO scim_reads_recorded VALUES (%(tenant)s, '2026-01-01T00:00:00Z')",
    (
        "INSERT INTO scim_resource_index SELECT tenant_id, 'User', 'emails.value', 'ada', id FROM scim_resource"
        " WHERE tenant_id = %(tenant)s ORDER BY id LIMIT 1"
    ),
    (
        "INSERT INTO tenants_rate_bucket (tenant_id, bucket, tokens, granted, refilled_at)"
        " VALUES (%(tenant)s, 'tenant', 1, 0, now())"
    ),
    (
        "INSERT INTO tenants_setup_link (tenant_id, id, scim_client_id, digest, email, created_by, expires_at, address,"
        " user_agent) SELECT tenant_id, gen_random_uuid(), id, '', '', '', now(), '', '' FROM tenants_scim_client"
        " WHERE tenant_id = %(tenant)s ORDER BY id LIMIT 1"
    ),
)
