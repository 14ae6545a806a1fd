"""Links by which somebody without an account sets one SCIM client up (ADR 32). A tenant table."""

from django.db import models
from django.db.models.functions import Now

from labsninja.kernel.isolation.managers import TenantModel
from tenants.models.scim_client import ScimClient


class SetupLink(TenantModel):
    """Good once, until `expires_at`: whoever opens it first keeps a session of its own, known by `session_digest`.

    Of both secrets digests alone are kept; that of a link that goes by e-mail is made when it is sent. `address` and
    `user_agent` tell who opened it, `token_id` is the token that was issued to them last.
    """

    scim_client = models.ForeignKey(ScimClient, models.DO_NOTHING, db_constraint=False, db_index=False)
    digest = models.BinaryField()
    session_digest = models.BinaryField(null=True)
    email = models.CharField(max_length=254, blank=True, default="")
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=50, blank=True, default="")
    user_agent = models.CharField(max_length=500, blank=True, default="")
    token_id = models.UUIDField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        abstract = False
        db_table = "tenants_setup_link"
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(fields=["tenant_id", "scim_client"], name="tenants_setup_link_client"),
            models.Index(fields=["id"], name="tenants_setup_link_of"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(opened_at=None, session_digest=None)
                | models.Q(opened_at__isnull=False, session_digest__isnull=False),
                name="tenants_setup_link_opened_whole",
            ),
        )
