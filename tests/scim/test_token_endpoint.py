"""Client credentials (RFC 6749 section 4.4): a secret gets an access token, and that opens SCIM for an hour."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from tenants.plans import Plan, PlanRates, Rate
from tenants.queries import list_tokens
from tenants.services import rate_limits
from tenants.services.authentication import forget_grants
from tenants.services.last_use import flush_uses
from tenants.services.rate_limits import forget_shares
from tenants.services.tokens import revoke_token, rotate_token
from tests.scim.answers import body_of, set_client
from tests.scim.conftest import USER, Provider
from tests.scim.oauth import GRANT, TOKEN, ask, basic, call, fetch, give_secret, in_body, now, refused

METADATA = "/.well-known/oauth-authorization-server"


@pytest.mark.rfc("6749#4.4", "6749#2.3.1")
@pytest.mark.capability("oauth-client-credentials")
@pytest.mark.parametrize("is_basic", [True, False], ids=["client_secret_basic", "client_secret_post"])
def test_secret_gets_an_access_token_that_opens_scim(provider: Provider, is_basic: bool) -> None:
    shown = (provider.scim_client.id, give_secret(provider).text)
    answer = ask(GRANT, **basic(*shown)) if is_basic else ask({**GRANT, **in_body(*shown)})
    told = body_of(answer)
    assert {name: value for name, value in told.items() if name != "access_token"} == {
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "scim:read scim:write",
    }
    assert body_of(call(provider, told["access_token"]))["totalResults"] == 0


@pytest.mark.rfc("6749#5.1")
def test_answer_is_json_that_no_cache_keeps(provider: Provider) -> None:
    headers = ask(GRANT, **basic(provider.scim_client.id, give_secret(provider).text)).headers
    assert headers["Content-Type"] == "application/json"
    assert (headers["Cache-Control"], headers["Pragma"]) == ("no-store", "no-cache")


@pytest.mark.parametrize("path", [TOKEN, f"{TOKEN}/", f"{TOKEN}?"])
@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded; charset=UTF-8"])
def test_address_and_media_type_are_taken_as_clients_write_them(
    provider: Provider, path: str, content_type: str
) -> None:
    sent = basic(provider.scim_client.id, give_secret(provider).text)
    assert ask(GRANT, path=path, **{"Content-Type": content_type}, **sent).status_code == 200


def test_client_id_and_secret_may_be_encoded_in_the_header(provider: Provider) -> None:
    client_id, secret = str(provider.scim_client.id), give_secret(provider).text
    assert ask(GRANT, **basic(client_id.replace("-", "%2D"), secret.replace("_", "%5f"))).status_code == 200


def test_client_id_may_stand_in_the_body_beside_the_header(provider: Provider) -> None:
    shown = basic(provider.scim_client.id, give_secret(provider).text)
    assert ask({**GRANT, "client_id": str(provider.scim_client.id)}, **shown).status_code == 200


def test_parameters_that_nobody_knows_and_empty_ones_are_left_aside(provider: Provider) -> None:
    told = fetch(provider, give_secret(provider), scope="", resource="https://x", audience="é", client_secret="")
    assert told["scope"] == "scim:read scim:write"


@pytest.mark.rfc("6749#3.3")
@pytest.mark.capability("oauth-client-credentials")
@pytest.mark.parametrize(
    ("held", "asked", "given"),
    [
        (["scim:read", "scim:write"], "scim:read", "scim:read"),
        (["scim:read", "scim:write"], "scim:write scim:read", "scim:read scim:write"),
        (["scim:read", "scim:write"], "scim:read scim:read", "scim:read"),
        (["scim:read"], "scim:read", "scim:read"),
        (["scim:read"], None, "scim:read"),
    ],
)
def test_scopes_are_those_asked_for_or_all_of_the_secret(
    provider: Provider, held: list[str], asked: str | None, given: str
) -> None:
    form = {} if asked is None else {"scope": asked}
    assert fetch(provider, give_secret(provider, scopes=held), **form)["scope"] == given


@pytest.mark.parametrize("asked", ["scim:write", "scim:read scim:write", "scim:admin", "openid", ".default"])
def test_scopes_are_never_widened(provider: Provider, asked: str) -> None:
    secret = give_secret(provider, scopes=["scim:read"])
    answer = ask({**GRANT, "scope": asked}, **basic(provider.scim_client.id, secret.text))
    assert refused(answer) == (400, "invalid_scope")


def test_narrowed_token_does_no_more_than_its_scope(provider: Provider) -> None:
    token = fetch(provider, give_secret(provider), scope="scim:read")["access_token"]
    answer = call(provider, token, "POST", {"schemas": [USER], "userName": "ada"})
    assert (call(provider, token).status_code, answer.status_code) == (200, 403)
    assert 'error="insufficient_scope", scope="scim:write"' in answer.headers["WWW-Authenticate"]


def test_access_token_has_the_options_of_its_client(provider: Provider) -> None:
    token = fetch(provider, give_secret(provider))["access_token"]
    set_client(provider, groups_enabled=False)
    refused_write = provider.send("POST", "/Groups", {"displayName": "x"}, Authorization=f"Bearer {token}")
    assert refused_write.status_code == 403


@pytest.mark.capability("oauth-client-credentials")
def test_access_token_ends_with_its_secret(provider: Provider) -> None:
    secret, other = give_secret(provider), give_secret(provider)
    token, kept = (fetch(provider, one)["access_token"] for one in (secret, other))
    with tenant_context(provider.tenant_id):
        revoke_token(prefix=secret.token.prefix, origin=system_origin("test"))
    forget_grants()
    assert (call(provider, token).status_code, call(provider, kept).status_code) == (401, 200)
    assert refused(ask(GRANT, **basic(provider.scim_client.id, secret.text))) == (401, "invalid_client")


def test_one_access_token_can_be_revoked_alone(provider: Provider) -> None:
    secret = give_secret(provider)
    token, kept = (fetch(provider, secret)["access_token"] for _ in range(2))
    with tenant_context(provider.tenant_id):
        revoke_token(prefix=token[:19], origin=system_origin("test"))
    assert (call(provider, token).status_code, call(provider, kept).status_code) == (401, 200)


def test_rotated_secret_and_its_successor_both_work_through_the_overlap(provider: Provider) -> None:
    secret = give_secret(provider)
    token = fetch(provider, secret)["access_token"]
    with tenant_context(provider.tenant_id):
        new = rotate_token(prefix=secret.token.prefix, origin=system_origin("test"))
    assert (call(provider, token).status_code, fetch(provider, secret)["expires_in"]) == (200, 3600)
    assert call(provider, fetch(provider, new)["access_token"]).status_code == 200


def test_life_that_is_told_is_no_longer_than_the_secrets(provider: Provider) -> None:
    told = fetch(provider, give_secret(provider, lifetime=timedelta(minutes=10)))
    assert 590 <= told["expires_in"] < 600


def test_use_is_noted_of_the_secret_that_was_shown(provider: Provider) -> None:
    secret, began = give_secret(provider), now()
    fetch(provider, secret)
    flush_uses(at_once=True)
    with tenant_context(provider.tenant_id):
        (used,) = [token.last_used_at for token in list_tokens() if token.id == secret.token.id]
    assert used is not None
    assert used >= began


@pytest.fixture
def slow(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """A provider whose plan gives two access tokens at once and one every ten seconds, and three requests a secret."""
    forget_shares()
    rates = PlanRates(token=Rate(0.1, 3), access_tokens=Rate(0.1, 2))
    monkeypatch.setattr(rate_limits, "RATES", {Plan.UNLIMITED: rates})
    return provider


def test_client_that_fetches_too_many_tokens_has_to_wait(slow: Provider) -> None:
    secrets = [give_secret(slow) for _ in range(2)]  # one budget, however many secrets
    answers = [ask(GRANT, **basic(slow.scim_client.id, secrets[number % 2].text)) for number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert refused(answers[-1]) == (429, "temporarily_unavailable")
    assert answers[-1].headers["Retry-After"] == "10"
    assert "Cache-Control" in answers[-1].headers


def test_many_tokens_of_one_secret_are_served_no_faster_than_one(slow: Provider) -> None:
    secret = give_secret(slow)
    tokens = [fetch(slow, secret)["access_token"] for _ in range(2)]
    statuses = [call(slow, tokens[number % 2]).status_code for number in range(4)]
    assert statuses == [200, 200, 200, 429]


@pytest.mark.rfc("8414#2", "8414#3")
@pytest.mark.capability("oauth-client-credentials")
def test_metadata_tells_what_the_token_endpoint_does(provider: Provider, settings: Settings) -> None:
    settings.LABSNINJA_BASE_URL = "https://scim.example.com"
    answer = Client().get(METADATA)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert json.loads(answer.content) == {
        "issuer": "https://scim.example.com",
        "token_endpoint": "https://scim.example.com/oauth2/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "scopes_supported": ["scim:read", "scim:write"],
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_metadata_can_only_be_read(database: None, method: str) -> None:
    answer: Any = Client().generic(method, METADATA)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_metadata_of_an_unknown_host_is_refused(database: None) -> None:
    answer = Client().get(METADATA, headers={"host": "evil.test"})
    assert (answer.status_code, json.loads(answer.content)["error"]) == (400, "invalid_request")
    assert answer.headers["Cache-Control"] == "no-store"


def test_schemes_that_are_told_are_those_there_are(make_provider: Callable[[], Provider]) -> None:
    told = body_of(make_provider().send("GET", "/ServiceProviderConfig"))["authenticationSchemes"]
    assert [scheme["type"] for scheme in told] == ["oauthbearertoken", "oauth2"]
