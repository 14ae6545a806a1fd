"""The tenant: the organization whose directory this is, the unit of isolation. A global table."""

import uuid_utils.compat
from django.db import models
from django.db.models.functions import Now

from tenants.plans import Plan


class Tenant(models.Model):
    """`slug` is the name people and commands use. A suspended tenant keeps its data; its tokens get 403.
    One that is to be deleted is suspended until then; what is left of a deleted one is this row and its audit history.

    Where the RFC leaves room the tenant chooses: `unique_group_names` (no two groups of one displayName),
    `keep_members` (a PUT of a group without members leaves them), `strict_members` (unknown members are refused, not
    kept as pending), `revive_deleted` (a person who comes back gets the old id).
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
        )

    def __str__(self) -> str:
        return self.slug
