"""Creates a tenant (or reuses it), a SCIM client in it (or reuses that), and a token or a client secret."""

import json
from typing import Any

from django.core.management.base import CommandParser

from audit.actors import command_origin
from labsninja.management.tenant_command import TenantCommand
from labsninja.provisioning import provision
from tenants.models import ScimClient
from tenants.plans import Plan


class Command(TenantCommand):
    """With --json prints one line: tenant, scim_client, token, base_url; with --oauth client_id, client_secret and
    token_url stand for the token. Token and secret are shown this once.
    """

    help = "Create a tenant, a SCIM client and a token or client secret"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="name of the tenant, as in acme")
        parser.add_argument("--kind", choices=ScimClient.Kind.values, default=ScimClient.Kind.CUSTOM)
        parser.add_argument("--scopes", default="scim:read,scim:write", help="comma-separated (default: %(default)s)")
        parser.add_argument("--plan", choices=Plan.values, help="plan of the tenant (default: free, or unchanged)")
        parser.add_argument("--client", help="name of the SCIM client (default: its kind)")
        parser.add_argument("--oauth", action="store_true", help="a client secret for OAuth 2.0 in place of a token")
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = provision(
            slug=options["name"],
            kind=ScimClient.Kind(options["kind"]),
            client_name=options["client"] or options["kind"],
            scopes=options["scopes"].split(","),
            plan=options["plan"] and Plan(options["plan"]),
            origin=command_origin("provision_tenant"),
            is_oauth=options["oauth"],
        )
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            self.stdout.write("".join(f"{name + ':':<15}{value}\n" for name, value in found.items()), ending="")
