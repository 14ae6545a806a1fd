"""The settings of a tenant in the console: who may change them, what they do on the wire, and what is told of them."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.db.models import F
from django.test import Client

from audit.actors import system_origin
from audit.queries import list_events
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.protocol import urns
from tenants.models import Role, ScimClient, Tenant
from tenants.queries import list_client_uses
from tenants.realms import CONSOLE, PORTAL
from tenants.services.authentication import forget_grants
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token
from tests.portal.signing_in import make_member, open_session

pytestmark = pytest.mark.usefixtures("database")
DIRECTORY = "/console/settings/directory"
ALL_ON = {"unique_group_names": "on", "keep_members": "on", "strict_members": "on", "revive_deleted": "on"}


@pytest.fixture
def owner(client: Client, tenant_id: UUID) -> Client:
    return _enter(client, tenant_id, Role.OWNER)


def _enter(client: Client, tenant_id: UUID, role: Role) -> Client:
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id, role))
    client.get("/console/", follow=True)
    return client


def _text(answer: Any) -> str:
    return str(answer.content.decode())


def _changes(tenant_id: UUID) -> list[Any]:
    with tenant_context(tenant_id):
        found: list[Any] = json.loads(list_events(newest=1)[0].canonical)["changes"]
    return found


@pytest.fixture
def post_group(tenant_id: UUID) -> Callable[..., Any]:
    """Has an identity provider of the tenant create a group."""
    forget_grants()
    with tenant_context(tenant_id):
        scim_client = create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=system_origin("test"))
        token = issue_token(scim_client=scim_client, scopes=SCOPES, origin=system_origin("test")).text

    def post(name: str) -> Any:
        body = json.dumps({"schemas": [urns.GROUP], "displayName": name})
        headers = {"Authorization": f"Bearer {token}"}
        return Client().post("/scim/v2/Groups", body, content_type="application/scim+json", headers=headers)

    return post


def test_second_group_of_a_name_passes_while_names_may_repeat_and_is_refused_again_afterwards(
    owner: Client, post_group: Callable[..., Any]
) -> None:
    assert post_group("Lab").status_code == 201
    assert post_group("Lab").status_code == 409
    owner.post(DIRECTORY, {})
    second = post_group("LAB")
    assert second.status_code == 201
    owner.post(DIRECTORY, {"unique_group_names": "on"})
    refused = post_group("lab")
    assert (refused.status_code, refused.json()["scimType"]) == (409, "uniqueness")
    page = _text(owner.get("/console/settings"))
    assert "Some groups share a name" in page
    assert second.json()["id"] in page


def test_name_that_was_given_while_names_could_repeat_is_held_afterwards(
    owner: Client, post_group: Callable[..., Any]
) -> None:
    owner.post(DIRECTORY, {})
    assert post_group("Lab").status_code == 201
    owner.post(DIRECTORY, {"unique_group_names": "on"})
    assert post_group("lab").status_code == 409
    assert "Some groups share a name" not in _text(owner.get("/console/settings"))


def test_rules_are_saved_in_one_event_with_before_and_after(owner: Client, tenant_id: UUID) -> None:
    answer = owner.post(DIRECTORY, {**ALL_ON, "unique_group_names": ""}, follow=True)
    assert "in force within 5 seconds" in _text(answer)
    assert _changes(tenant_id) == [
        {"path": "unique_group_names", "before": True, "after": False},
        {"path": "strict_members", "before": False, "after": True},
        {"path": "keep_members", "before": False, "after": True},
        {"path": "revive_deleted", "before": False, "after": True},
    ]
    assert "changed options of the tenant" in _text(owner.get("/console/settings"))


LEAVING = {"trash_days": "7", "breaker_count": "50", "breaker_percent": "10", "breaker_minutes": "30"}


def test_what_becomes_of_people_who_leave_is_saved_in_one_event(owner: Client, tenant_id: UUID) -> None:
    answer = owner.post("/console/settings/lifecycle", LEAVING, follow=True)
    assert "saved, and in force" in _text(answer)
    assert {change["path"]: change["after"] for change in _changes(tenant_id)} == {
        **{name: int(value) for name, value in LEAVING.items()},
        "breaker_on": False,
    }


@pytest.mark.parametrize(("field", "value"), [("trash_days", "0"), ("breaker_count", "4"), ("breaker_percent", "")])
def test_number_that_cannot_be_is_told_beside_its_field(owner: Client, field: str, value: str) -> None:
    answer = owner.post("/console/settings/lifecycle", {**LEAVING, field: value})
    assert (answer.status_code, f'id="id_{field}_error"' in _text(answer)) == (422, True)


def test_admin_may_change_rules_and_tolerance_but_not_how_people_sign_in(tenant_id: UUID) -> None:
    admin = _enter(Client(), tenant_id, Role.ADMIN)
    assert admin.post(DIRECTORY, ALL_ON).status_code == 302
    assert admin.post("/console/settings/tolerance", {}).status_code == 302
    refused = admin.post("/console/settings/sign-in", {"operators_need_factor": "on"})
    assert (refused.status_code, "This needs the role owner" in _text(refused)) == (403, True)
    assert "An owner can change this" in _text(admin.get("/console/settings"))


def test_viewer_sees_settings_and_changes_none(tenant_id: UUID) -> None:
    viewer = _enter(Client(), tenant_id, Role.VIEWER)
    page = _text(viewer.get("/console/settings"))
    assert "To change them takes the role admin" in page
    assert "Save" not in page
    for name in ("directory", "tolerance", "sign-in", "lifecycle"):
        assert viewer.post(f"/console/settings/{name}", {"keep_members": "on", **LEAVING}).status_code == 403
    assert Tenant.objects.get(id=tenant_id).keep_members is False


def test_strict_are_the_clients_that_were_chosen(
    owner: Client, tenant_id: UUID, make_tenant: Callable[[], UUID]
) -> None:
    made = []
    for bound in (tenant_id, tenant_id, make_tenant()):
        with tenant_context(bound):
            made.append(create_scim_client(name=f"c{uuid4()}", kind=ScimClient.Kind.OKTA, origin=system_origin("t")))
    owner.post("/console/settings/tolerance", {"strict": [str(made[1].id), str(made[2].id), "nonsense"]})
    with tenant_context(tenant_id):
        assert {use.client.id: use.client.strict for use in list_client_uses()} == {made[0].id: False, made[1].id: True}
    assert _changes(tenant_id) == [{"path": "strict", "before": False, "after": True}]
    with tenant_context(made[2].tenant_id):
        assert [use.client.strict for use in list_client_uses()] == [False]


def test_bound_outside_of_what_may_be_is_told_beside_its_field(owner: Client, tenant_id: UUID) -> None:
    answer = owner.post("/console/settings/sign-in", {"operators_idle_minutes": "4", "customers_session_hours": "x"})
    page = _text(answer)
    assert answer.status_code == 422
    assert 'id="id_customers_session_hours_error"' in page
    answer = owner.post("/console/settings/sign-in", {"operators_idle_minutes": "61"})
    assert (answer.status_code, 'id="id_operators_idle_minutes_error"' in _text(answer)) == (422, True)
    assert "Choose between 5 and 60." in _text(answer)


def test_how_people_sign_in_is_saved_in_one_event(owner: Client, tenant_id: UUID) -> None:
    owner.post("/console/settings/sign-in", {"customers_need_factor": "on", "operators_session_hours": "8"})
    assert _changes(tenant_id) == [
        {"path": "operators_session_hours", "before": None, "after": 8},
        {"path": "customers_need_factor", "before": False, "after": True},
    ]
    assert 'value="8"' in _text(owner.get("/console/settings"))


def test_session_that_lasts_longer_than_the_tenant_allows_ends(owner: Client) -> None:
    owner.post("/console/settings/sign-in", {"operators_session_hours": "1"})
    assert owner.get("/console/clients").status_code == 200
    CONSOLE.session.objects.update(confirmed_at=F("confirmed_at") - timedelta(minutes=61))
    answer = owner.get("/console/clients")
    assert answer.headers["Location"] == "/console/sign-in?next=%2Fconsole%2Fclients"
    assert "Sessions of your organization end after a while" in _text(owner.get(answer.headers["Location"]))


def test_session_that_idles_longer_than_the_tenant_allows_ends(owner: Client) -> None:
    owner.post("/console/settings/sign-in", {"operators_idle_minutes": "5"})
    CONSOLE.session.objects.update(seen_at=F("seen_at") - timedelta(minutes=6))
    answer = owner.get("/console/requests", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/console/sign-in")
    assert owner.get("/console/clients").status_code == 302


def test_rules_for_customers_leave_operators_alone(owner: Client, tenant_id: UUID) -> None:
    customer = Client()
    open_session(customer, PORTAL, make_member(PORTAL, tenant_id))
    customer.get("/portal/", follow=True)
    owner.post("/console/settings/sign-in", {"customers_need_factor": "on"})
    assert owner.get("/console/clients").status_code == 200
    assert customer.get("/portal/members").headers["Location"] == "/portal/account"


def test_whoever_confirms_comes_back_to_the_settings(owner: Client) -> None:
    CONSOLE.session.objects.update(stepped_up_at=None)
    came_from = {"Referer": "http://testserver/console/settings"}
    answer = owner.post("/console/settings/sign-in", {}, headers=came_from)
    assert answer.headers["Location"] == "/console/confirm?next=%2Fconsole%2Fsettings"
    elsewhere = owner.post("/console/settings/sign-in", {}, headers={"Referer": "https://evil.example/console/x"})
    assert elsewhere.headers["Location"] == "/console/confirm?next=%2Fconsole%2Faccount"


def test_tenant_can_write_no_row_but_its_own(tenant_id: UUID, make_tenant: Callable[[], UUID]) -> None:
    """Also past every service: PostgreSQL itself shows the app's role no other row to write."""
    other = make_tenant()
    with tenant_context(tenant_id), tenant_scope() as scope:
        statement = "UPDATE tenants_tenant SET keep_members = true WHERE id = %s"
        assert [scope.execute(statement, [each]).rowcount for each in (other, tenant_id)] == [0, 1]
    with connections["default"].cursor() as cursor:
        cursor.execute("UPDATE tenants_tenant SET keep_members = true")
        assert cursor.rowcount == 0
