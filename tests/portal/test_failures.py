"""The live checklist of a SCIM client: each way in which the first requests fail, with its cause in plain words."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from audit.actors import Origin, system_origin
from labsninja.kernel.isolation import cross_tenant, tenant_context, tenant_scope
from portal.shared.failures import explain_failure
from portal.shared.providers import detect_provider, find_mismatch
from scim.queries.requests import RequestFilter, list_requests
from scim.services.request_log import flush_requests
from tenants.models import ClientToken, ScimClient
from tenants.queries import get_tenant
from tenants.realms import CONSOLE
from tenants.services.authentication import forget_grants
from tenants.services.scim_clients import create_scim_client
from tenants.services.tenants import suspend_tenant
from tenants.services.token_rows import IssuedToken
from tenants.services.tokens import SCOPES, issue_secret, issue_token, revoke_token, rotate_token
from tests.portal.signing_in import make_member, open_session

pytestmark = pytest.mark.usefixtures("database")
ORIGIN = system_origin("test")
AGENT = "Okta SCIM Client 1.0.0"


class Setup:
    """A SCIM client that is being connected, and the operator who watches."""

    def __init__(self, tenant_id: UUID) -> None:
        self.tenant_id = tenant_id
        with tenant_context(tenant_id):
            self.client = create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=ORIGIN)
        self.browser = Client()
        open_session(self.browser, CONSOLE, make_member(CONSOLE, tenant_id))
        self.browser.get("/console/", follow=True)

    def issue(self, **values: Any) -> IssuedToken:
        with tenant_context(self.tenant_id):
            return issue_token(scim_client=self.client, **{"scopes": SCOPES, "origin": ORIGIN, **values})

    def send(self, header: str, path: str = "/Users", method: str = "get", **values: Any) -> int:
        forget_grants()
        headers = {"authorization": header, "user-agent": values.pop("agent", AGENT)}
        answer = getattr(Client(), method)(f"/scim/v2{path}", headers=headers, **values)
        return int(answer.status_code)

    def read(self, address: str = "/first-run") -> str:
        flush_requests(at_once=True)
        page = self.browser.get(f"/console/clients/{self.client.id}{address}", headers={"HX-Request": "true"})
        return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


@pytest.fixture
def setup(make_tenant: Callable[[], UUID]) -> Setup:
    return Setup(make_tenant())


def _long_ago() -> Origin:
    origin = system_origin("test")
    object.__setattr__(origin, "at", datetime.now(UTC) - timedelta(days=40))
    return origin


def test_revoked_token_is_told_with_its_prefix_and_day(setup: Setup) -> None:
    token = setup.issue()
    with tenant_context(setup.tenant_id):
        revoke_token(prefix=token.token.prefix, origin=ORIGIN)
    assert setup.send(f"Bearer {token.text}") == 401
    page = setup.read()
    assert f"The token {token.token.prefix}… was revoked on {datetime.now(UTC):%-d %b %Y}" in page
    assert "Token recognized failed" in page


def test_expired_token_is_told_with_its_day(setup: Setup) -> None:
    token = setup.issue(lifetime=timedelta(days=30), origin=_long_ago())
    assert setup.send(f"Bearer {token.text}") == 401
    assert f"expired on {datetime.now(UTC) - timedelta(days=10):%-d %b %Y}" in setup.read()


def test_rotated_token_that_has_ended_is_told_as_rotated(setup: Setup) -> None:
    token = setup.issue()
    with tenant_context(setup.tenant_id):
        rotate_token(prefix=token.token.prefix, overlap=timedelta(0), origin=ORIGIN)
    assert setup.send(f"Bearer {token.text}") == 401
    assert "was rotated: it ended on" in setup.read()


def test_address_outside_the_list_is_told_with_the_list(setup: Setup) -> None:
    token = setup.issue(networks=["192.0.2.0/24"])
    assert setup.send(f"Bearer {token.text}") == 401
    assert "came from 127.0.0.1, which is not in the list of the token" in setup.read()


@pytest.mark.parametrize(
    ("header", "cause"),
    [
        ("Token {token}", "The word Bearer is missing"),
        ("Bearer {cut}", "begins as the token"),
        ("Bearer {token}x", "begins as the token"),
        ("Bearer {other}", "begins as the token"),
    ],
    ids=["another-word", "cut-off", "too-long", "another-secret"],
)
def test_token_that_was_entered_wrongly_is_told_by_its_prefix(setup: Setup, header: str, cause: str) -> None:
    text = setup.issue().text
    assert setup.send(header.format(token=text, cut=text[:40], other=text[:30] + "A" * 38)) == 401
    assert cause in setup.read()


def test_client_secret_in_place_of_a_token_is_told(setup: Setup) -> None:
    with tenant_context(setup.tenant_id):
        secret = issue_secret(scim_client=setup.client, scopes=SCOPES, origin=ORIGIN)
    assert setup.send(f"Bearer {secret.text}") == 401
    assert "is a client secret, no bearer token" in setup.read()


def test_scope_that_is_missing_is_told(setup: Setup) -> None:
    token = setup.issue(scopes=["scim:read"])
    body = {"data": "{}", "content_type": "application/scim+json"}
    assert setup.send(f"Bearer {token.text}", method="post", **body) == 403
    page = setup.read()
    assert "may do scim:read alone, and POST /scim/v2/Users asks for more" in page
    assert "Allowed failed" in page


def test_disabled_groups_are_told(setup: Setup) -> None:
    token = setup.issue()
    with tenant_context(setup.tenant_id), tenant_scope():
        ClientToken.objects.update(client_groups_enabled=False)
    body = {"data": "{}", "content_type": "application/scim+json"}
    assert setup.send(f"Bearer {token.text}", "/Groups", "post", **body) == 403
    assert "manages users alone" in setup.read()


def test_suspended_tenant_is_told(setup: Setup) -> None:
    token = setup.issue()
    with cross_tenant(reason="suspend for a test", actor=ORIGIN):
        slug = get_tenant(tenant_id=setup.tenant_id).slug
        suspend_tenant(slug=slug, reason="test", origin=ORIGIN)
    assert setup.send(f"Bearer {token.text}") == 403
    flush_requests(at_once=True)
    with tenant_context(setup.tenant_id):
        row = list_requests(wanted=RequestFilter()).rows[0]
    assert "This tenant is suspended" in explain_failure(row=row, tokens=[token.token]).cause


@pytest.mark.parametrize("path", ["/v2/Users", "/scim/v2/Users", "/Groups/Groups"])
def test_base_url_with_too_much_in_it_is_told(setup: Setup, path: str) -> None:
    assert setup.send(f"Bearer {setup.issue().text}", path) == 404
    assert f"The path is /scim/v2{path}: a part of it stands there twice" in setup.read()


def test_endpoint_in_wrong_letters_is_told(setup: Setup) -> None:
    assert setup.send(f"Bearer {setup.issue().text}", "/users") == 404
    assert "Have the provider ask for /Users" in setup.read()


def test_wrong_content_type_is_told(setup: Setup) -> None:
    body = {"data": "userName=ada", "content_type": "application/x-www-form-urlencoded"}
    assert setup.send(f"Bearer {setup.issue().text}", method="post", **body) == 415
    assert "content type that is not SCIM" in setup.read()


def test_refusal_of_scim_is_told_in_its_own_words(setup: Setup) -> None:
    assert setup.send(f"Bearer {setup.issue().text}", "/Users?filter=nonsense") == 400
    assert "The filter cannot be read" in setup.read()


def test_token_of_nobody_is_shown_to_nobody(setup: Setup, make_tenant: Callable[[], UUID]) -> None:
    stranger = Setup(make_tenant())
    text = stranger.issue().text
    setup.issue()
    stranger.send(f"Token {text}")
    setup.send("Bearer none-of-ours")
    page = setup.read()
    assert "Nothing arrives?" in page
    assert text[:19] not in page
    assert "more about it" not in page.lower()


def test_other_provider_than_chosen_is_warned_of(setup: Setup) -> None:
    token = setup.issue()
    setup.send(f"Bearer {token.text}")
    assert "These requests come from" not in setup.read()
    setup.send(f"Bearer {token.text}", agent="OneLogin SCIM")
    assert "These requests come from OneLogin" in setup.read()


def test_whoever_comes_back_goes_on_at_the_next_stage(setup: Setup) -> None:
    def current() -> str:
        page = setup.browser.get(f"/console/clients/{setup.client.id}").content.decode()
        return re.sub(r"<[^>]+>", "", page.partition('aria-current="step"')[2].partition("</li>")[0]).strip(" >\n")

    assert current().endswith("Have a token made")
    token = setup.issue()
    assert current().endswith("Enter both there")
    setup.send(f"Bearer {token.text}")
    flush_requests(at_once=True)
    assert current().endswith("See the first requests")


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        ("Okta SCIM Client 1.0.0", "okta"),
        ("JumpCloud/1.0", "jumpcloud"),
        ("PingOne Provisioning", "ping"),
        ("Google-Cloud-Identity", "google"),
        ("Microsoft Azure AD", "entra"),
        ("python-httpx/0.28", None),
        ("", None),
    ],
)
def test_provider_is_told_by_its_name_alone(agent: str, kind: str | None) -> None:
    assert detect_provider(user_agent=agent) == kind
    assert find_mismatch(kind="custom", user_agents=[agent]) is None
