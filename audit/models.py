"""One audit event: columns to search by, and `canonical`, the exact text (RFC 8785) that proofs hash."""

from enum import StrEnum

from django.db import models

from labsninja.kernel.isolation.managers import TenantModel


class Values(StrEnum):
    """What became of an event's personal values."""

    NONE = "none"
    SHOWN = "shown"
    ERASED = "erased"
    DAMAGED = "damaged"


class AuditEvent(TenantModel):
    """Append-only; partitioned by month of `at`. Stored by `audit.services` alone.

    `personal` are personal values under the person's key; `target_display` is empty beside them until
    audit.personal.open_events has read them, which also sets `values` and `opened`, neither of them a column.
    """

    at = models.DateTimeField()
    action = models.TextField()
    outcome = models.TextField()
    actor_kind = models.TextField()
    actor_id = models.TextField()
    actor_label = models.TextField()
    token_prefix = models.TextField()
    surface = models.TextField()
    address = models.TextField()
    user_agent = models.TextField()
    target_type = models.TextField()
    target_id = models.TextField()
    target_display = models.TextField()
    request_id = models.TextField()
    canonical = models.TextField()
    personal = models.BinaryField(null=True)

    values: Values = Values.NONE
    opened: str = ""

    class Meta(TenantModel.Meta):
        abstract = False
        db_table = "audit_event"
        ordering = ("at", "id")
