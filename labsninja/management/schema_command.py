"""What commands about a tenant's schemas share: the tenant is bound, and refusals become plain sentences."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from labsninja.kernel.isolation import tenant_context
from labsninja.management.tenant_command import TenantCommand
from scim.protocol.schemas.definitions import SchemaDefinitionError
from scim.protocol.schemas.tenant import IndexState
from scim.queries import list_attribute_indexes
from scim.services.schemas import SchemaInUseError
from tenants.queries import find_tenant


class SchemaCommand(TenantCommand):
    """A command about the definitions of one tenant; subclasses have `work`."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="name of the tenant")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with the refusal's own sentence."""
        try:
            with tenant_context(find_tenant(slug=options["tenant"]).id):
                self.work(options)
        except (SchemaDefinitionError, SchemaInUseError) as error:
            raise CommandError(str(error)) from error

    def tell_indexes(self) -> None:
        """A line for each index: building with how many resources have been seen, ready, or failed with what is in its
        way.
        """
        for index in list_attribute_indexes():
            told = index.state.value
            if index.state is IndexState.BUILDING:
                told = f"building, {index.seen} resources seen"
            elif index.state is IndexState.FAILED:
                pairs = "; ".join(f"{one} has the value of {other}" for one, other in index.examples)
                told = f"failed: {index.obstacles} resources have a value that another has: {pairs}"
            self.stdout.write(f"index of {index.path} of {index.resource_type}: {told}")

    def work(self, options: dict[str, Any]) -> None:
        """What the command does for the bound tenant."""
        raise NotImplementedError(type(self))
