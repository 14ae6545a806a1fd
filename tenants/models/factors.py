"""What proves who somebody is beside a password: passkeys and recovery codes. And the links that e-mails carry."""

import uuid_utils.compat
from django.db import models
from django.db.models.functions import Now

from tenants.models.people import Customer, Operator, PlatformAdministrator


class Passkey(models.Model):
    """A WebAuthn credential. `sign_count` only grows, where an authenticator counts at all."""

    id = models.UUIDField(primary_key=True, default=uuid_utils.compat.uuid7, editable=False)
    name = models.CharField(max_length=60)
    credential = models.BinaryField()
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    used_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class RecoveryCode(models.Model):
    """A code for the day on which every other factor is lost; `digest` is keyed. Used once."""

    id = models.UUIDField(primary_key=True, default=uuid_utils.compat.uuid7, editable=False)
    digest = models.BinaryField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Link(models.Model):
    """A link that was sent by e-mail: for one purpose, once, and not for long. `email` is the new address when the
    purpose is to confirm one, `tenant_id` the tenant that an invitation leads to.
    """

    class Purpose(models.TextChoices):
        """What the link is good for."""

        INVITATION = "invitation", "Invitation"
        RESET = "reset", "Password reset"
        EMAIL = "email", "E-mail change"

    id = models.UUIDField(primary_key=True, default=uuid_utils.compat.uuid7, editable=False)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    digest = models.BinaryField()
    email = models.CharField(max_length=254, blank=True, default="")
    tenant_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class AdminPasskey(Passkey):
    platform_only = True
    person = models.ForeignKey(PlatformAdministrator, models.CASCADE, related_name="passkeys")

    class Meta(Passkey.Meta):
        db_table = "tenants_admin_passkey"
        constraints = (models.UniqueConstraint(fields=["credential"], name="tenants_admin_passkey_credential_unique"),)


class OperatorPasskey(Passkey):
    person = models.ForeignKey(Operator, models.CASCADE, related_name="passkeys")

    class Meta(Passkey.Meta):
        db_table = "tenants_operator_passkey"
        constraints = (
            models.UniqueConstraint(fields=["credential"], name="tenants_operator_passkey_credential_unique"),
        )


class CustomerPasskey(Passkey):
    person = models.ForeignKey(Customer, models.CASCADE, related_name="passkeys")

    class Meta(Passkey.Meta):
        db_table = "tenants_customer_passkey"
        constraints = (
            models.UniqueConstraint(fields=["credential"], name="tenants_customer_passkey_credential_unique"),
        )


class AdminRecoveryCode(RecoveryCode):
    platform_only = True
    person = models.ForeignKey(PlatformAdministrator, models.CASCADE, related_name="recovery_codes")

    class Meta(RecoveryCode.Meta):
        db_table = "tenants_admin_recovery_code"


class OperatorRecoveryCode(RecoveryCode):
    person = models.ForeignKey(Operator, models.CASCADE, related_name="recovery_codes")

    class Meta(RecoveryCode.Meta):
        db_table = "tenants_operator_recovery_code"


class CustomerRecoveryCode(RecoveryCode):
    person = models.ForeignKey(Customer, models.CASCADE, related_name="recovery_codes")

    class Meta(RecoveryCode.Meta):
        db_table = "tenants_customer_recovery_code"


class AdminLink(Link):
    platform_only = True
    person = models.ForeignKey(PlatformAdministrator, models.CASCADE, related_name="links")

    class Meta(Link.Meta):
        db_table = "tenants_admin_link"
        constraints = (models.UniqueConstraint(fields=["digest"], name="tenants_admin_link_digest_unique"),)


class OperatorLink(Link):
    person = models.ForeignKey(Operator, models.CASCADE, related_name="links")

    class Meta(Link.Meta):
        db_table = "tenants_operator_link"
        constraints = (models.UniqueConstraint(fields=["digest"], name="tenants_operator_link_digest_unique"),)


class CustomerLink(Link):
    person = models.ForeignKey(Customer, models.CASCADE, related_name="links")

    class Meta(Link.Meta):
        db_table = "tenants_customer_link"
        constraints = (models.UniqueConstraint(fields=["digest"], name="tenants_customer_link_digest_unique"),)
