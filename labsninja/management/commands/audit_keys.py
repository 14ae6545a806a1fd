"""Shows the public keys that verify a tenant's checkpoints, and gives the tenant a new key when asked to."""

from typing import Any

from django.core.management.base import CommandParser

from audit.actors import command_origin
from audit.signing import list_keys, rotate_signing_key
from labsninja.kernel.isolation import cross_tenant, tenant_context
from labsninja.management.tenant_command import TenantCommand
from tenants.queries import find_tenant


class Command(TenantCommand):
    """What it prints is a file for `verify.py --key`."""

    help = "Show the public keys of a tenant's audit history"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="name of the tenant")
        parser.add_argument("--rotate", action="store_true", help="let a new key sign from now on")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = find_tenant(slug=options["tenant"])
        with tenant_context(tenant.id):
            keys = list_keys()
        if options["rotate"]:
            origin = command_origin("audit_keys")
            with cross_tenant(reason=f"signing key of tenant {tenant.slug}", actor=origin), tenant_context(tenant.id):
                rotate_signing_key(origin=origin)
                keys = list_keys()
        for key in keys:
            self.stdout.write(f"# {'signs' if key.active else 'has signed'}\n{key.text}")
