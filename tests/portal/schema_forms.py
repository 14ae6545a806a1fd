"""The console's form of a schema as a browser sends it, and an operator who sends it."""

from typing import Any
from uuid import UUID

from django.test import Client

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from scim.services.schemas import define_schemas
from tenants.models import Role
from tenants.realms import CONSOLE
from tests.portal.signing_in import make_member, open_session

BADGE = "urn:ietf:params:scim:schemas:extension:badge:2.0:User"
NEW, SYSTEM = "/console/schemas/new", system_origin("test")
OFFICE = {"name": "office", "type": "string"}
NUMBER = {"name": "number", "type": "integer", "required": "on"}


def enter_console(client: Client, tenant_id: UUID, role: Role) -> Client:
    """The browser of somebody new with that role, within the tenant."""
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id, role))
    client.get("/console/", follow=True)
    return client


def make_form(*rows: dict[str, str], do: str = "save", **changes: str) -> dict[str, str]:
    """The form with these rows of attributes."""
    sent = {"id": BADGE, "name": "Badge", "use-User": "may", "do": do}
    sent |= {"attributes-TOTAL_FORMS": str(len(rows)), "attributes-INITIAL_FORMS": str(len(rows))}
    sent |= {f"attributes-{at}-{name}": value for at, row in enumerate(rows) for name, value in row.items()}
    return sent | changes


def define_badge(tenant_id: UUID, *attributes: dict[str, Any]) -> None:
    """An extension of User, with an office unless it is given others."""
    definition = {"id": BADGE, "name": "Badge", "attributes": list(attributes) or [{"name": "office"}]}
    with tenant_context(tenant_id):
        define_schemas(definitions=[definition], extends=["User"], origin=SYSTEM)


def read_text(answer: Any) -> str:
    """The page as text."""
    return str(answer.content.decode())
