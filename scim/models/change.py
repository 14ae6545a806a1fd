"""One committed version step of one resource: outbox, history and time machine in one."""

from django.db import models

from labsninja.kernel.isolation.managers import TenantModel


class Change(TenantModel):
    """`before` and `after` are documents as JSON text, None where the resource did not exist.

    The dispatcher later sets `dispatched_at` and the tenant's gapless `feed_seq`.
    """

    class Kind(models.TextChoices):
        """What the step did."""

        CREATED = "created", "Created"
        REVIVED = "revived", "Revived"
        RESTORED = "restored", "Restored"
        REPLACED = "replaced", "Replaced"
        PATCHED = "patched", "Patched"
        MEMBERS = "members", "Members changed"
        DELETED = "deleted", "Deleted"

    resource_id = models.UUIDField()
    resource_type = models.TextField()
    version = models.IntegerField()
    kind = models.TextField(choices=Kind.choices)
    at = models.DateTimeField()
    actor_id = models.TextField()
    request_id = models.TextField()
    before = models.TextField(null=True)
    after = models.TextField(null=True)
    members = models.TextField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    feed_seq = models.BigIntegerField(null=True)

    class Meta(TenantModel.Meta):
        abstract = False
        db_table = "scim_change"
        constraints = (
            models.UniqueConstraint(fields=["tenant_id", "resource_id", "version"], name="scim_change_version_unique"),
            models.UniqueConstraint(fields=["tenant_id", "feed_seq"], name="scim_change_feed_seq_unique"),
        )
        indexes = (
            models.Index(
                fields=["tenant_id", "id"], condition=models.Q(dispatched_at=None), name="scim_change_undispatched"
            ),
        )
