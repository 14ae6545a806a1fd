"""Writes a tenant's audit history as a bundle that can be verified offline by audit/verify.py."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.actors import command_origin
from audit.bundle import find_part, write_bundle
from audit.stored_tree import NothingSealedError
from labsninja.kernel.isolation import cross_tenant, tenant_context
from labsninja.management.tenant_command import TenantCommand
from tenants.queries import find_tenant


class Command(TenantCommand):
    """The export is itself an event of the tenant."""

    help = "Export the audit history of a tenant with its proofs"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="name of the tenant")
        parser.add_argument(
            "--from", dest="since", type=read_time, help="time of the first event, as 2026-11-05T12:00Z"
        )
        parser.add_argument("--to", dest="until", type=read_time, help="time before which the last event lies")
        parser.add_argument("--no-personal", action="store_true", help="leave personal values out: proofs need none")
        parser.add_argument("--output", type=Path, required=True, help="file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        origin = command_origin("audit_export")
        try:
            with cross_tenant(reason=f"audit export of tenant {options['tenant']}", actor=origin):
                tenant = find_tenant(slug=options["tenant"])
                with tenant_context(tenant.id):
                    part = find_part(since=options["since"], until=options["until"])
                    with options["output"].open("xb") as file:
                        personal = not options["no_personal"]
                        digest = write_bundle(file=file, part=part, origin=origin, personal=personal)
        except (NothingSealedError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{part.end - part.first} events of {part.size}, sha256 {digest}: {options['output']}")


def read_time(text: str) -> datetime:
    """An ISO 8601 time; UTC when it names no offset. Raises ArgumentTypeError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no ISO 8601 time") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
