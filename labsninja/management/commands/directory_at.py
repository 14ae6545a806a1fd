"""Shows a tenant's directory as it was at a moment, a line of JSON for each resource."""

import json
from typing import Any

from django.core.management.base import CommandParser

from labsninja.kernel.isolation import tenant_context
from labsninja.management.commands.audit_export import read_time
from labsninja.management.tenant_command import TenantCommand
from scim.time_machine import read_directory_at
from tenants.queries import find_tenant


class Command(TenantCommand):
    """Members are told by their ids."""

    help = "Show the directory of a tenant as of a moment"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="name of the tenant")
        parser.add_argument("time", type=read_time, help="the moment, as 2026-11-05T12:00Z")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = find_tenant(slug=options["tenant"])
        with tenant_context(tenant.id):
            found = read_directory_at(at=options["time"])
        for resource_id, state in sorted(found.items()):
            told = {"id": str(resource_id), "resourceType": state.resource_type, "version": state.version}
            members = {"members": sorted(state.members)} if state.members else {}
            self.stdout.write(json.dumps({**told, "document": state.document, **members}, ensure_ascii=False))
