"""Removes a schema or a resource type that a tenant has defined."""

from typing import Any

from django.core.management.base import CommandParser

from audit.actors import command_origin
from labsninja.management.schema_command import SchemaCommand
from scim.services.schemas import remove_definition


class Command(SchemaCommand):
    """Refused while resources hold values of it."""

    help = "Remove a schema by its URN, or a resource type by its name"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", help="URN of the schema or name of the resource type")

    def work(self, options: dict[str, Any]) -> None:
        remove_definition(name=options["name"], origin=command_origin("remove_schema"))
        self.stdout.write("removed")
