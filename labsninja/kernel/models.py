"""The kernel's tables: a tenant's data keys, and the deployment's leases."""

from django.db import models
from django.db.models.functions import Now

from labsninja.kernel.isolation.managers import TenantModel


class DataKey(TenantModel):
    """A tenant's AES-256 key, wrapped by the key encryption key `kek_id`. New secrets use the active one."""

    kek_id = models.TextField()
    wrapped = models.BinaryField()
    active = models.BooleanField()
    created = models.DateTimeField(db_default=Now())

    class Meta(TenantModel.Meta):
        abstract = False
        db_table = "kernel_data_key"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id"], condition=models.Q(active=True), name="kernel_data_key_one_active"
            ),
        ]


class Lease(models.Model):
    """Who may do what only one process may do. Global: leases belong to the deployment, their holders to no tenant."""

    name = models.TextField(primary_key=True)
    owner = models.TextField()
    fence = models.BigIntegerField()
    lease_until = models.DateTimeField()

    class Meta:
        db_table = "kernel_lease"
