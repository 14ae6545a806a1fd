"""Runs everything in the foreground: the embedded services, migrations, the demo tenant, then all processes."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from labsninja.checks import refuse_to_serve
from labsninja.demo import ensure_demo
from labsninja.embedded import EmbeddedError, provide
from labsninja.embedded.ports import require_free_port
from labsninja.embedded.supervisor import Supervisor, claim_home
from labsninja.env import read
from labsninja.processes import list_children
from labsninja.provisioning import scim_base_url

BANNER = """
  LabsNinja is ready. Ctrl-C stops all of it.

  Site     {root}/
  Guides   {root}/docs
  SCIM     {scim}
  Health   {root}/readyz
"""
DEMO = """
  Demo tenant acme, with people and groups that two SCIM clients, Okta and Entra ID, have provisioned. Okta's token
  (kept in {file}; that of Entra ID beside it, in demo_token_entra):

    {token}

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
        text = BANNER.format(scim=scim, root=scim.removesuffix("/scim/v2"))
        if read("DEMO"):
            token = ensure_demo(home=home)
            text += DEMO.format(scim=scim, token=token, file=home / "secrets" / "demo_token")
        connections.close_all()
        return text
