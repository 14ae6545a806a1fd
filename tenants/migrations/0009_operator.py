"""Operators and everything of theirs. Global: signing in comes before any tenant."""

import django.db.models.deletion
import django.db.models.functions.datetime
import uuid_utils.compat
from django.db import migrations, models

from labsninja.kernel.isolation.rls import GlobalTable, lock_timeout


class Migration(migrations.Migration):
    """Creates the tables of operators."""

    dependencies = [("tenants", "0008_platform_admin")]

    operations = [
        lock_timeout(),
        migrations.CreateModel(
            name="Operator",
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
                "db_table": "tenants_operator",
                "abstract": False,
                "constraints": [models.UniqueConstraint(fields=("email",), name="tenants_operator_email_unique")],
            },
        ),
        migrations.CreateModel(
            name="OperatorRecoveryCode",
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
                        to="tenants.operator",
                    ),
                ),
            ],
            options={
                "db_table": "tenants_operator_recovery_code",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ConsoleSession",
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
                        to="tenants.operator",
                    ),
                ),
            ],
            options={
                "db_table": "tenants_console_session",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("digest",), name="tenants_console_session_digest_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="OperatorLink",
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="tenants.operator"
                    ),
                ),
            ],
            options={
                "db_table": "tenants_operator_link",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("digest",), name="tenants_operator_link_digest_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="OperatorMuted",
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="muted", to="tenants.operator"
                    ),
                ),
            ],
            options={
                "db_table": "tenants_operator_muted",
                "abstract": False,
                "constraints": [models.UniqueConstraint(fields=("person", "kind"), name="tenants_operator_muted_once")],
            },
        ),
        migrations.CreateModel(
            name="OperatorNotification",
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
                        to="tenants.operator",
                    ),
                ),
            ],
            options={
                "db_table": "tenants_operator_notification",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("dedupe_key",), name="tenants_operator_notification_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="OperatorPasskey",
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="passkeys", to="tenants.operator"
                    ),
                ),
            ],
            options={
                "db_table": "tenants_operator_passkey",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("credential",), name="tenants_operator_passkey_credential_unique")
                ],
            },
        ),
        GlobalTable("tenants_operator", app="SELECT, INSERT, UPDATE, DELETE"),
        GlobalTable("tenants_operator_recovery_code", app="SELECT, INSERT, UPDATE, DELETE"),
        GlobalTable("tenants_console_session", app="SELECT, INSERT, UPDATE, DELETE"),
        GlobalTable("tenants_operator_link", app="SELECT, INSERT, UPDATE, DELETE"),
        GlobalTable("tenants_operator_muted", app="SELECT, INSERT, UPDATE, DELETE"),
        GlobalTable("tenants_operator_notification", app="SELECT, INSERT, UPDATE, DELETE"),
        GlobalTable("tenants_operator_passkey", app="SELECT, INSERT, UPDATE, DELETE"),
    ]
