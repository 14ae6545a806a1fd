"""Erases a person's values from a tenant's audit history; every proof stands."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from audit.actors import command_origin
from audit.erasure import NothingToEraseError, erase_subject
from labsninja.kernel.isolation import cross_tenant, tenant_context
from labsninja.management.tenant_command import TenantCommand
from tenants.queries import find_tenant


class Command(TenantCommand):
    """What the person's key opened is lost for ever; the erasure itself is an event."""

    help = "Erase a person's values from the audit history of a tenant, for ever"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="name of the tenant")
        parser.add_argument("id", type=UUID, help="id of the resource whose values are erased")

    def handle(self, *args: Any, **options: Any) -> None:
        origin = command_origin("erase_subject")
        try:
            with cross_tenant(reason=f"erasure in tenant {options['tenant']}", actor=origin):
                tenant = find_tenant(slug=options["tenant"])
                with tenant_context(tenant.id):
                    erase_subject(subject_id=str(options["id"]), origin=origin)
        except NothingToEraseError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"erased: personal values of {options['id']} in the audit history of {tenant.slug}")
