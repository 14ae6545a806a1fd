"""What is to be told to people by e-mail: an outbox for each kind of people, and what they do not want to hear."""

import uuid_utils.compat
from django.db import models
from django.db.models.functions import Now

from tenants.models.people import Customer, Operator, PlatformAdministrator


class Notification(models.Model):
    """One message: what it tells of, not its text, which is written when it is sent. A link that is as good as a
    password is made then too, and so stands in no table. Without `person` it is only found out then whether there is
    one. Two of one `dedupe_key` are one message.
    """

    id = models.UUIDField(primary_key=True, default=uuid_utils.compat.uuid7, editable=False)
    kind = models.CharField(max_length=40)
    dedupe_key = models.CharField(max_length=200)
    email = models.CharField(max_length=254)
    details = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        abstract = True


class MutedNotification(models.Model):
    """A kind of message that a person has unsubscribed from. A row is a no."""

    id = models.UUIDField(primary_key=True, default=uuid_utils.compat.uuid7, editable=False)
    kind = models.CharField(max_length=40)

    class Meta:
        abstract = True


class AdminNotification(Notification):
    platform_only = True
    person = models.ForeignKey(PlatformAdministrator, models.CASCADE, null=True, related_name="notifications")

    class Meta(Notification.Meta):
        db_table = "tenants_admin_notification"
        constraints = (models.UniqueConstraint(fields=["dedupe_key"], name="tenants_admin_notification_once"),)


class OperatorNotification(Notification):
    person = models.ForeignKey(Operator, models.CASCADE, null=True, related_name="notifications")

    class Meta(Notification.Meta):
        db_table = "tenants_operator_notification"
        constraints = (models.UniqueConstraint(fields=["dedupe_key"], name="tenants_operator_notification_once"),)


class CustomerNotification(Notification):
    person = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="notifications")

    class Meta(Notification.Meta):
        db_table = "tenants_customer_notification"
        constraints = (models.UniqueConstraint(fields=["dedupe_key"], name="tenants_customer_notification_once"),)


class AdminMuted(MutedNotification):
    platform_only = True
    person = models.ForeignKey(PlatformAdministrator, models.CASCADE, related_name="muted")

    class Meta(MutedNotification.Meta):
        db_table = "tenants_admin_muted"
        constraints = (models.UniqueConstraint(fields=["person", "kind"], name="tenants_admin_muted_once"),)


class OperatorMuted(MutedNotification):
    person = models.ForeignKey(Operator, models.CASCADE, related_name="muted")

    class Meta(MutedNotification.Meta):
        db_table = "tenants_operator_muted"
        constraints = (models.UniqueConstraint(fields=["person", "kind"], name="tenants_operator_muted_once"),)


class CustomerMuted(MutedNotification):
    person = models.ForeignKey(Customer, models.CASCADE, related_name="muted")

    class Meta(MutedNotification.Meta):
        db_table = "tenants_customer_muted"
        constraints = (models.UniqueConstraint(fields=["person", "kind"], name="tenants_customer_muted_once"),)
