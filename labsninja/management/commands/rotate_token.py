"""Gives a token or client secret a successor; the old one works on for the overlap."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser

from audit.actors import command_origin
from labsninja.management.tenant_command import TenantCommand, token_tenant
from tenants.services.tokens import rotate_token


class Command(TenantCommand):
    """Prints the new one, this once."""

    help = "Rotate a token or client secret"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prefix", help="public part of the token, as in lnj_ls_0123456789ab")
        parser.add_argument(
            "--overlap-hours", type=float, default=24, help="how long the old one works on (default: 24)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        overlap = timedelta(hours=options["overlap_hours"])
        with token_tenant(options["prefix"]):
            issued = rotate_token(prefix=options["prefix"], origin=command_origin("rotate_token"), overlap=overlap)
        self.stdout.write(issued.text)
