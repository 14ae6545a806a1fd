"""Connecting an identity provider in the console: a SCIM client, its token shown once, its first requests."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from labsninja.kernel.isolation import tenant_context, tenant_scope
from tenants.models import ClientToken, Role
from tenants.queries import list_client_uses, list_tokens
from tenants.realms import CONSOLE
from tests.portal.signing_in import make_member, open_session

pytestmark = pytest.mark.usefixtures("database")
TOKEN = re.compile(r"lnj_[lt]s_[0-9A-Za-z]{61}")
RIGHTS = {"scopes": "scim:read scim:write", "days": "365", "networks": ""}


@pytest.fixture
def operator(client: Client, tenant_id: UUID) -> Client:
    """The browser of an owner of the tenant."""
    return _enter(client, tenant_id, Role.OWNER)


def _enter(client: Client, tenant_id: UUID, role: Role) -> Client:
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id, role))
    client.get("/console/", follow=True)
    return client


def _make_client(operator: Client, kind: str = "okta", name: str = "Okta production") -> str:
    answer = operator.post("/console/clients/new", {"kind": kind, "name": name})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def _issue(operator: Client, address: str, **changes: str) -> Any:
    return operator.post(f"{address}/tokens", {**RIGHTS, **changes})


def _text(answer: Any) -> str:
    return str(answer.content.decode())


def test_token_is_shown_once_and_works_at_once(operator: Client) -> None:
    address = _make_client(operator)
    answer = _issue(operator, address)
    found = TOKEN.search(_text(answer))
    assert found
    assert "no-store" in answer.headers["Cache-Control"]
    asked = Client().get("/scim/v2/Users", headers={"authorization": f"Bearer {found.group()}"})
    assert asked.status_code == 200
    page = _text(operator.get(address))
    assert not TOKEN.search(page)
    assert found.group()[:19] in page


@pytest.mark.parametrize("kind", ["okta", "entra", "google", "onelogin", "ping", "jumpcloud", "custom"])
def test_page_of_a_client_tells_the_providers_own_steps(operator: Client, kind: str) -> None:
    page = _text(operator.get(_make_client(operator, kind, f"My {kind}")))
    assert "http://testserver/scim/v2" in page
    assert "Why nothing, or too little, may happen" in page


def test_rotated_token_leaves_two_of_which_one_ends(operator: Client, tenant_id: UUID) -> None:
    address = _make_client(operator)
    _issue(operator, address)
    with tenant_context(tenant_id):
        old = list_tokens()[0]
    answer = operator.post(f"{address}/tokens/{old.prefix}/rotate", {"overlap": "1"})
    assert TOKEN.search(_text(answer))
    page = _text(operator.get(address))
    assert "retiring" in page
    assert "live" in page


def test_rotation_tells_when_the_old_token_can_go(operator: Client, tenant_id: UUID) -> None:
    address = _make_client(operator)
    old = TOKEN.search(_text(_issue(operator, address)))
    assert old
    new = TOKEN.search(_text(operator.post(f"{address}/tokens/{old.group()[:19]}/rotate", {"overlap": "1"})))
    assert new

    def told(*uses: tuple[str, int]) -> str:
        """The page when each of the tokens was used so many minutes ago."""
        with tenant_context(tenant_id), tenant_scope():
            for text, minutes in uses:
                moment = datetime.now(UTC) - timedelta(minutes=minutes)
                ClientToken.objects.filter(prefix=text[:19]).update(last_used_at=moment)
        return re.sub(r'<time[^>]*>|<span class="sr-only">[^<]*</span></time>', "", _text(operator.get(address)))

    assert "was not used yet: revoking this one now cuts the provider off" in told((old.group(), 9))
    assert "This token was still used 4 minutes ago" in told((new.group(), 6), (old.group(), 4))
    assert "was used 3 minutes ago, and this one not since then: safe to revoke" in told((new.group(), 3))


def test_revoked_token_is_refused(operator: Client, tenant_id: UUID) -> None:
    address = _make_client(operator)
    text = TOKEN.search(_text(_issue(operator, address)))
    assert text
    with tenant_context(tenant_id):
        prefix = list_tokens()[0].prefix
    operator.post(f"{address}/tokens/{prefix}/revoke")
    assert "revoked" in _text(operator.get(address))
    asked = Client().get("/scim/v2/Users", headers={"authorization": f"Bearer {text.group()}"})
    assert asked.status_code == 401


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(days=40), ""),
        (timedelta(days=7, hours=1), "expires in 7 days"),
        (timedelta(days=1, hours=1), "expires in 1 day<"),
        (timedelta(hours=3), "expires today"),
    ],
    ids=["far", "a week", "a day", "today"],
)
def test_token_that_ends_soon_says_so(operator: Client, tenant_id: UUID, left: timedelta, told: str) -> None:
    address = _make_client(operator)
    _issue(operator, address)
    with tenant_context(tenant_id), tenant_scope():
        ClientToken.objects.update(expires_at=datetime.now(UTC) + left)
    page = _text(operator.get(address))
    assert told in page
    assert ("expires in" in page or "expires today" in page) == bool(told)


def test_networks_that_are_none_are_told_beside_the_field(operator: Client) -> None:
    answer = _issue(operator, _make_client(operator), networks="everywhere")
    assert (answer.status_code, "is no network in CIDR form" in _text(answer)) == (422, True)


def test_name_that_is_taken_is_told_beside_the_field(operator: Client) -> None:
    _make_client(operator)
    answer = operator.post("/console/clients/new", {"kind": "okta", "name": "Okta production"})
    assert (answer.status_code, "exists" in _text(answer)) == (422, True)


def test_viewer_may_look_and_change_nothing(client: Client, operator: Client, tenant_id: UUID) -> None:
    address = _make_client(operator)
    _issue(operator, address)
    viewer = _enter(Client(), tenant_id, Role.VIEWER)
    assert "Make a token" not in _text(viewer.get(address))
    assert viewer.post("/console/clients/new", {"kind": "okta", "name": "Mine"}).status_code == 403
    assert _issue(viewer, address).status_code == 403
    with tenant_context(tenant_id):
        token = list_tokens()[0]
    for act in ("rotate", "revoke"):
        assert viewer.post(f"{address}/tokens/{token.prefix}/{act}", {"overlap": "0"}).status_code == 403
    viewer.post(f"{address}/options", {"strict": "on"})
    with tenant_context(tenant_id):
        assert [(one.prefix, one.revoked_at, one.retires_at) for one in list_tokens()] == [(token.prefix, None, None)]
        assert [use.client.strict for use in list_client_uses()] == [False]


def test_client_and_token_of_another_tenant_are_not_there(operator: Client, make_tenant: Callable[[], UUID]) -> None:
    stranger = _enter(Client(), make_tenant(), Role.OWNER)
    foreign = _make_client(stranger)
    own = _make_client(operator)
    found = TOKEN.search(_text(_issue(stranger, foreign)))
    assert found
    prefix = found.group()[:19]
    for address in (foreign, f"{foreign}/first-run"):
        assert operator.get(address).status_code == 404
    for address in (f"{foreign}/tokens/{prefix}", f"{own}/tokens/{prefix}"):
        assert operator.post(f"{address}/revoke").status_code == 404
    assert operator.post(f"{foreign}/options", {"strict": "on"}).status_code == 404
    assert "live" in _text(stranger.get(foreign))


def test_options_are_saved_for_the_tokens_too(operator: Client, tenant_id: UUID) -> None:
    address = _make_client(operator)
    _issue(operator, address)
    operator.post(f"{address}/options", {"strict": "on"})
    with tenant_context(tenant_id):
        token = list_tokens()[0]
    assert (token.client_strict, token.client_groups_enabled) == (True, False)


def test_secrets_ask_again_who_is_there(operator: Client) -> None:
    address = _make_client(operator)
    CONSOLE.session.objects.update(stepped_up_at=None)
    assert _issue(operator, address).headers["Location"].startswith("/console/confirm")


def test_clients_are_searched_and_sorted_by_the_address(operator: Client) -> None:
    for name in ("Zeta staging", "alpha Okta", "Beta Okta"):
        _make_client(operator, name=name)

    def names(query: str) -> list[str]:
        shown = _text(operator.get(f"/console/clients?{query}"))
        return re.findall(r'href="/console/clients/[0-9a-f-]{36}">([^<]+)</a>', shown)

    assert names("") == ["Zeta staging", "alpha Okta", "Beta Okta"]
    assert names("text=okta&sort=name") == ["alpha Okta", "Beta Okta"]
    assert names("sort=used") == ["Zeta staging", "alpha Okta", "Beta Okta"]
    assert "No SCIM client like this." in _text(operator.get("/console/clients?text=nowhere"))
    broken = operator.get("/console/clients?sort=x&text=%00")
    assert (broken.status_code, "Begin anew" in _text(broken)) == (422, True)
