"""A throw-away home for a bench: embedded services, migrated, Django ready, and a tenant of its own."""

import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent
PRIVILEGED = {"OWNER_DATABASE_URL", "PLATFORM_DATABASE_URL"}


@dataclass(frozen=True)
class Customer:
    """The tenant that the load speaks for."""

    tenant_id: UUID
    token: str


def open_home(home: str) -> dict[str, str]:
    """Starts the services below `home` and migrates; gives the environment of servers."""
    os.environ.update({"LABSNINJA_HOME": home, "DJANGO_SETTINGS_MODULE": "labsninja.settings"})
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    from labsninja.local import complete_environment

    complete_environment()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    serving = {name: value for name, value in os.environ.items() if name not in PRIVILEGED}
    from labsninja.processes import GIVE_BACK

    return {**serving, **GIVE_BACK, "PYTHONPATH": str(ROOT), "LABSNINJA_LOG_LEVEL": "ERROR"}


def make_customer(*, slug: str = "bench", plan: str = "unlimited") -> Customer:
    """A tenant, without limits unless the plan has some, and a token for everything."""
    from audit.actors import system_origin
    from labsninja.provisioning import provision
    from tenants.models import ScimClient
    from tenants.plans import Plan
    from tenants.queries import find_tenant
    from tenants.services.tokens import SCOPES

    made = provision(
        slug=slug,
        kind=ScimClient.Kind.CUSTOM,
        client_name="bench",
        scopes=SCOPES,
        plan=Plan(plan),
        origin=system_origin("bench"),
    )
    return Customer(find_tenant(slug=slug).id, made["token"])
