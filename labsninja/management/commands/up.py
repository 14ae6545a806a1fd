"""Runs everything in the foreground: the embedded services, migrations, the demo tenant, then all processes."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from labsninja.checks import refuse_to_serve
from labsninja.demo import ensure_demo
from labsninja.demo.sign_ins import EMAILS, ensure_demo_people
from labsninja.embedded import EmbeddedError, provide
from labsninja.embedded.ports import pick_port, require_free_port
from labsninja.embedded.supervisor import Supervisor, claim_home
from labsninja.env import read
from labsninja.processes import find_admin_port, list_children
from labsninja.provisioning import scim_base_url
from tenants.realms import ADMIN, REALMS

BANNER = """
  LabsNinja is ready. Ctrl-C stops all of it.

  Site      {root}/
  Guides    {root}/docs
  SCIM      {scim}
  Health    {root}/readyz

  Admin     {admin}   for whoever runs the deployment
  Console   {console}   for operators
  Portal    {portal}   for customers

  E-mail that these send is printed here, unless LABSNINJA_EMAIL_URL says otherwise.
"""
DEMO = """
  Demo tenant acme, with people and groups that two SCIM clients, Okta and Entra ID, have provisioned. Okta's token
  (kept in {file}; that of Entra ID beside it, in demo_token_entra):

    {token}

  Demo sign-ins, with the password {password} (kept in {password_file}):

    Admin     {administrator}   (asks for an authenticator app or a passkey first)
    Console   {operator}
    Portal    {customer}

  A first request:

    curl -s {scim}/Users \\
      -H 'Authorization: Bearer {token}' \\
      -H 'Content-Type: application/scim+json' \\
      -d '{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.com"}}'

  What it left behind:

    .venv/bin/python manage.py audit_tail acme
"""


class Command(BaseCommand):
    """The foreground supervisor; `make run` calls it."""

    help = "Run web, worker, scheduler and ledger with everything they need"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        home: Path = read("LABSNINJA_HOME")
        try:
            host, port = read("LABSNINJA_BIND"), read("PORT")
            with claim_home(home, host=host, port=port):
                require_free_port(host=host, port=port)
                _choose_admin_port()
                banner = self._prepare(home)
                supervisor = Supervisor(list_children(home=home), services=provide())
                supervisor.run(lambda: self.stdout.write(banner))
        except EmbeddedError as error:
            raise CommandError(str(error)) from error

    def _prepare(self, home: Path) -> str:
        """Migrate, collect static files, check, make the demo tenant; gives what there is to say once it all runs."""
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        refuse_to_serve()
        scim = scim_base_url()
        text = BANNER.format(scim=scim, root=scim.removesuffix("/scim/v2"), **_list_doors())
        if read("DEMO"):
            token = ensure_demo(home=home)
            file, password_file = home / "secrets" / "demo_token", home / "secrets" / "demo_password"
            password = ensure_demo_people(file=password_file)
            text += DEMO.format(
                scim=scim, token=token, file=file, password=password, password_file=password_file, **EMAILS
            )
        connections.close_all()
        return text


def _choose_admin_port() -> None:
    """The port after the web server's, or, where somebody else has that, any other: for the admin's own process."""
    if not read("LABSNINJA_ADMIN_PORT"):
        os.environ["LABSNINJA_ADMIN_PORT"] = str(pick_port(preferred=find_admin_port()))


def _list_doors() -> dict[str, str]:
    """Addresses of the three places where people sign in."""
    doors = {name: f"{settings.LABSNINJA_SURFACE_URLS[name]}{realm.prefix}" for name, realm in REALMS.items()}
    if not settings.LABSNINJA_SURFACE_HOSTS and not settings.LABSNINJA_BASE_URL:
        doors[ADMIN.name] = f"{scheme_and_host(doors[ADMIN.name])}:{find_admin_port()}{ADMIN.prefix}"
    return doors


def scheme_and_host(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0].partition(':')[0]}"
