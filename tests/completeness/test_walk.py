"""A walk over every address of the console: whoever is not signed in is asked to, a viewer sees and changes nothing,
and what another tenant has is not there. A page that is not listed with its tenant's ids makes it fail.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from audit.actions import Action
from audit.models import AuditEvent
from labsninja.kernel.isolation import tenant_context, tenant_scope
from portal.console.urls import urlpatterns
from scim.protocol import urns
from scim.protocol.dialects.base import STRICT, Reading
from scim.protocol.schemas import GROUP, USER
from scim.queries.requests import RequestFilter, list_requests
from scim.services.resources import create_resource
from scim.services.writes import Writing
from tenants.models import Role
from tenants.realms import CONSOLE
from tests.completeness.desk import SYSTEM, Desk
from tests.completeness.pages import TENANT
from tests.completeness.schema_pages import BADGE, DEVICE, _with_schema
from tests.completeness.sync_pages import make_connector, make_run
from tests.portal.provisioning import Provider
from tests.portal.signing_in import make_member, open_session
from tests.scim.logged import log_requests

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.capability("tenant-isolation")]
ROUTES = {str(pattern.name): str(pattern.pattern) for pattern in urlpatterns}
OF_AN_ID = [name for name, route in ROUTES.items() if "<" in route]
UUID_TEXT = "01900000-0000-7000-8000-000000000001"
# What a viewer may do: come to a tenant of their own, and keep what they may read.
MAY = {"tenants", "audit-download"}


def _fill(route: str) -> str:
    return "/console/" + re.sub(r"<\w+:\w+>", "x", re.sub(r"<uuid:\w+>", UUID_TEXT, route))


@dataclass
class Visitor:
    """Somebody else than the desk's owner, with a browser in which they have just signed in."""

    person: Any
    client: Client

    def told(self, tenant_id: UUID) -> list[str]:
        """What the tenant's history says that they did, but for coming in."""
        with tenant_context(tenant_id), tenant_scope():
            found = AuditEvent.objects.filter(actor_id=str(self.person.id)).exclude(action=Action.TENANT_ENTERED)
            return list(found.values_list("action", flat=True))


def _let_in(tenant_id: UUID, role: Role) -> Visitor:
    made = Visitor(make_member(CONSOLE, tenant_id, role), Client())
    open_session(made.client, CONSOLE, made.person)
    made.client.get("/console/", follow=True)
    return made


def _log_request(desk: Desk) -> UUID:
    log_requests(desk.okta(), 200)
    with tenant_context(desk.tenant_id):
        return list_requests(wanted=RequestFilter(), position=None).rows[0].id


def _find_event(desk: Desk) -> UUID:
    with tenant_context(desk.tenant_id), tenant_scope():
        return UUID(str(AuditEvent.objects.values_list("id", flat=True)[0]))


def _provision(desk: Desk, type_name: str) -> UUID:
    body: dict[str, Any] = {"schemas": [urns.USER], "userName": "ada@example.test"}
    if type_name == "Group":
        body = {"schemas": [urns.GROUP], "displayName": "Lab"}
    with tenant_context(desk.tenant_id):
        kind = GROUP if type_name == "Group" else USER
        return UUID(str(create_resource(body=body, writing=Writing(kind, SYSTEM, Reading(STRICT))).id))


def _delete(desk: Desk) -> str:
    okta = Provider(desk.tenant_id)
    ada = okta.add_user("ada@example.test")
    okta.send("delete", f"/Users/{ada}")
    return str(ada)


def _define(desk: Desk, name: str) -> str:
    _with_schema(desk, "type-edit", DEVICE, "Device")
    return name


# Pages about one thing, and such a thing of the desk's tenant.
SHOWN: dict[str, Callable[[Desk], Any]] = {
    "client": lambda desk: desk.okta().id,
    "client-health": lambda desk: desk.okta().id,
    "first-run": lambda desk: desk.okta().id,
    "request": _log_request,
    "audit-event": _find_event,
    "schema": lambda desk: _define(desk, BADGE),
    "schema-edit": lambda desk: _define(desk, BADGE),
    "schema-remove": lambda desk: _define(desk, "Device"),
    "type-edit": lambda desk: _define(desk, "Device"),
    "user": lambda desk: _provision(desk, "User"),
    "user-then": lambda desk: _provision(desk, "User"),
    "user-deactivate": lambda desk: _provision(desk, "User"),
    "user-activate": lambda desk: _provision(desk, "User"),
    "user-delete": lambda desk: _provision(desk, "User"),
    "group": lambda desk: _provision(desk, "Group"),
    "group-then": lambda desk: _provision(desk, "Group"),
    "group-delete": lambda desk: _provision(desk, "Group"),
    "trash-restore": _delete,
    "connector": make_connector,
    "connector-edit": make_connector,
    "run": make_run,
}


@pytest.fixture
def desk(make_tenant: Callable[[], UUID]) -> Desk:
    return Desk(make_tenant())


@pytest.fixture
def stranger(make_tenant: Callable[[], UUID]) -> Visitor:
    """An owner of another tenant."""
    return _let_in(make_tenant(), Role.OWNER)


@pytest.fixture
def viewer(desk: Desk) -> Visitor:
    return _let_in(desk.tenant_id, Role.VIEWER)


def _try(name: str, desk: Desk, visitor: Visitor) -> Any:
    """The answer to the page's deed at the desk of the tenant when the visitor's browser does it."""
    desk.client = visitor.client
    return TENANT[name][0](desk)


def test_every_page_about_one_thing_is_listed(desk: Desk) -> None:
    shows = {name for name in OF_AN_ID if desk.client.get(_fill(ROUTES[name])).status_code != 405}
    assert shows == SHOWN.keys()


@pytest.mark.parametrize("name", ROUTES)
def test_page_asks_whoever_is_not_signed_in_to_do_so(name: str) -> None:
    for answer in (Client().get(_fill(ROUTES[name])), Client().post(_fill(ROUTES[name]))):
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/console/sign-in")


@pytest.mark.parametrize("name", SHOWN)
def test_page_about_a_thing_of_another_tenant_is_not_there(
    desk: Desk, viewer: Visitor, stranger: Visitor, name: str
) -> None:
    address = reverse(f"console:{name}", args=[SHOWN[name](desk)])
    assert desk.client.get(address).status_code in {200, 422}  # 422: a page that asks for a moment, and got none
    assert viewer.client.get(address).status_code in {200, 403, 422}  # 403: nothing but a form, which is not theirs
    assert stranger.client.get(address).status_code == 404


@pytest.mark.parametrize("name", [name for name in OF_AN_ID if name in TENANT])
def test_thing_of_another_tenant_cannot_be_changed(desk: Desk, stranger: Visitor, name: str) -> None:
    assert _try(name, desk, stranger).status_code == 404
    assert stranger.told(desk.tenant_id) == []


@pytest.mark.parametrize("name", [name for name in TENANT if name not in MAY])
def test_viewer_changes_nothing(desk: Desk, viewer: Visitor, name: str) -> None:
    assert _try(name, desk, viewer).status_code in {302, 403}
    assert viewer.told(desk.tenant_id) == []
