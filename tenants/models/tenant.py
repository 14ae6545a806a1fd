"""The tenant: the organization whose directory this is, the unit of isolation. A global table."""

from typing import Final

import uuid_utils.compat
from django.db import models
from django.db.models.functions import Now

from tenants.plans import Plan

# Least and most of each number of the lifecycle. Below five leavers nothing is ever held.
LIFECYCLE_BOUNDS: Final = {
    "trash_days": (1, 365),
    "breaker_count": (5, 100_000),
    "breaker_percent": (1, 100),
    "breaker_minutes": (5, 1_440),
}


class Tenant(models.Model):
    """`slug` is the name people and commands use. A suspended tenant keeps its data; its tokens get 403.
    One that is to be deleted is suspended until then; what is left of a deleted one is this row and its audit history.

    Where the RFC leaves room the tenant chooses: `unique_group_names` (no two groups of one displayName),
    `keep_members` (a PUT of a group without members leaves them), `strict_members` (unknown members are refused, not
    kept as pending), `revive_deleted` (a person who comes back gets the old id).

    Who was deleted can be restored for `trash_days`. While the breaker is on, more than `breaker_count` people and more
    than `breaker_percent` of the active ones who leave within `breaker_minutes` are held back from connectors.
    """

    class State(models.TextChoices):
        """Whether the tenant is served."""

        ACTIVE = "active", "Active"
        SUSPENDED = "suspended", "Suspended"

    id = models.UUIDField(primary_key=True, default=uuid_utils.compat.uuid7, editable=False)
    slug = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    plan = models.CharField(max_length=20, choices=Plan.choices, default=Plan.FREE)
    state = models.CharField(max_length=20, choices=State.choices, default=State.ACTIVE)
    suspended_reason = models.CharField(max_length=500, blank=True, default="")
    unique_group_names = models.BooleanField(default=True, db_default=True)
    keep_members = models.BooleanField(default=False, db_default=False)
    strict_members = models.BooleanField(default=False, db_default=False)
    revive_deleted = models.BooleanField(default=False, db_default=False)
    trash_days = models.IntegerField(default=30, db_default=30)
    breaker_on = models.BooleanField(default=True, db_default=True)
    breaker_count = models.IntegerField(default=20, db_default=20)
    breaker_percent = models.IntegerField(default=20, db_default=20)
    breaker_minutes = models.IntegerField(default=60, db_default=60)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    deletes_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tenants_tenant"
        ordering = ("slug",)
        constraints = (
            models.UniqueConstraint(fields=["slug"], name="tenants_tenant_slug_unique"),
            models.CheckConstraint(condition=models.Q(plan__in=Plan.values), name="tenants_tenant_plan_known"),
            models.CheckConstraint(
                condition=models.Q(state__in=["active", "suspended"]), name="tenants_tenant_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(deletes_at=None, deleted_at=None) | models.Q(state="suspended"),
                name="tenants_tenant_deletion_suspended",
            ),
            *(
                models.CheckConstraint(
                    condition=models.Q((f"{name}__range", bounds)), name=f"tenants_tenant_{name}_bounded"
                )
                for name, bounds in LIFECYCLE_BOUNDS.items()
            ),
        )

    def __str__(self) -> str:
        return self.slug
