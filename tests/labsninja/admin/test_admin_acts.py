"""What an administrator does in the platform's admin: each act is one call of a service, which is audited."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client

from audit.actions import Action
from audit.actors import system_origin
from audit.models import AuditEvent
from audit.queries import list_events
from labsninja.kernel.isolation import cross_tenant, tenant_context
from tenants.models import ClientToken, ScimClient, Tenant
from tenants.queries import get_tenant, list_tokens
from tenants.realms import ADMIN, CONSOLE, REALMS, Realm
from tenants.services.tokens import IssuedToken
from tests.audit.histories import seal
from tests.portal.signing_in import make_member, open_session

pytestmark = pytest.mark.usefixtures("database")
STALE = {"stepped_up_at": None}


def _actions(tenant_id: UUID) -> list[tuple[str, str]]:
    """What was done last in the tenant, and by whom."""
    with tenant_context(tenant_id):
        return [(event.action, event.actor_label) for event in list_events(newest=3)]


def _url(row: Any, act: str) -> str:
    return f"/admin/tenants/{row._meta.model_name}/{row.pk}/{act}/"


def test_tenant_is_created(office: Client, administrator: Any, tenant_id: UUID) -> None:
    slug = f"new-{tenant_id.hex}"
    answer = office.post("/admin/tenants/tenant/create/", {"slug": slug, "name": "New", "plan": "free"}, follow=True)
    assert f"The tenant {slug} was created." in answer.content.decode()
    made = Tenant.objects.get(slug=slug)
    assert _actions(made.id) == [(Action.TENANT_CREATED, administrator.email)]


@pytest.mark.parametrize(("slug", "told"), [("Not A Slug", "is no tenant name"), ("", "This field is required")])
def test_tenant_that_cannot_be_is_refused_beside_the_form(office: Client, slug: str, told: str) -> None:
    answer = office.post("/admin/tenants/tenant/create/", {"slug": slug, "plan": "free"})
    assert answer.status_code == 422
    assert told in answer.content.decode()


def test_tenant_is_suspended_with_a_reason_and_resumed(office: Client, tenant_id: UUID, administrator: Any) -> None:
    tenant = get_tenant(tenant_id=tenant_id)
    assert office.post(_url(tenant, "suspend"), {"reason": ""}).status_code == 422
    office.post(_url(tenant, "suspend"), {"reason": "unpaid"})
    suspended = get_tenant(tenant_id=tenant_id)
    assert (suspended.state, suspended.suspended_reason) == ("suspended", "unpaid")
    assert office.get(_url(tenant, "suspend")).status_code == 404  # it is suspended already
    office.post(_url(tenant, "resume"))
    assert get_tenant(tenant_id=tenant_id).state == "active"
    by = administrator.email
    assert _actions(tenant_id)[-2:] == [(Action.TENANT_SUSPENDED, by), (Action.TENANT_RESUMED, by)]


def test_plan_is_changed(office: Client, tenant_id: UUID) -> None:
    office.post(_url(get_tenant(tenant_id=tenant_id), "plan"), {"plan": "free"})
    assert get_tenant(tenant_id=tenant_id).plan == "free"


def test_deployments_own_tenant_is_not_administered(office: Client) -> None:
    own = Tenant.objects.get(slug="deployment")
    assert office.post(_url(own, "suspend"), {"reason": "why not"}).status_code == 404


@pytest.mark.parametrize("act", ["issue", "rotate", "revoke", "suspend"])
def test_act_on_secrets_asks_first_who_is_there(
    office: Client, administrator: Any, scim_client: ScimClient, issued: IssuedToken, tenant_id: UUID, act: str
) -> None:
    ADMIN.session.objects.filter(person=administrator).update(**STALE)
    rows = {"issue": scim_client, "suspend": get_tenant(tenant_id=tenant_id)}
    answer = office.post(_url(rows.get(act, issued.token), act), {"reason": "x", "hours": "1"})
    assert answer.headers["Location"].startswith("/admin/confirm?next=")
    assert _actions(tenant_id)[-1][0] == Action.TOKEN_ISSUED


def test_issued_token_works_is_shown_once_and_kept_by_no_cache(office: Client, scim_client: ScimClient) -> None:
    given = {"kind": "bearer", "scopes": ["scim:read"], "days": "30", "networks": ""}
    answer = office.post(_url(scim_client, "issue"), given)
    assert "no-store" in answer.headers["Cache-Control"]
    text = re.search(r"lnj_\w+", answer.content.decode())
    assert text
    with tenant_context(scim_client.tenant_id):
        token = list_tokens()[0]
    assert text[0].startswith(token.prefix)
    again = office.get(f"/admin/tenants/clienttoken/{token.id}/change/").content.decode()
    assert token.prefix in again
    assert text[0] not in again
    called = Client().get("/scim/v2/Users", headers={"authorization": f"Bearer {text[0]}"})
    assert called.status_code == 200


def test_token_from_no_network_is_refused_beside_the_form(office: Client, scim_client: ScimClient) -> None:
    given = {"kind": "bearer", "scopes": ["scim:read"], "days": "30", "networks": "nonsense"}
    answer = office.post(_url(scim_client, "issue"), given)
    assert answer.status_code == 422
    assert "is no network in CIDR form" in answer.content.decode()


def test_token_is_rotated_and_revoked(office: Client, issued: IssuedToken, tenant_id: UUID) -> None:
    shown = office.post(_url(issued.token, "rotate"), {"hours": "2"}).content.decode()
    assert "works for 2 more hours" in shown
    office.post(_url(issued.token, "revoke"))
    with tenant_context(tenant_id):
        old, new = list_tokens()
    assert old.revoked_at is not None
    assert (new.revoked_at, new.kind) == (None, ClientToken.Kind.BEARER)
    assert office.get(_url(issued.token, "revoke")).status_code == 404


def test_scim_client_is_created(office: Client, tenant_id: UUID) -> None:
    given = {"tenant": get_tenant(tenant_id=tenant_id).slug, "name": "Entra", "kind": "entra"}
    office.post("/admin/tenants/scimclient/create/", given)
    assert _actions(tenant_id)[-1][0] == Action.CLIENT_CREATED
    answer = office.post("/admin/tenants/scimclient/create/", {**given, "tenant": "nobody-has-this"})
    assert "there is no tenant named" in answer.content.decode()


@pytest.mark.parametrize("realm", list(REALMS.values()), ids=list(REALMS))
def test_somebody_is_invited(office: Client, tenant_id: UUID, realm: Realm) -> None:
    mail.outbox = []
    email = f"{tenant_id.hex}@example.test"
    given = {"email": email, "name": "New", "tenant": get_tenant(tenant_id=tenant_id).slug, "role": "admin"}
    name = realm.person._meta.model_name
    answer = office.post(f"/admin/tenants/{name}/invite/", given, follow=True)
    assert f"An invitation goes to {email}." in answer.content.decode()
    assert realm.notification.objects.filter(email=email, kind="invitation").exists()


def test_person_is_disabled_and_enabled(office: Client, tenant_id: UUID) -> None:
    person = make_member(CONSOLE, tenant_id)
    open_session(Client(), CONSOLE, person)
    office.post(_url(person, "disable"))
    person.refresh_from_db()
    assert not person.is_active
    assert not CONSOLE.session.objects.filter(person_id=person.id).exists()
    office.post(_url(person, "enable"))
    person.refresh_from_db()
    assert person.is_active


def test_second_factors_are_reset_when_the_name_is_typed(office: Client, tenant_id: UUID) -> None:
    person = make_member(CONSOLE, tenant_id)
    CONSOLE.person.objects.filter(id=person.id).update(totp_step=1)
    assert office.post(_url(person, "reset-factors"), {"typed": "somebody else"}).status_code == 422
    office.post(_url(person, "reset-factors"), {"typed": person.email})
    person.refresh_from_db()
    assert person.totp_step is None


def test_one_session_is_ended_or_all(office: Client, tenant_id: UUID) -> None:
    person = make_member(CONSOLE, tenant_id)
    for _ in range(3):
        open_session(Client(), CONSOLE, person)
    row = CONSOLE.session.objects.filter(person_id=person.id).first()
    office.post(_url(row, "end"))
    assert CONSOLE.session.objects.filter(person_id=person.id).count() == 2
    office.post(_url(person, "end-sessions"))
    assert CONSOLE.session.objects.filter(person_id=person.id).count() == 0


def test_act_by_get_changes_nothing(office: Client, issued: IssuedToken, tenant_id: UUID) -> None:
    assert office.get(_url(issued.token, "revoke")).status_code == 200
    assert _actions(tenant_id)[-1][0] == Action.TOKEN_ISSUED


def test_visit_of_a_page_leaves_its_reason_in_the_deployments_history(office: Client, administrator: Any) -> None:
    office.get("/admin/tenants/tenant/")
    with cross_tenant(reason="look", actor=system_origin("test")):
        own = AuditEvent.across.filter(actor_id=str(administrator.id)).order_by("id")
        told = [event.canonical for event in own]
    assert "admin: GET /admin/tenants/tenant/" in told[-1]


def test_tenant_is_deleted_after_its_history_was_exported_and_kept_again(office: Client, tenant_id: UUID) -> None:
    tenant = get_tenant(tenant_id=tenant_id)
    given = {"typed": tenant.slug, "reason": "they left", "days": "14"}
    assert "Export the tenant" in office.post(_url(tenant, "delete"), given).content.decode()
    assert office.post(_url(tenant, "export")).status_code == 422  # nothing is sealed yet
    seal()
    bundle: Any = office.post(_url(tenant, "export"))
    assert b'"checkpoint"' in b"".join(bundle.streaming_content)
    assert office.post(_url(tenant, "delete"), {**given, "typed": "another"}).status_code == 422
    office.post(_url(tenant, "delete"), given)
    marked = get_tenant(tenant_id=tenant_id)
    assert marked.state == "suspended"
    assert marked.deletes_at is not None
    office.post(_url(tenant, "keep"))
    assert get_tenant(tenant_id=tenant_id).deletes_at is None
