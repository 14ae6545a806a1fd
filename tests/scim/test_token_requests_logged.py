"""What stays of a token request: a row in the request log without its bodies, and an audit event."""

import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from audit.actors import system_origin
from audit.presenters import describe_event
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, cross_tenant, tenant_context, tenant_scope
from scim.services.request_log import flush_requests
from tenants.models import Tenant
from tenants.plans import Plan, PlanRates, Rate
from tenants.services import rate_limits
from tenants.services.rate_limits import forget_shares
from tenants.services.tenants import suspend_tenant
from tenants.services.tokens import revoke_token
from tests.scim.conftest import Provider
from tests.scim.oauth import GRANT, TOKEN, ask, basic, fetch, give_secret, in_body
from tests.scim.recorded import details_of, events_of, rows_of

pytestmark = pytest.mark.usefixtures("settled")
DENIED, ISSUED = "scim.access.denied", "tenants.access_token.issued"
EVERYTHING = (
    "SELECT to_jsonb(r)::text FROM scim_request_log r WHERE tenant_id = %(tenant)s",
    "SELECT to_jsonb(e)::text FROM audit_event e WHERE tenant_id = %(tenant)s",
    "SELECT to_jsonb(t)::text FROM tenants_client_token t WHERE tenant_id = %(tenant)s",
)


def _stored(tenant_id: Any) -> str:
    """All that the tenant's logs, history and tokens say."""
    flush_requests(at_once=True)
    with tenant_context(tenant_id), tenant_scope() as scope:
        return "".join(row for query in EVERYTHING for (row,) in scope.execute(query, {"tenant": tenant_id}).fetchall())


def _reasons(tenant_id: Any) -> list[str]:
    flush_requests()
    return [details_of(event)["reason"] for event in events_of(tenant_id, DENIED)]


def test_row_tells_who_fetched_a_token_and_nothing_of_the_bodies(provider: Provider) -> None:
    secret = give_secret(provider)
    fetch(provider, secret, scope="scim:read")
    (row,) = [row for row in rows_of(provider.tenant_id) if row["path"] == TOKEN]
    assert (row["method"], row["status"], row["outcome"]) == ("POST", 200, "done")
    assert (row["token_prefix"], row["scim_client_id"]) == (secret.token.prefix, str(provider.scim_client.id))
    assert (row["request_body"], row["response_body"]) == ("", "")


def test_row_tells_why_a_token_was_refused(provider: Provider) -> None:
    secret = give_secret(provider, scopes=["scim:read"])
    ask({**GRANT, "scope": "scim:write"}, **basic(provider.scim_client.id, secret.text))
    row = rows_of(provider.tenant_id)[-1]
    assert (row["status"], row["outcome"], row["scim_type"]) == (400, "refused", "invalid_scope")
    assert row["detail"].startswith("The client secret does not hold")
    assert (row["request_body"], row["response_body"]) == ("", "")


def test_no_secret_is_stored_or_logged_however_it_came(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret, shown = give_secret(provider), []
    for body, headers in (
        ({**GRANT, **in_body(provider.scim_client.id, secret.text)}, {}),
        (GRANT, basic(provider.scim_client.id, secret.text)),
    ):
        shown.append(json.loads(ask(body, **headers).content)["access_token"])
    ask(GRANT, path=f"{TOKEN}?client_secret={quote(secret.text)}&a={shown[0]}")
    ask(GRANT, **{"Authorization": f"Bearer {secret.text}", "User-Agent": secret.text})
    ask({**GRANT, "scope": secret.text}, **basic(provider.scim_client.id, secret.text))
    ask({"grant_type": secret.text}, **basic(provider.scim_client.id, secret.text))
    stored = _stored(provider.tenant_id) + _stored(DEPLOYMENT_TENANT_ID) + caplog.text
    for text in (secret.text, *shown):
        assert text[:19] in stored
        assert text[19:62] not in stored


def test_issue_is_an_event_of_the_client_with_the_secret_it_showed(provider: Provider) -> None:
    secret = give_secret(provider)
    told = fetch(provider, secret, scope="scim:read")
    (event,) = events_of(provider.tenant_id, ISSUED)
    assert (event.actor_kind, event.actor_id) == ("scim_client", str(provider.scim_client.id))
    assert (event.token_prefix, event.target_display) == (secret.token.prefix, told["access_token"][:19])
    details = details_of(event)
    assert (details["secret"], details["scopes"]) == (secret.token.prefix, ["scim:read"])
    sentence = f"Okta fetched the access token {told['access_token'][:19]} with {secret.token.prefix}"
    assert sentence in describe_event(event)


def _revoke(provider: Provider, prefix: str) -> None:
    with tenant_context(provider.tenant_id):
        revoke_token(prefix=prefix, origin=system_origin("test"))


def _suspend(provider: Provider, _prefix: str) -> None:
    origin = system_origin("test")
    with cross_tenant(reason="suspend for a test", actor=origin):
        slug = Tenant.objects.get(id=provider.tenant_id).slug
        suspend_tenant(slug=slug, reason="unpaid", origin=origin)


@pytest.mark.parametrize(
    ("act", "form", "reason"),
    [
        (_revoke, {}, "revoked"),
        (_suspend, {}, "The tenant of this client is suspended."),
        (None, {"scope": "scim:admin"}, "The client secret does not hold every scope that was asked for."),
        (None, {"scope": '"'}, "Scopes are names with one blank between them."),
    ],
)
def test_refused_attempt_of_a_genuine_client_is_an_event_of_its_tenant(
    provider: Provider, act: Callable[[Provider, str], None] | None, form: dict[str, str], reason: str
) -> None:
    secret = give_secret(provider)
    if act:
        act(provider, secret.token.prefix)
    ask({**GRANT, **form}, **basic(provider.scim_client.id, secret.text))
    assert _reasons(provider.tenant_id) == [reason]
    (event,) = events_of(provider.tenant_id, DENIED)
    assert (event.actor_id, event.token_prefix) == (str(provider.scim_client.id), secret.token.prefix)
    assert f"was denied access to POST {TOKEN}: {reason} (denied)" in describe_event(event)


def test_attempt_beyond_the_rate_is_an_event_too(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_shares()
    monkeypatch.setattr(rate_limits, "RATES", {Plan.UNLIMITED: PlanRates(access_tokens=Rate(0.1, 1))})
    secret = give_secret(provider)
    statuses = [ask(GRANT, **basic(provider.scim_client.id, secret.text)).status_code for _ in range(3)]
    assert statuses == [200, 429, 429]
    assert _reasons(provider.tenant_id) == ["too many access tokens"]
    assert rows_of(provider.tenant_id)[-1]["outcome"] == "limited"


def test_secret_under_another_id_is_told_to_the_tenant_whose_secret_it_is(
    provider: Provider, make_provider: Callable[[], Provider]
) -> None:
    neighbor = make_provider()
    secret = give_secret(provider)
    ask(GRANT, **basic(neighbor.scim_client.id, secret.text))
    assert _reasons(provider.tenant_id) == ["of another client"]
    assert _reasons(neighbor.tenant_id) == []


def test_attempt_of_a_stranger_is_an_event_of_the_deployment(provider: Provider) -> None:
    before = _reasons(DEPLOYMENT_TENANT_ID).count("no client credentials")
    ask(GRANT)
    ask({**GRANT, "client_id": str(provider.scim_client.id)})
    assert _reasons(DEPLOYMENT_TENANT_ID).count("no client credentials") == before + 1
    assert _reasons(provider.tenant_id) == []


def test_failure_of_ours_is_no_denied_attempt(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = give_secret(provider)
    monkeypatch.setattr("scim.api.oauth.views.read_scopes", lambda _form: 1 / 0)
    assert ask(GRANT, **basic(provider.scim_client.id, secret.text)).status_code == 500
    assert _reasons(provider.tenant_id) == []
