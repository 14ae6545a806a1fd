"""Sessions of people, a table for each kind. What the browser holds is the key; here stands only its digest."""

import uuid_utils.compat
from django.db import models
from django.db.models.functions import Now

from tenants.models.people import Customer, Operator, PlatformAdministrator


class Session(models.Model):
    """One browser. Without `person` nobody has signed in yet; without `confirmed_at` a second factor is still asked
    for. `expires_at` is the absolute end, `seen_at` (to the minute) what idling counts from.
    """

    id = models.UUIDField(primary_key=True, default=uuid_utils.compat.uuid7, editable=False)
    digest = models.BinaryField()
    data = models.TextField()
    tenant_id = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    stepped_up_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=50)
    user_agent = models.CharField(max_length=500)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        abstract = True


class AdminSession(Session):
    platform_only = True
    person = models.ForeignKey(PlatformAdministrator, models.CASCADE, null=True, related_name="sessions")

    class Meta(Session.Meta):
        db_table = "tenants_admin_session"
        constraints = (models.UniqueConstraint(fields=["digest"], name="tenants_admin_session_digest_unique"),)


class ConsoleSession(Session):
    person = models.ForeignKey(Operator, models.CASCADE, null=True, related_name="sessions")

    class Meta(Session.Meta):
        db_table = "tenants_console_session"
        constraints = (models.UniqueConstraint(fields=["digest"], name="tenants_console_session_digest_unique"),)


class PortalSession(Session):
    person = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="sessions")

    class Meta(Session.Meta):
        db_table = "tenants_portal_session"
        constraints = (models.UniqueConstraint(fields=["digest"], name="tenants_portal_session_digest_unique"),)
