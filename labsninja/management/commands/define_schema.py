"""Defines schemas and resource types of a tenant from a file."""

from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import CommandError, CommandParser

from audit.actors import command_origin
from labsninja.management.schema_command import SchemaCommand
from scim.services.schemas import define_schemas


class Command(SchemaCommand):
    """All that the file defines, or nothing."""

    help = "Define schemas (RFC 7643 section 7) and resource types (section 6) of a tenant"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="JSON: a Schema or ResourceType resource, or an array of them")
        parser.add_argument(
            "--extends", action="append", default=[], metavar="TYPE", help="make the schemas extensions of this type"
        )
        parser.add_argument("--required", action="store_true", help="each resource of the type has to carry them")

    def work(self, options: dict[str, Any]) -> None:
        try:
            read = orjson.loads(options["file"].read_bytes())
        except (OSError, orjson.JSONDecodeError) as error:
            raise CommandError(f"{options['file']} can't be read: {error}") from error
        define_schemas(
            definitions=read if isinstance(read, list) else [read],
            origin=command_origin("define_schema"),
            extends=options["extends"],
            required=options["required"],
        )
        self.stdout.write("defined")
        self.tell_indexes()
