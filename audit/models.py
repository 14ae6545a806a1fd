"""One audit event: columns to search by, and `canonical`, the exact text (RFC 8785) that proofs hash."""

from django.db import models

from labsninja.kernel.isolation.managers import TenantModel


class AuditEvent(TenantModel):
    """Append-only; partitioned by month of `at`. Stored by `audit.services` alone."""

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

    class Meta(TenantModel.Meta):
        abstract = False
        db_table = "audit_event"
        ordering = ("at", "id")
