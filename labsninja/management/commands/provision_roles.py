"""Prints the SQL that a managed PostgreSQL needs once, before the first migration."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from labsninja.kernel.isolation.roles import LOGIN_ROLES, database_statements, role_statements


class Command(BaseCommand):
    """To be run by a superuser, or by whoever may create roles with BYPASSRLS, on the database of the deployment."""

    help = "Print the SQL that creates the database roles"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", default="labsninja", help="name of the database (default: labsninja)")

    def handle(self, *args: Any, **options: Any) -> None:
        passwords = {role: f"password-of-{role}" for role in LOGIN_ROLES}
        self.stdout.write(
            "-- Replace the passwords. Then set DATABASE_URL (ln_app), PLATFORM_DATABASE_URL (ln_platform) and"
        )
        self.stdout.write("-- OWNER_DATABASE_URL (ln_migrator), and run `manage.py migrate`.")
        for statement in [*role_statements(passwords), *database_statements(options["database"])]:
            self.stdout.write(f"{statement};")
