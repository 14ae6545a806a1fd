"""Who belongs to a tenant, and as what. Tenant tables: what a tenant's owner sees of people is this.

No foreign key to the person: a tenant's table has none that leaves the tenant. Where somebody belongs is asked of the
look-up role, by the index on the person.
"""

from django.db import models
from django.db.models.functions import Now

from labsninja.kernel.isolation.managers import TenantModel
from tenants.models.people import Customer, Operator


class Role(models.TextChoices):
    """What a member may do: an owner everything, an admin all but members and policy, a viewer nothing but look."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    VIEWER = "viewer", "Viewer"


class OperatorMembership(TenantModel):
    """An operator in a tenant; until the invitation is accepted they may do nothing there."""

    person = models.ForeignKey(Operator, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    accepted_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        abstract = False
        db_table = "tenants_operator_membership"
        indexes = (models.Index(fields=["person"], name="tenants_operator_membership_of"),)
        constraints = (
            models.UniqueConstraint(fields=["tenant_id", "person"], name="tenants_operator_membership_person_unique"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="tenants_operator_membership_role_known"
            ),
        )


class CustomerMembership(TenantModel):
    """A customer in the tenant of their organization; as an operator's."""

    person = models.ForeignKey(Customer, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    accepted_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        abstract = False
        db_table = "tenants_customer_membership"
        indexes = (models.Index(fields=["person"], name="tenants_customer_membership_of"),)
        constraints = (
            models.UniqueConstraint(fields=["tenant_id", "person"], name="tenants_customer_membership_person_unique"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="tenants_customer_membership_role_known"
            ),
        )


IDLE_MINUTES, SESSION_HOURS = (5, 60), (1, 12)


def _is_between(columns: tuple[str, str], bounds: tuple[int, int]) -> models.Q:
    first, second = (models.Q((name, None)) | models.Q((f"{name}__range", bounds)) for name in columns)
    return first & second


class SignInPolicy(TenantModel):
    """How people have to sign in to work in the tenant: with a second factor or not, and how long a session may idle
    and last. A tenant without a row asks for nothing, and null is as long as the realm lets everybody.
    """

    operators_need_factor = models.BooleanField(default=False, db_default=False)
    customers_need_factor = models.BooleanField(default=False, db_default=False)
    operators_idle_minutes = models.SmallIntegerField(null=True)
    operators_session_hours = models.SmallIntegerField(null=True)
    customers_idle_minutes = models.SmallIntegerField(null=True)
    customers_session_hours = models.SmallIntegerField(null=True)

    class Meta(TenantModel.Meta):
        abstract = False
        db_table = "tenants_sign_in_policy"
        constraints = (
            models.UniqueConstraint(fields=["tenant_id"], name="tenants_sign_in_policy_one"),
            models.CheckConstraint(
                condition=_is_between(("operators_idle_minutes", "customers_idle_minutes"), IDLE_MINUTES),
                name="tenants_sign_in_policy_idle",
            ),
            models.CheckConstraint(
                condition=_is_between(("operators_session_hours", "customers_session_hours"), SESSION_HOURS),
                name="tenants_sign_in_policy_hours",
            ),
        )
