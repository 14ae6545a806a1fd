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

FLAGS = {
    "unique_group_names": ("--unique-group-names", "refuse a second group of the same displayName"),
    "keep_members": ("--keep-members", "a PUT of a group without members leaves them as they are"),
    "strict_members": ("--strict-members", "refuse unknown members instead of keeping them as pending"),
    "revive_deleted": ("--revive-deleted", "give a deleted person who is created again the old id"),
}


class Command(TenantCommand):
    """What is not named stays as it is."""

    help = "Set options of a tenant"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="name of the tenant")
        for name, (flag, told) in FLAGS.items():
            parser.add_argument(flag, dest=name, action=BooleanOptionalAction, help=told)

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = {name: options[name] for name in TENANT_OPTIONS if options[name] is not None}
        origin = command_origin("tenant_options")
        tenant_id = find_tenant(slug=options["tenant"]).id
        with cross_tenant(reason=f"options of tenant {options['tenant']}", actor=origin), tenant_context(tenant_id):
            tenant = change_directory_options(options=wanted, origin=origin)
        self.stdout.write(show_options(tenant, TENANT_OPTIONS))
