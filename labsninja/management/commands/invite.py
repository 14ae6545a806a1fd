"""Invites somebody to sign in: the first administrator of a deployment, a tenant's first owner, or anybody else."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.actors import Origin, command_origin
from labsninja.kernel.isolation import cross_tenant, tenant_context
from labsninja.management.tenant_command import TenantCommand
from tenants.models import Role
from tenants.queries import find_tenant
from tenants.realms import ADMIN, REALMS, Realm
from tenants.services.accounts.invitations import invite_administrator, invite_member
from tenants.services.accounts.links import LASTS, Purpose, create_link
from tenants.services.accounts.people import find_person, read_email
from tenants.services.notifications import find_surface_url


class Command(TenantCommand):
    """The link is sent by e-mail, and printed too: whoever runs this may have no mail server yet."""

    help = "Invite an administrator, or an operator or customer of a tenant"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("realm", choices=list(REALMS), help="where they sign in")
        parser.add_argument("email", help="their e-mail address")
        parser.add_argument("--name", default="", help="how they are called; they may change it")
        parser.add_argument("--tenant", help="name of the tenant, for operators and customers")
        parser.add_argument("--role", choices=Role.values, default=Role.OWNER.value, help="their role in the tenant")

    def handle(self, *args: Any, **options: Any) -> None:
        realm, origin = REALMS[options["realm"]], command_origin("invite")
        if realm != ADMIN and not options["tenant"]:
            raise CommandError(f"the {realm.name} is for people of a tenant: name it with --tenant")
        with cross_tenant(reason=f"invite {options['email']} to the {realm.name}", actor=origin):
            link = _invite(realm, options, origin)
        self.stdout.write(f"{link}\nGood once, for {LASTS[Purpose.INVITATION].days} days.")


def _invite(realm: Realm, options: Any, origin: Origin) -> str:
    email = options["email"]
    name = options["name"] or email.partition("@")[0]
    tenant_id = None
    if realm == ADMIN:
        person = invite_administrator(realm=realm, email=email, name=name, origin=origin)
    else:
        tenant_id = find_tenant(slug=options["tenant"]).id
        with tenant_context(tenant_id):
            invite_member(realm=realm, email=email, name=name, role=Role(options["role"]), origin=origin)
        person = find_person(realm=realm, email=read_email(text=email))
    token = create_link(realm=realm, purpose=Purpose.INVITATION, person=person, origin=origin, tenant_id=tenant_id)
    return f"{find_surface_url(realm=realm)}{Purpose.INVITATION}/{token}"
