"""The three kinds of people who sign in, each with tables of its own: a row of one is nothing to another.

All are global, since signing in comes before any tenant. What a platform administrator has, ln_app may not even read.
"""

from typing import Any, ClassVar

import uuid_utils.compat
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models.functions import Now

LONGEST_EMAIL, LONGEST_NAME = 254, 100


class Person(AbstractBaseUser):
    """`email` is kept folded. `totp_secret` is sealed; `totp_step` is the time step of the last code that was taken,
    so that none is taken twice. Whoever was invited has no usable password until they accept.
    """

    id = models.UUIDField(primary_key=True, default=uuid_utils.compat.uuid7, editable=False)
    email = models.CharField(max_length=LONGEST_EMAIL)
    name = models.CharField(max_length=LONGEST_NAME)
    is_active = models.BooleanField(default=True)
    totp_secret = models.BinaryField(null=True)
    totp_step = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.email


class PlatformAdministrator(Person):
    """Runs the deployment, in the Django admin. All of them may do everything there: `has_perm` is the admin's word."""

    is_staff = True
    is_superuser = True
    platform_only = True

    class Meta(Person.Meta):
        db_table = "tenants_platform_admin"
        constraints = (models.UniqueConstraint(fields=["email"], name="tenants_platform_admin_email_unique"),)

    def has_perm(self, _permission: str, _target: object = None) -> bool:
        return self.is_active

    def has_module_perms(self, _label: str) -> bool:
        return self.is_active


class Operator(Person):
    """Runs one tenant or several, in the console."""

    class Meta(Person.Meta):
        db_table = "tenants_operator"
        constraints = (models.UniqueConstraint(fields=["email"], name="tenants_operator_email_unique"),)


class Customer(Person):
    """Belongs to the organization that a tenant is for; sees it in the portal."""

    class Meta(Person.Meta):
        db_table = "tenants_customer"
        constraints = (models.UniqueConstraint(fields=["email"], name="tenants_customer_email_unique"),)
