"""One resource: its canonical document and the columns it is looked up by.

Under row-level security only leakproof conditions can use an index, so what is looked up by equality or prefix is
stored
already folded (NFKC and casefold) under COLLATE "C", never computed in the query.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from labsninja.kernel.isolation.managers import TenantModel


class Resource(TenantModel):
    """A User or Group (later: any type). A deleted one stays as a tombstone: its id is never used again.

    It can be restored, and rejoins its `left_groups`, until it was purged: then its values are gone.

    `document` is JSON text without `id` and `meta`, which are spliced in when it is answered; `search` is the same
    folded for filters.
    """

    resource_type = models.TextField()
    user_name = models.TextField(null=True, db_collation="C")
    external_id = models.TextField(null=True, db_collation="C")
    display_name = models.TextField(null=True, db_collation="C")
    unique_name = models.TextField(null=True, db_collation="C")
    active = models.BooleanField(null=True)
    document = models.TextField()
    search = models.JSONField(db_default=models.Value({}, output_field=models.JSONField()))
    version = models.IntegerField()
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()
    scim_client_id = models.UUIDField(null=True)
    deleted_at = models.DateTimeField(null=True)
    left_groups = ArrayField(models.UUIDField(), null=True)
    purged_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        abstract = False
        db_table = "scim_resource"
        constraints = (
            models.UniqueConstraint(
                fields=["tenant_id", "resource_type", "user_name"],
                condition=models.Q(deleted_at=None),
                name="scim_resource_user_name_unique",
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "resource_type", "unique_name"],
                condition=models.Q(deleted_at=None, unique_name__isnull=False),
                name="scim_resource_unique_name_unique",
            ),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="scim_resource_version_positive"),
        )
        indexes = (
            models.Index(
                fields=["tenant_id", "resource_type", "external_id"],
                condition=models.Q(deleted_at=None),
                name="scim_resource_external_id",
            ),
            models.Index(
                fields=["tenant_id", "resource_type", "display_name"],
                condition=models.Q(deleted_at=None),
                name="scim_resource_display_name",
            ),
            models.Index(
                fields=["tenant_id", "resource_type", "user_name"],
                condition=models.Q(deleted_at__isnull=False),
                name="scim_resource_tombstone",
            ),
            models.Index(
                fields=["tenant_id", "resource_type", "id"],
                condition=models.Q(deleted_at=None),
                name="scim_resource_live",
            ),
            models.Index(
                fields=["tenant_id", "deleted_at", "id"],
                condition=models.Q(deleted_at__isnull=False, purged_at=None),
                name="scim_resource_trash",
            ),
        )
