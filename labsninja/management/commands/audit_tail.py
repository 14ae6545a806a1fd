"""Shows a tenant's newest audit events as sentences."""

from typing import Any

from django.core.management.base import CommandParser

from audit.presenters import describe_event
from audit.queries import list_events
from labsninja.kernel.isolation import tenant_context
from labsninja.management.tenant_command import TenantCommand
from tenants.queries import find_tenant


class Command(TenantCommand):
    """Oldest first, as a log is read. The tenant `deployment` holds what belongs to no tenant."""

    help = "Show the newest audit events of a tenant"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="name of the tenant")
        parser.add_argument("--lines", type=int, default=20, help="how many (default: 20)")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = find_tenant(slug=options["tenant"])
        with tenant_context(tenant.id):
            for event in list_events(newest=options["lines"]):
                self.stdout.write(describe_event(event))
