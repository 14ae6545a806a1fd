"""Suspends a tenant: its data stays, its tokens get 403 within 5 seconds. `resume_tenant` undoes it."""

from typing import Any

from django.core.management.base import CommandParser

from audit.actors import command_origin
from labsninja.kernel.isolation import cross_tenant
from labsninja.management.tenant_command import TenantCommand
from tenants.services.tenants import suspend_tenant


class Command(TenantCommand):
    """The reason is kept in the audit history."""

    help = "Suspend a tenant"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="name of the tenant")
        parser.add_argument("--reason", required=True, help="why, for the audit history")

    def handle(self, *args: Any, **options: Any) -> None:
        origin = command_origin("suspend_tenant")
        with cross_tenant(reason=f"suspend tenant {options['tenant']}", actor=origin):
            tenant = suspend_tenant(slug=options["tenant"], reason=options["reason"], origin=origin)
        self.stdout.write(f"{tenant.slug} is {tenant.state}")
