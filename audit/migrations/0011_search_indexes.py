"""Indexes by which events are searched. Each ends with the order in which pages are read."""

from django.db import migrations

from labsninja.kernel.isolation.rls import lock_timeout

# An index is written with every event, so what nearly all events share is left out: that they were done, over SCIM, to
# people.
INDEXES = {
    "actor": "actor_kind, actor_id, actor_label",
    "action": "action",
    "target": "target_id",
    "type": "target_type",
    "address": 'address COLLATE "C"',  # in this order an address stands beside its network's others
    "request": "request_id",
    "token": "token_prefix",
    "outcome": "outcome",
    "surface": "surface",
}
PARTIAL = {
    "address": "address <> ''",
    "token": "token_prefix <> ''",
    "type": "target_type <> 'User'",
    "outcome": "outcome <> 'done'",
    "surface": "surface <> 'scim'",
}


def _create(name: str) -> str:
    condition = f" WHERE {PARTIAL[name]}" if name in PARTIAL else ""
    return f"CREATE INDEX audit_event_{name}_idx ON audit_event (tenant_id, {INDEXES[name]}, at, id){condition}"


class Migration(migrations.Migration):
    """Creates the search indexes of audit_event."""

    dependencies = [("audit", "0010_personal")]

    operations = [
        lock_timeout(),
        *(migrations.RunSQL(_create(name), f"DROP INDEX audit_event_{name}_idx") for name in INDEXES),
    ]
