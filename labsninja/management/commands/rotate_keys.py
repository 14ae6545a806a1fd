"""`manage.py rotate_keys`: wraps every tenant's data keys under the first key of LABSNINJA_ENCRYPTION_KEYS.

To change the key: append the new one to the setting and restart every process; move it to the front and restart;
run this command; remove the old one when the command says that nothing is left under it.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from labsninja.kernel.isolation import cross_tenant, tenant_context
from labsninja.kernel.models import DataKey
from labsninja.kernel.secrets import RewrapReport, SecretError, rewrap_keys, rotate_data_key


class Command(BaseCommand):
    """Exit status 1 when data keys are left under another key encryption key."""

    help = "Wrap all data keys under the active key encryption key, and give tenants new data keys if asked to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data-keys", action="store_true", help="also give every tenant a new data key")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            with cross_tenant(reason="manage.py rotate_keys"):
                rotated = self._rotate_data_keys() if options["data_keys"] else 0
                report = rewrap_keys()
        except SecretError as error:
            raise CommandError(str(error)) from error
        self._say(report, rotated)

    def _rotate_data_keys(self) -> int:
        tenants = list(DataKey.across.filter(active=True).values_list("tenant_id", flat=True))
        for tenant_id in tenants:
            with tenant_context(tenant_id):
                rotate_data_key(tenant_id=tenant_id)
        return len(tenants)

    def _say(self, report: RewrapReport, rotated: int) -> None:
        self.stdout.write(f"{rotated} tenants given a new data key, {report.rewrapped} data keys re-wrapped")
        for kek_id, rows in report.rows_by_key.items():
            self.stdout.write(f"{rows} data keys under {kek_id}{' (active)' if kek_id == report.active else ''}")
        if report.left:
            raise CommandError(f"{report.left} data keys are left under keys that are not in LABSNINJA_ENCRYPTION_KEYS")
