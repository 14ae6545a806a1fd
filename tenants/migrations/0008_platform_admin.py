"""Platform administrators and everything of theirs: tables that ln_app may not even read."""

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

from labsninja.kernel.isolation.rls import GlobalTable, lock_timeout


class Migration(migrations.Migration):
    """Creates the tables of platform administrators."""

    dependencies = [("tenants", "0007_token_kind")]
    run_before = [("admin", "0001_initial")]  # whose log points to the user model

    operations = [
        lock_timeout(),
        migrations.CreateModel(
            name="PlatformAdministrator",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("email", models.CharField(max_length=254)),
                ("name", models.CharField(max_length=100)),
                ("is_active", models.BooleanField(default=True)),
                ("totp_secret", models.BinaryField(null=True)),
                ("totp_step", models.BigIntegerField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "db_table": "tenants_platform_admin",
                "abstract": False,
                "constraints": [models.UniqueConstraint(fields=("email",), name="tenants_platform_admin_email_unique")],
            },
        ),
        migrations.CreateModel(
            name="AdminRecoveryCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.BinaryField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recovery_codes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "tenants_admin_recovery_code",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AdminLink",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("invitation", "Invitation"), ("reset", "Password reset"), ("email", "E-mail change")],
                        max_length=20,
                    ),
                ),
                ("digest", models.BinaryField()),
                ("email", models.CharField(blank=True, default="", max_length=254)),
                ("tenant_id", models.UUIDField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "tenants_admin_link",
                "abstract": False,
                "constraints": [models.UniqueConstraint(fields=("digest",), name="tenants_admin_link_digest_unique")],
            },
        ),
        migrations.CreateModel(
            name="AdminMuted",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="muted", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "tenants_admin_muted",
                "abstract": False,
                "constraints": [models.UniqueConstraint(fields=("person", "kind"), name="tenants_admin_muted_once")],
            },
        ),
        migrations.CreateModel(
            name="AdminNotification",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("dedupe_key", models.CharField(max_length=200)),
                ("email", models.CharField(max_length=254)),
                ("details", models.JSONField(default=dict)),
                ("attempts", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("due_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("sent_at", models.DateTimeField(null=True)),
                ("failure", models.CharField(blank=True, db_default="", default="", max_length=500)),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "tenants_admin_notification",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("dedupe_key",), name="tenants_admin_notification_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AdminPasskey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("credential", models.BinaryField()),
                ("public_key", models.BinaryField()),
                ("sign_count", models.BigIntegerField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passkeys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "tenants_admin_passkey",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("credential",), name="tenants_admin_passkey_credential_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="AdminSession",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.BinaryField()),
                ("data", models.TextField()),
                ("tenant_id", models.UUIDField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("stepped_up_at", models.DateTimeField(null=True)),
                ("address", models.CharField(max_length=50)),
                ("user_agent", models.CharField(max_length=500)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("seen_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "tenants_admin_session",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("digest",), name="tenants_admin_session_digest_unique")
                ],
            },
        ),
        GlobalTable("tenants_platform_admin", app=""),
        GlobalTable("tenants_admin_recovery_code", app=""),
        GlobalTable("tenants_admin_link", app=""),
        GlobalTable("tenants_admin_muted", app=""),
        GlobalTable("tenants_admin_notification", app=""),
        GlobalTable("tenants_admin_passkey", app=""),
        GlobalTable("tenants_admin_session", app=""),
    ]
