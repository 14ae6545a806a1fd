"""Ends a token, or a client secret with its access tokens, at once; every process refuses it within 5 seconds."""

from typing import Any

from django.core.management.base import CommandParser

from audit.actors import command_origin
from labsninja.management.tenant_command import TenantCommand, token_tenant
from tenants.services.tokens import revoke_token


class Command(TenantCommand):
    """The token is named by its public part."""

    help = "Revoke a token or client secret"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prefix", help="public part of the token, as in lnj_ls_0123456789ab")

    def handle(self, *args: Any, **options: Any) -> None:
        with token_tenant(options["prefix"]):
            revoke_token(prefix=options["prefix"], origin=command_origin("revoke_token"))
        self.stdout.write(f"{options['prefix']} is revoked")
