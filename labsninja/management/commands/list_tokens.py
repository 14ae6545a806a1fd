"""Shows a tenant's tokens (lnj_ls_...) and client secrets (lnj_lc_...): what they may do, end, last use."""

from typing import Any

from django.core.management.base import CommandParser

from labsninja.kernel.isolation import tenant_context
from labsninja.management.tenant_command import TenantCommand
from tenants.queries import find_tenant, list_tokens


class Command(TenantCommand):
    """One line a token."""

    help = "List the tokens and client secrets of a tenant"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="name of the tenant")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = find_tenant(slug=options["tenant"])
        with tenant_context(tenant.id):
            for token in list_tokens():
                ends = token.revoked_at or token.retires_at or token.expires_at
                state = "revoked" if token.revoked_at else "ends"
                used = (
                    f"{token.last_used_at:%Y-%m-%d %H:%M} {token.last_used_address}" if token.last_used_at else "never"
                )
                self.stdout.write(
                    f"{token.prefix}  {','.join(token.scopes)}  {state} {ends:%Y-%m-%d %H:%M}  used {used}"
                )
