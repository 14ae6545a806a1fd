"""Writes what a search of a tenant's audit history finds to a file: lines of JSON, CSV, OCSF or CloudEvents."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.actors import command_origin
from audit.export.downloads import FORMS, write_download
from audit.reading.conditions import SearchTooSlowError
from audit.reading.syntax import QuerySyntaxError, parse_query
from labsninja.kernel.isolation import tenant_context
from labsninja.management.tenant_command import TenantCommand
from tenants.queries import find_tenant


class Command(TenantCommand):
    """The download is itself an event of the tenant. `audit_export` writes what proves events, too."""

    help = "Download audit events of a tenant, oldest first"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="name of the tenant")
        parser.add_argument("--format", choices=FORMS, default="jsonl", help="form of the file (default: jsonl)")
        parser.add_argument("--query", default="", help="what to look for, as in audit_search (default: everything)")
        parser.add_argument("--output", type=Path, required=True, help="file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant, origin = find_tenant(slug=options["tenant"]), command_origin("audit_download")
        try:
            parse_query(options["query"])  # before a file is made
            with tenant_context(tenant.id), options["output"].open("xb") as file:
                made = write_download(file=file, form=options["format"], text=options["query"], origin=origin)
        except (QuerySyntaxError, OSError, SearchTooSlowError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{made.count} events, sha256 {made.sha256}: {options['output']}")
