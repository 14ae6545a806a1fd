"""A set-up that is shared by a link: opened once, in one browser, for one SCIM client, until it ends."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client, override_settings

from audit.actors import system_origin
from audit.models import AuditEvent
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, cross_tenant, tenant_context, tenant_scope
from tenants.models import Role, ScimClient, SetupLink, Tenant
from tenants.queries import list_tokens
from tenants.realms import CONSOLE
from tenants.services.notifications import send_due_messages
from tenants.services.scim_clients import create_scim_client
from tests.portal.provisioning import Provider
from tests.portal.signing_in import make_member, open_session

pytestmark = pytest.mark.usefixtures("database")
TOKEN = re.compile(r"lnj_[lt]s_[0-9A-Za-z]{61}")
LINK = re.compile(r"/setup/[0-9a-f-]{36}/[\w-]{43}")
LOCMEM = "django.core.mail.backends.locmem.EmailBackend"
NETWORKS = count(1)


@dataclass
class Shared:
    """A SCIM client whose set-up an operator has shared, and the link's address."""

    tenant_id: UUID
    operator: Client
    client: ScimClient
    link: str

    @property
    def page(self) -> str:
        return self.link.rpartition("/")[0]

    @property
    def console(self) -> str:
        return f"/console/clients/{self.client.id}"


@pytest.fixture
def browser() -> Client:
    return make_browser()


def make_browser() -> Client:
    """A browser in a network of its own: who guesses slows down nobody else."""
    return Client(REMOTE_ADDR=f"198.51.{next(NETWORKS)}.7", headers={"user-agent": "Firefox/1 Linux"})


@pytest.fixture
def shared(tenant_id: UUID) -> Shared:
    return share(tenant_id)


def share(tenant_id: UUID, name: str = "Okta production", role: Role = Role.ADMIN) -> Shared:
    operator = Client()
    open_session(operator, CONSOLE, make_member(CONSOLE, tenant_id, role))
    operator.get("/console/", follow=True)
    with tenant_context(tenant_id):
        client = create_scim_client(name=name, kind=ScimClient.Kind.OKTA, origin=system_origin("test"))
    answer = operator.post(f"/console/clients/{client.id}/setup-links", {"days": "3"})
    found = LINK.search(_text(answer))
    return Shared(tenant_id, operator, client, found.group() if found else "")


def begin(shared: Shared, browser: Client) -> str:
    """The browser opens the link; gives its page."""
    answer = browser.post(shared.link)
    assert (answer.status_code, answer.headers["Location"]) == (302, shared.page)
    return _text(browser.get(shared.page))


def make_token(shared: Shared, browser: Client) -> Any:
    key = re.search(r'name="form_key" value="(\w+)"', _text(browser.get(shared.page)))
    assert key
    return browser.post(f"{shared.page}/token", {"form_key": key.group(1)})


def _text(answer: Any) -> str:
    return str(answer.content.decode())


def _told(tenant_id: UUID) -> list[tuple[str, str, str, Any]]:
    """What was done by whom, but by operators and the test."""
    with tenant_context(tenant_id), tenant_scope():
        events = AuditEvent.objects.filter(surface="setup").order_by("id")
        return [
            (event.action, event.actor_kind, event.outcome, json.loads(event.canonical)["details"].get("reason"))
            for event in events
        ]


def test_whoever_holds_the_link_sets_the_provider_up_without_an_account(shared: Shared, browser: Client) -> None:
    asked = browser.get(shared.link)
    assert asked.status_code == 200
    assert "Begin in this browser" in _text(asked)
    page = begin(shared, browser)
    assert "Waiting for the first requests" in page
    assert "http://testserver/scim/v2" in page
    answer = make_token(shared, browser)
    token = TOKEN.search(_text(answer))
    assert token
    assert Client().get("/scim/v2/Users", headers={"authorization": f"Bearer {token.group()}"}).status_code == 200
    Provider.flush(Provider(shared.tenant_id, "Another"))
    run = _text(browser.get(f"{shared.page}/first-run", headers={"HX-Request": "true"}))
    assert re.search(r"Token recognized</span> <span class=\"sr-only\">done", run)
    page = _text(browser.get(shared.page))
    assert not TOKEN.search(page)
    assert "A token was issued" in page
    assert [row[:2] for row in _told(shared.tenant_id)] == [
        ("tenants.setup_link.opened", "setup_link"),
        ("tenants.token.issued", "setup_link"),
    ]


def test_operator_sees_who_opened_it_and_when(shared: Shared, browser: Client) -> None:
    assert "Nobody has opened it" in _text(shared.operator.get(shared.console))
    begin(shared, browser)
    page = _text(shared.operator.get(shared.console))
    assert re.search(r"Opened <time [^>]+>[\d: -]+ UTC</time> from 198\.51\.\d+\.7 by Firefox/1 Linux", page)
    assert not LINK.search(page)


def test_looking_at_a_link_consumes_it_not_and_a_second_browser_is_refused(shared: Shared, browser: Client) -> None:
    for _ in range(3):
        assert make_browser().get(shared.link).status_code == 200
    begin(shared, browser)
    second = make_browser()
    for answer in (second.get(shared.link), second.post(shared.link)):
        assert (answer.status_code, "opened in another browser" in _text(answer)) == (403, True)
    assert second.get(shared.page).status_code == 404
    assert browser.get(shared.link).headers["Location"] == shared.page
    refused = [row[1:] for row in _told(shared.tenant_id) if row[0] == "tenants.setup_link.refused"]
    assert refused == [
        *[("setup_link", "denied", "opened already")] * 2,
        ("anonymous", "denied", "unknown"),
    ]


def test_revoked_link_ends_the_session_behind_it_at_once(shared: Shared, browser: Client) -> None:
    begin(shared, browser)
    link_id = shared.page.rpartition("/")[2]
    again = shared.operator.post(f"{shared.console}/setup-links/{link_id}/revoke")
    assert again.status_code == 302
    answer = browser.get(shared.page)
    assert (answer.status_code, "It was revoked" in _text(answer)) == (410, True)
    live = browser.get(f"{shared.page}/first-run", headers={"HX-Request": "true"})
    assert (live.status_code, live.headers["HX-Redirect"]) == (204, shared.page)
    assert browser.post(f"{shared.page}/token", {"form_key": "x"}).status_code == 410
    again = shared.operator.post(f"{shared.console}/setup-links/{link_id}/revoke")
    assert (again.status_code, "has ended already" in _text(again)) == (422, True)


def test_link_whose_time_is_over_or_whose_tenant_is_suspended_opens_nothing(shared: Shared, browser: Client) -> None:
    begin(shared, browser)
    _suspend(shared.tenant_id, Tenant.State.SUSPENDED)
    assert (browser.get(shared.page).status_code, "not served" in _text(browser.get(shared.page))) == (403, True)
    _suspend(shared.tenant_id, Tenant.State.ACTIVE)
    assert browser.get(shared.page).status_code == 200
    with tenant_context(shared.tenant_id), tenant_scope():
        SetupLink.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    answer = browser.get(shared.page)
    assert (answer.status_code, "Its time is over" in _text(answer)) == (410, True)
    assert "expired" in _text(shared.operator.get(shared.console))


def _suspend(tenant_id: UUID, state: Tenant.State) -> None:
    with cross_tenant(reason="test", actor=system_origin("test")):
        Tenant.objects.using("platform").filter(id=tenant_id).update(state=state)


def test_link_to_a_client_that_was_deleted_leads_nowhere(shared: Shared, browser: Client) -> None:
    begin(shared, browser)
    with tenant_context(shared.tenant_id), tenant_scope():
        ScimClient.objects.filter(id=shared.client.id).delete()
    assert browser.get(shared.page).status_code == 404


def test_session_of_a_link_opens_nothing_else(shared: Shared, browser: Client, make_tenant: Callable[[], UUID]) -> None:
    """Not another client's set-up, of the tenant or of another one, not the console, not the portal, no SCIM."""
    others = [share(shared.tenant_id, "Another"), share(make_tenant())]
    begin(shared, browser)
    cookie = browser.cookies["ln_setup"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (shared.page, True, "Lax")
    thief = make_browser()
    thief.cookies["ln_setup"] = thief.cookies["ln_console"] = thief.cookies["ln_portal"] = cookie.value
    for other in others:
        for path in (other.page, f"{other.page}/first-run", f"{other.page}/{shared.link.rpartition('/')[2]}"):
            assert thief.get(path, follow=True).status_code == 404
        assert thief.post(f"{other.page}/token", {"form_key": "x"}).status_code == 404
    for path in ("/console/", "/portal/", shared.console, f"{shared.console}/first-run"):
        assert thief.get(path).status_code == 302
    page = _text(browser.get(shared.page))
    assert "/console/" not in page
    assert "/portal/" not in page
    assert "Another" not in page
    bearer = {"authorization": f"Bearer {cookie.value}"}
    assert Client().get("/scim/v2/Users", headers=bearer).status_code == 401


def test_token_is_issued_by_a_form_of_the_page_alone_and_replaces_the_one_that_was_lost(
    shared: Shared, browser: Client
) -> None:
    begin(shared, browser)
    assert browser.post(f"{shared.page}/token", {"form_key": "0" * 64}).status_code == 404
    first, second = make_token(shared, browser), make_token(shared, browser)
    assert first.headers["Cache-Control"] == "no-store"
    with tenant_context(shared.tenant_id):
        found = {token.prefix: token for token in list_tokens()}
    old, new = (TOKEN.search(_text(answer)) for answer in (first, second))
    assert old
    assert new
    assert found[old.group()[:19]].revoked_at is not None
    assert found[new.group()[:19]].revoked_at is None
    assert found[new.group()[:19]].created_by == "holder of a set-up link"


def test_no_cache_and_no_other_site_learns_of_a_link(shared: Shared, browser: Client) -> None:
    answers = [browser.get(shared.link), browser.post(shared.link), browser.get(shared.page), Client().get(shared.page)]
    for answer in answers:
        told = {name: answer.headers[name] for name in ("Cache-Control", "Referrer-Policy")}
        assert told == {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    with tenant_context(shared.tenant_id), tenant_scope():
        row = SetupLink.objects.values().get()
    assert shared.link.rpartition("/")[2].encode() not in [bytes(v) for v in (row["digest"], row["session_digest"])]


def test_guessing_gets_slow(shared: Shared) -> None:
    guesser = make_browser()
    answers = [guesser.get(f"{shared.page}/{'x' * 43}").status_code for _ in range(23)]
    assert (answers[0], answers[-1]) == (404, 429)
    assert guesser.get(shared.link).status_code == 429
    assert make_browser().get(shared.link).status_code == 200
    unknown = make_browser().get(f"/setup/01900000-0000-7000-8000-000000000001/{'x' * 43}")
    assert unknown.status_code == 404
    assert _told(DEPLOYMENT_TENANT_ID)[-1] == ("tenants.setup_link.refused", "anonymous", "denied", "unknown")


def test_link_goes_by_e_mail_and_stands_in_no_table(shared: Shared, browser: Client) -> None:
    refused = shared.operator.post(f"{shared.console}/setup-links", {"days": "1", "email": "nobody"})
    assert (refused.status_code, "This is not an e-mail address." in _text(refused)) == (422, True)
    sent = shared.operator.post(f"{shared.console}/setup-links", {"days": "1", "email": "It@Customer.example"})
    assert sent.status_code == 302
    rows = list(CONSOLE.notification.objects.filter(kind="setup_link", email="it@customer.example"))
    assert len(rows) == 1
    assert not re.search(r"[\w-]{43}", json.dumps(rows[0].details))
    with override_settings(EMAIL_BACKEND=LOCMEM):
        mail.outbox = []
        while send_due_messages(now=datetime.now(UTC) + timedelta(seconds=1), origin=system_origin("test")):
            pass
        letters = [letter for letter in mail.outbox if letter.to == ["it@customer.example"]]
    assert len(letters) == 1
    assert str(letters[0].subject).startswith("Connect Okta to ")
    found = LINK.search(str(letters[0].body))
    assert found
    assert "Waiting" in begin(Shared(shared.tenant_id, shared.operator, shared.client, found.group()), browser)
    assert "on its way to it@customer.example" in _text(shared.operator.get(shared.console))


def test_viewer_sees_links_and_makes_none(shared: Shared) -> None:
    viewer = Client()
    open_session(viewer, CONSOLE, make_member(CONSOLE, shared.tenant_id, Role.VIEWER))
    viewer.get("/console/", follow=True)
    page = _text(viewer.get(shared.console))
    assert ("Shown once" in page, "Make a link" in page) == (True, False)
    assert viewer.post(f"{shared.console}/setup-links", {"days": "3"}).status_code == 403
    CONSOLE.session.objects.update(stepped_up_at=None)
    asked = shared.operator.post(f"{shared.console}/setup-links", {"days": "3"})
    assert asked.headers["Location"].startswith("/console/confirm")
