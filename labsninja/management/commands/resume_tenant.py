"""Serves a suspended tenant again."""

from typing import Any

from django.core.management.base import CommandParser

from audit.actors import command_origin
from labsninja.kernel.isolation import cross_tenant
from labsninja.management.tenant_command import TenantCommand
from tenants.services.tenants import resume_tenant


class Command(TenantCommand):
    """Undoes `suspend_tenant`."""

    help = "Resume a suspended tenant"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="name of the tenant")

    def handle(self, *args: Any, **options: Any) -> None:
        origin = command_origin("resume_tenant")
        with cross_tenant(reason=f"resume tenant {options['tenant']}", actor=origin):
            tenant = resume_tenant(slug=options["tenant"], origin=origin)
        self.stdout.write(f"{tenant.slug} is {tenant.state}")
