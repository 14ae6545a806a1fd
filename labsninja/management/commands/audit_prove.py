"""Writes a proof for audit/verify.py: of one event, or that a later history begins with an earlier one."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from audit.actors import Origin, command_origin
from audit.proofs import Proof, ProofError, prove_event, prove_growth
from audit.stored_tree import NothingSealedError
from labsninja.kernel.isolation import cross_tenant, tenant_context
from labsninja.management.tenant_command import TenantCommand
from tenants.queries import find_tenant


class Command(TenantCommand):
    """The proof is itself an event of the tenant."""

    help = "Prove one event of a tenant's audit history, or that a checkpoint continues an earlier one"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="name of the tenant")
        asked = parser.add_mutually_exclusive_group(required=True)
        asked.add_argument("--event", type=UUID, help="id of the event to prove against the newest checkpoint")
        asked.add_argument("--from", dest="earlier", type=int, help="size of the earlier checkpoint")
        parser.add_argument("--to", dest="later", type=int, help="size of the later checkpoint (default: the newest)")
        parser.add_argument("--no-personal", action="store_true", help="leave personal values out: proofs need none")
        parser.add_argument("--output", type=Path, required=True, help="file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        origin = command_origin("audit_prove")
        if options["event"] and options["later"] is not None:
            raise CommandError("--to belongs to --from")
        if options["output"].exists():
            raise CommandError(f"{options['output']} exists")
        try:
            with cross_tenant(reason=f"audit proof of tenant {options['tenant']}", actor=origin):
                tenant = find_tenant(slug=options["tenant"])
                with tenant_context(tenant.id):
                    proof = _prove(options, origin)
            options["output"].write_bytes(proof.content)
        except (NothingSealedError, ProofError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{proof.about}: {options['output']}")


def _prove(options: dict[str, Any], origin: Origin) -> Proof:
    if options["event"]:
        return prove_event(event_id=options["event"], origin=origin, personal=not options["no_personal"])
    return prove_growth(earlier=options["earlier"], later=options["later"], origin=origin)
