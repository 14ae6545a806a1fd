"""Streams: where a tenant's events or checkpoints are sent, and how far that has come."""

from django.db import migrations

from labsninja.kernel.isolation.rls import TenantTable, lock_timeout

# `sealed` holds the URL, the signing secrets and a header. `next` is the leaf that is sent next, or the size of the
# last checkpoint that was sent: what is sealed has an order that no late transaction changes.
STREAM = """
CREATE TABLE audit_stream (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    form text NOT NULL,
    place text NOT NULL,
    sealed bytea NOT NULL,
    state text NOT NULL,
    next bigint NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    last_error text NOT NULL DEFAULT '',
    last_sent_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT audit_stream_kind CHECK (kind IN ('events', 'checkpoints', 'notices')),
    CONSTRAINT audit_stream_form CHECK (form IN ('cloudevents', 'ocsf', 'jsonl')),
    CONSTRAINT audit_stream_checkpoint_form CHECK (kind <> 'checkpoints' OR form <> 'ocsf'),
    CONSTRAINT audit_stream_state CHECK (state IN ('running', 'paused', 'stopped')),
    CONSTRAINT audit_stream_counts CHECK (next >= 0 AND failures >= 0)
)
"""


class Migration(migrations.Migration):
    """Creates audit_stream."""

    dependencies = [("audit", "0012_word")]

    operations = [
        lock_timeout(),
        migrations.RunSQL(STREAM, "DROP TABLE audit_stream"),
        TenantTable("audit_stream", app="SELECT, INSERT, UPDATE, DELETE"),
    ]
