"""Django's own tables below its admin: the platform role's, and nobody else's.

We use little of them. Permissions are not asked for (every administrator may do everything), and what was done stands
in the audit history, not in the admin's log.
"""

from django.db import migrations

from labsninja.kernel.isolation.rls import GlobalTable, lock_timeout

TABLES = ("auth_group", "auth_group_permissions", "auth_permission", "django_admin_log", "django_content_type")


class Migration(migrations.Migration):
    """Grants the tables of auth, contenttypes and admin."""

    dependencies = [
        ("tenants", "0013_sign_in_throttle"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        lock_timeout(),
        *(GlobalTable(table, app="") for table in TABLES),
    ]
