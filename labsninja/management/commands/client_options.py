"""Sets options of a tenant's SCIM client, and shows them all."""

from argparse import BooleanOptionalAction
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from audit.actors import command_origin
from labsninja.kernel.isolation import tenant_context
from labsninja.management.tenant_command import TenantCommand, show_options
from scim.protocol.schemas import USER
from scim.queries import PLAIN, NoSuchResourceError, find_resource
from tenants.queries import find_tenant
from tenants.services.client_options import CLIENT_OPTIONS, bind_client_user, change_client_options

FLAGS = {
    "strict": ("--strict", "answer with the RFC's errors where deviations are tolerated with a warning"),
    "groups_enabled": ("--groups", "let it manage groups"),
}


class Command(TenantCommand):
    """What is not named stays as it is."""

    help = "Set options of a SCIM client"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="name of the tenant")
        parser.add_argument("client", help="name of the SCIM client")
        for name, (flag, told) in FLAGS.items():
            parser.add_argument(flag, dest=name, action=BooleanOptionalAction, help=told)
        parser.add_argument("--user", help="id of the User that /Me stands for, or none")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = {name: options[name] for name in CLIENT_OPTIONS if options[name] is not None}
        with tenant_context(find_tenant(slug=options["tenant"]).id):
            client = change_client_options(
                client_name=options["client"], options=wanted, origin=command_origin("client_options")
            )
            if options["user"] is not None:
                user_id = _find_user(options["user"])
                client = bind_client_user(
                    client_name=client.name, user_id=user_id, origin=command_origin("client_options")
                )
        self.stdout.write(f"{show_options(client, CLIENT_OPTIONS)}\n{'user':<20}{client.user_id or 'none'}")


def _find_user(text: str) -> UUID | None:
    """The id of a User of the bound tenant; None for `none`. Raises CommandError."""
    if text == "none":
        return None
    try:
        return find_resource(resource_type=USER, resource_id=UUID(text), aspects=PLAIN).id
    except (ValueError, NoSuchResourceError) as error:
        raise CommandError(f"the tenant has no User {text!r}") from error
