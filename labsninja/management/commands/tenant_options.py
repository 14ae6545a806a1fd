"""Sets options of a tenant, and shows them all."""

from argparse import BooleanOptionalAction
from typing import Any

from django.core.management.base import CommandParser

from audit.actors import command_origin
from labsninja.kernel.isolation import cross_tenant, tenant_context
from labsninja.management.tenant_command import TenantCommand, show_options
from scim.services.directory_options import change_directory_options
from tenants.queries import find_tenant
from tenants.services.client_options import TENANT_OPTIONS
from tenants.services.lifecycle import LIFECYCLE, change_lifecycle

FLAGS = {
    "unique_group_names": ("--unique-group-names", "refuse a second group of the same displayName"),
    "keep_members": ("--keep-members", "a PUT of a group without members leaves them as they are"),
    "strict_members": ("--strict-members", "refuse unknown members instead of keeping them as pending"),
    "revive_deleted": ("--revive-deleted", "give a deleted person who is created again the old id"),
    "breaker_on": ("--breaker", "hold people back from connectors when many leave at once"),
}
NUMBERS = {
    "trash_days": ("--trash-days", "days for which deleted people can be restored"),
    "breaker_count": ("--breaker-count", "people who may leave at once, whatever their share"),
    "breaker_percent": ("--breaker-percent", "share of the active people who may leave at once, however many"),
    "breaker_minutes": ("--breaker-minutes", "minutes within which those who leave are counted"),
}


class Command(TenantCommand):
    """What is not named stays as it is."""

    help = "Set options of a tenant"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="name of the tenant")
        for name, (flag, told) in FLAGS.items():
            parser.add_argument(flag, dest=name, action=BooleanOptionalAction, help=told)
        for name, (flag, told) in NUMBERS.items():
            parser.add_argument(flag, dest=name, type=int, help=told)

    def handle(self, *args: Any, **options: Any) -> None:
        wanted, lifecycle = (
            {name: options[name] for name in names if options[name] is not None}
            for names in (TENANT_OPTIONS, LIFECYCLE)
        )
        origin = command_origin("tenant_options")
        tenant_id = find_tenant(slug=options["tenant"]).id
        with cross_tenant(reason=f"options of tenant {options['tenant']}", actor=origin), tenant_context(tenant_id):
            change_lifecycle(values=lifecycle, origin=origin)
            tenant = change_directory_options(options=wanted, origin=origin)
        self.stdout.write(show_options(tenant, (*TENANT_OPTIONS, *LIFECYCLE)))
