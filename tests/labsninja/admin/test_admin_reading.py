"""Lists and details of the platform's admin: what they show of all tenants, and what they never show."""

from typing import Any
from uuid import UUID

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from audit.queries import list_events
from audit.standing import Standing, prove_standing
from labsninja.kernel.isolation import tenant_context, tenant_scope
from tenants.models import Role
from tenants.realms import CONSOLE, PORTAL
from tenants.services.tokens import IssuedToken
from tests.audit.histories import as_platform, seal
from tests.portal.signing_in import make_member, open_session

FAILED_INDEX = """
INSERT INTO scim_attribute_index (tenant_id, resource_type, path, state, obstacles, started_at, ended_at)
VALUES (%s, 'User', 'urn:x:a', 'failed', 1, now(), now())
"""
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def tenant_with_failed_index(make_tenant: Any) -> UUID:
    made: UUID = make_tenant()
    with tenant_context(made), tenant_scope() as scope:
        scope.execute(FAILED_INDEX, [made])
    return made


def _text(answer: Any) -> str:
    assert answer.status_code == 200, answer.headers.get("Location")
    return str(answer.content.decode())


def _change(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


LISTS = [f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in admin.site._registry]


def test_first_page_tells_how_the_deployment_is(office: Client) -> None:
    page = _text(office.get("/admin/"))
    for name in ("Tenants", "Requests a minute", "Queue", "Seal lag", "Failed sign-ins", "Index builds", "Ledger"):
        assert f"<dt>{name}</dt>" in page
    assert "Recent actions" not in page


@pytest.mark.parametrize("name", LISTS)
def test_list_is_drawn_and_offers_no_form_of_djangos(office: Client, issued: IssuedToken, name: str) -> None:
    make_member(CONSOLE, issued.token.tenant_id)
    page = _text(office.get(reverse(name), {"q": "a"}))
    assert "<style" not in page
    assert office.get(reverse(name).rstrip("/") + "/add/").status_code == 403


def test_token_is_shown_without_its_secret_and_digest(office: Client, issued: IssuedToken) -> None:
    page = _text(office.get(_change(issued.token)))
    assert issued.token.prefix in page
    assert issued.text not in page
    assert bytes(issued.token.digest).hex() not in page
    assert "digest" not in page


@pytest.mark.parametrize("realm", [CONSOLE, PORTAL], ids=lambda realm: realm.name)
def test_person_is_shown_with_memberships_and_without_a_hash(office: Client, make_tenant: Any, realm: Any) -> None:
    tenant_id: UUID = make_tenant()
    person = make_member(realm, tenant_id, Role.OWNER)
    page = _text(office.get(_change(person)))
    assert "(Owner)" in page
    assert "argon2" not in page


def test_sessions_of_every_realm_are_listed(office: Client, make_tenant: Any) -> None:
    person = make_member(PORTAL, make_tenant())
    open_session(Client(), PORTAL, person)
    assert person.email in _text(office.get("/admin/tenants/portalsession/"))


def test_rows_of_another_tenant_are_filtered_out(office: Client, issued: IssuedToken, make_tenant: Any) -> None:
    address = "/admin/tenants/clienttoken/"
    assert issued.token.prefix in _text(office.get(address, {"tenant": str(issued.token.tenant_id)}))
    assert issued.token.prefix not in _text(office.get(address, {"tenant": str(make_tenant())}))


@pytest.mark.parametrize("value", ["nonsense", "00000000-0000-7000-8000-000000000001"])
def test_filter_by_an_unknown_tenant_shows_nothing(office: Client, issued: IssuedToken, value: str) -> None:
    assert issued.token.prefix not in _text(office.get("/admin/tenants/clienttoken/", {"tenant": value}))


@pytest.mark.parametrize("address", ["/admin/tenants/tenant/", "/admin/tenants/tenant/create/"])
def test_stranger_is_sent_to_sign_in(address: str) -> None:
    assert Client().get(address).headers["Location"].startswith("/admin/sign-in?next=")


def _event_page(office: Client, issued: IssuedToken) -> str:
    with tenant_context(issued.token.tenant_id):
        event = list_events(newest=1)[0]
    return _text(office.get(_change(event)))


def test_event_is_told_in_a_sentence_and_is_proved_once_it_is_sealed(office: Client, issued: IssuedToken) -> None:
    page = _event_page(office, issued)
    assert "issued the token" in page
    assert "Recorded and not sealed yet" in page
    seal()
    assert "Proved: this text is leaf" in _event_page(office, issued)


def test_event_whose_text_is_not_what_was_sealed_is_not_proved(office: Client, issued: IssuedToken) -> None:
    seal()
    with as_platform(None), tenant_context(issued.token.tenant_id):
        event = list_events(newest=1)[0]
        found = prove_standing(event_id=event.id, canonical=event.canonical + " ")
    assert (found.standing, found.told.startswith("NOT PROVED")) == (Standing.BROKEN, True)


def test_history_is_filtered_and_searched_exactly(office: Client, issued: IssuedToken) -> None:
    tenant = {"tenant": str(issued.token.tenant_id), "since": "day"}
    address, action = "/admin/audit/auditevent/", {"action": "tenants.token.issued"}
    assert "issued the token" in _text(office.get(address, {**tenant, **action}))
    assert "issued the token" not in _text(office.get(address, {**tenant, "action": "tenants.token.revoked"}))
    assert "issued the token" in _text(office.get(address, {**tenant, "q": issued.token.prefix}))
    assert "issued the token" not in _text(office.get(address, {**tenant, "q": issued.token.prefix[:-1]}))


def test_history_of_a_row_is_the_audit_history(office: Client, issued: IssuedToken) -> None:
    address = _change(issued.token).replace("/change/", "/history/")
    assert "issued the token" in _text(office.get(address, follow=True))


def test_failed_index_build_is_listed_and_restarted(office: Client, tenant_with_failed_index: UUID) -> None:
    assert "failed" in _text(office.get("/admin/jobs/"))
    answer = office.post(f"/admin/jobs/{tenant_with_failed_index}/restart/", follow=True)
    assert "1 indexes of" in _text(answer)
    assert office.get(f"/admin/jobs/{tenant_with_failed_index}/restart/").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/admin/audit/auditevent/?action=%00",
        "/admin/audit/auditevent/?outcome=lost&since=ever",
        "/admin/audit/auditevent/?q=%00&tenant=%00",
        "/admin/audit/auditevent/nonsense/change/",
        "/admin/tenants/clienttoken/?state=%00&p=99999&o=x",
        "/admin/tenants/operator/?is_active__exact=perhaps",
        "/admin/tenants/operator/?password__startswith=a",
        "/admin/tenants/tenant/%00/change/",
        "/admin/tenants/tenant/00000000-0000-7000-8000-000000000001/suspend/",
    ],
)
def test_nonsense_in_an_address_is_no_error_of_ours(office: Client, address: str) -> None:
    assert office.get(address).status_code in {200, 302, 400, 404}
