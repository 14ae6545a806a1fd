"""SCIM clients and their tokens. Both are tenant tables; a token's look-up id alone is unique across the deployment."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from labsninja.kernel.isolation.managers import TenantModel


class ScimClient(TenantModel):
    """One identity provider's credentialed connection into a tenant.

    `strict` turns what is tolerated with a warning into the RFC's error; without `groups_enabled` it manages users
    alone. `user_id` is the User that `/Me` stands for; resources are none of this app's, so it is no foreign key.
    """

    class Kind(models.TextChoices):
        """The identity providers whose manners we know."""

        OKTA = "okta", "Okta"
        ENTRA = "entra", "Microsoft Entra ID"
        GOOGLE = "google", "Google Workspace"
        ONELOGIN = "onelogin", "OneLogin"
        PING = "ping", "Ping Identity"
        JUMPCLOUD = "jumpcloud", "JumpCloud"
        CUSTOM = "custom", "Custom"

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.CUSTOM)
    strict = models.BooleanField(default=False, db_default=False)
    groups_enabled = models.BooleanField(default=True, db_default=True)
    user_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(TenantModel.Meta):
        abstract = False
        db_table = "tenants_scim_client"
        ordering = ("created_at", "id")
        constraints = (models.UniqueConstraint(fields=["tenant_id", "name"], name="tenants_scim_client_name_unique"),)

    def __str__(self) -> str:
        return self.name


class ClientToken(TenantModel):
    """A bearer token, a client secret, or an access token that was issued for one; only a keyed digest is kept.

    It ends at `expires_at`, or earlier at `retires_at` when it was rotated, or at once when revoked; an access token
    also with its `issuer`, the secret. The columns `client_...` repeat the SCIM client's own: the look-up role may
    read no other table.
    """

    class Kind(models.TextChoices):
        """What it may be used as: on SCIM, at the token endpoint, on SCIM for an hour."""

        BEARER = "bearer", "Bearer token"
        SECRET = "secret", "Client secret"
        ACCESS = "access", "Access token"

    scim_client = models.ForeignKey(
        ScimClient, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="tokens"
    )
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.BEARER, db_default="bearer")
    issuer = models.ForeignKey("self", models.DO_NOTHING, null=True, db_constraint=False, db_index=False)
    client_name = models.CharField(max_length=200)
    client_kind = models.CharField(max_length=20, default="custom", db_default="custom")
    client_strict = models.BooleanField(default=False, db_default=False)
    client_groups_enabled = models.BooleanField(default=True, db_default=True)
    client_user_id = models.UUIDField(null=True)
    lookup_id = models.CharField(max_length=12)
    prefix = models.CharField(max_length=30)
    digest = models.BinaryField()
    pepper_id = models.CharField(max_length=40)
    scopes = ArrayField(models.CharField(max_length=40))
    networks = ArrayField(models.CharField(max_length=50), default=list)
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    retires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    warned_days = models.PositiveSmallIntegerField(null=True)
    last_used_at = models.DateTimeField(null=True)
    last_used_address = models.CharField(max_length=50, blank=True, default="")
    last_used_agent = models.CharField(max_length=500, blank=True, default="")

    class Meta(TenantModel.Meta):
        abstract = False
        db_table = "tenants_client_token"
        ordering = ("created_at", "id")
        indexes = (
            models.Index(fields=["tenant_id", "scim_client"], name="tenants_client_token_client"),
            models.Index(
                fields=["tenant_id", "issuer"],
                name="tenants_client_token_issuer",
                condition=models.Q(issuer__isnull=False),
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["lookup_id"], name="tenants_client_token_lookup_id_unique"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["bearer", "secret", "access"]), name="tenants_client_token_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="access", issuer__isnull=False)
                | (~models.Q(kind="access") & models.Q(issuer__isnull=True)),
                name="tenants_client_token_issuer_of_access",
            ),
        )

    def __str__(self) -> str:
        return self.prefix
