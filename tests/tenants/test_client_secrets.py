"""Client secrets and access tokens: what each opens, when it ends, what is said of it, when it is deleted."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from audit.queries import list_events_of
from labsninja.kernel.isolation import cross_tenant, tenant_context, tenant_scope
from labsninja.ledger import prune_ended_access_tokens, retire_rotated_tokens
from tenants.models import ClientToken, ScimClient
from tenants.queries import list_ending_tokens, list_tokens
from tenants.services.access_tokens import (
    KEPT_AFTER_END,
    LIFETIME,
    ScopeRefusedError,
    issue_access_token,
    prune_access_tokens,
)
from tenants.services.authentication import (
    Grant,
    Refusal,
    TokenRefusedError,
    authenticate_client,
    authenticate_token,
    forget_grants,
)
from tenants.services.client_options import change_client_options
from tenants.services.credentials import LETTERS, _checksum, make_credential, parse_credential
from tenants.services.tokens import (
    SCOPES,
    IssuedToken,
    TokenRequestError,
    UnknownTokenError,
    issue_secret,
    revoke_token,
    rotate_token,
    warn_of_expiry,
)
from tests.tenants.conftest import Issue, origin_at

ANYWHERE, DAY, HOUR = "192.0.2.1", timedelta(days=1), timedelta(hours=1)
Kind = ClientToken.Kind


def _give(scim_client: ScimClient, at: datetime | None = None, **options: Any) -> IssuedToken:
    return issue_secret(scim_client=scim_client, origin=origin_at(at), **{"scopes": SCOPES, **options})


def _show(secret: IssuedToken, at: datetime | None = None, address: str = ANYWHERE) -> Grant:
    client_id = str(secret.token.scim_client_id)
    return authenticate_client(client_id=client_id, secret=secret.text, address=address, now=at or datetime.now(UTC))


def _fetch(secret: IssuedToken, at: datetime | None = None, scopes: list[str] | None = None) -> IssuedToken:
    return issue_access_token(grant=_show(secret, at), scopes=scopes, origin=origin_at(at))


def _refusal(text: str, at: datetime | None = None, address: str = ANYWHERE) -> Refusal | None:
    forget_grants()
    try:
        authenticate_token(text=text, address=address, now=at or datetime.now(UTC))
    except TokenRefusedError as error:
        return error.refusal
    return None


@pytest.mark.parametrize("kind", Kind)
def test_letter_tells_the_kind(kind: ClientToken.Kind) -> None:
    made = make_credential(environment="live", kind=kind)
    assert made.text.startswith(f"lnj_l{LETTERS[kind]}_")
    parsed = parse_credential(text=made.text)
    assert parsed is not None
    assert parsed.kind is kind


@pytest.mark.parametrize("letter", LETTERS.values())
def test_credential_does_not_pass_for_another_kind(scim_client: ScimClient, issue: Issue, letter: str) -> None:
    """Not with its own checksum, and not with one that fits: the digest is of the whole text."""
    secret = _give(scim_client)
    for text in (secret.text, issue().text, _fetch(secret).text):
        changed = f"lnj_l{letter}_{text[7:]}"
        if changed == text:
            continue
        assert parse_credential(text=changed) is None
        forged = changed[:-6] + _checksum(changed[:-6])
        refusals = {_refusal(forged)}
        with pytest.raises(TokenRefusedError) as caught:
            authenticate_client(client_id=str(scim_client.id), secret=forged, address=ANYWHERE, now=datetime.now(UTC))
        assert {*refusals, caught.value.refusal} == {Refusal.UNKNOWN, Refusal.KIND}


def test_secret_is_no_token_and_a_token_no_secret(scim_client: ScimClient, issue: Issue) -> None:
    assert _refusal(_give(scim_client).text) is Refusal.KIND
    for other in (issue(), _fetch(_give(scim_client))):
        with pytest.raises(TokenRefusedError) as caught:
            _show(other)
        assert caught.value.refusal is Refusal.KIND


def test_access_token_lives_for_an_hour(scim_client: ScimClient) -> None:
    now = datetime.now(UTC)
    token = _fetch(_give(scim_client, now), now)
    assert token.token.expires_at == now + LIFETIME == now + HOUR
    last = now + HOUR - timedelta(microseconds=1)
    assert (_refusal(token.text, last), _refusal(token.text, now + HOUR)) == (None, Refusal.EXPIRED)


def test_access_token_expires_with_its_secret(scim_client: ScimClient) -> None:
    now = datetime.now(UTC)
    token = _fetch(_give(scim_client, now, lifetime=timedelta(minutes=5)), now)
    assert token.token.expires_at == now + timedelta(minutes=5)


def test_access_token_ends_at_once_with_a_revoked_secret(scim_client: ScimClient) -> None:
    secret = _give(scim_client)
    token = _fetch(secret)
    assert _refusal(token.text) is None
    revoke_token(prefix=secret.token.prefix, origin=origin_at())
    assert _refusal(token.text) is Refusal.REVOKED


def test_access_token_lives_on_through_the_overlap_of_its_secret_and_no_longer(scim_client: ScimClient) -> None:
    now = datetime.now(UTC)
    secret = _give(scim_client, now)
    token = _fetch(secret, now)
    new = rotate_token(prefix=secret.token.prefix, origin=origin_at(now), overlap=timedelta(minutes=30))
    assert _refusal(token.text, now + timedelta(minutes=29)) is None
    assert _refusal(token.text, now + timedelta(minutes=30)) is Refusal.EXPIRED
    late = _fetch(secret, now + timedelta(minutes=29))
    assert late.token.expires_at == now + timedelta(minutes=30)
    assert (new.token.kind, _refusal(_fetch(new).text)) == (Kind.SECRET, None)


def test_ledger_retires_a_rotated_secret_and_with_it_its_access_tokens(scim_client: ScimClient) -> None:
    now = datetime.now(UTC)
    secret = _give(scim_client, now)
    token = _fetch(secret, now)
    rotate_token(prefix=secret.token.prefix, origin=origin_at(now), overlap=timedelta(0))
    with tenant_context():
        assert retire_rotated_tokens() >= 1
    assert _refusal(token.text, now) is Refusal.REVOKED


def test_secret_that_ended_after_it_was_shown_gives_no_token(scim_client: ScimClient) -> None:
    secret = _give(scim_client)
    grant = _show(secret)
    revoke_token(prefix=secret.token.prefix, origin=origin_at())
    with pytest.raises(UnknownTokenError):
        issue_access_token(grant=grant, scopes=None, origin=origin_at())


def test_scopes_are_narrowed_and_never_widened(scim_client: ScimClient) -> None:
    secret = _give(scim_client, scopes=["scim:read"])
    assert _fetch(secret, scopes=["scim:read"]).token.scopes == ["scim:read"]
    with pytest.raises(ScopeRefusedError):
        _fetch(secret, scopes=["scim:read", "scim:write"])


def test_networks_of_a_secret_bind_its_access_tokens(scim_client: ScimClient) -> None:
    secret = _give(scim_client, networks=["192.0.2.0/24"])
    token = _fetch(secret).text
    assert (_refusal(token), _refusal(token, address="203.0.113.1")) == (None, Refusal.NETWORK)


def test_access_token_has_the_options_of_its_client_as_they_are(scim_client: ScimClient) -> None:
    secret = _give(scim_client)
    grant = _show(secret)
    change_client_options(client_name=scim_client.name, options={"strict": True}, origin=origin_at())
    text = issue_access_token(grant=grant, scopes=None, origin=origin_at()).text
    assert authenticate_token(text=text, address=ANYWHERE, now=datetime.now(UTC)).strict


def test_requests_count_as_those_of_the_secret(scim_client: ScimClient, issue: Issue) -> None:
    secret = _give(scim_client)
    now = datetime.now(UTC)
    grants = [authenticate_token(text=one.text, address=ANYWHERE, now=now) for one in (_fetch(secret), _fetch(secret))]
    assert {grant.budget_id for grant in grants} == {secret.token.id}
    bearer = authenticate_token(text=issue().text, address=ANYWHERE, now=now)
    assert bearer.budget_id == bearer.token_id


def test_secret_is_looked_up_each_time(scim_client: ScimClient) -> None:
    secret = _give(scim_client)
    _show(secret)
    revoke_token(prefix=secret.token.prefix, origin=origin_at())
    with pytest.raises(TokenRefusedError):
        _show(secret)


def test_issues_are_events(scim_client: ScimClient) -> None:
    secret = _give(scim_client, scopes=["scim:read"])
    token = _fetch(secret)
    (given,), (fetched,) = (list_events_of(target_id=one.token.id) for one in (secret, token))
    assert (given.action, fetched.action) == ("tenants.client_secret.issued", "tenants.access_token.issued")
    assert json.loads(fetched.canonical)["details"] == {
        "secret": secret.token.prefix,
        "scopes": ["scim:read"],
        "expires": token.token.expires_at.isoformat(),
    }


def test_secret_is_bounded_as_a_token_is(scim_client: ScimClient) -> None:
    for options in ({"scopes": ["scim:admin"]}, {"lifetime": 731 * DAY}, {"networks": ["nowhere"]}):
        with pytest.raises(TokenRequestError):
            _give(scim_client, **options)


def test_access_token_is_not_rotated(scim_client: ScimClient) -> None:
    token = _fetch(_give(scim_client))
    with pytest.raises(TokenRequestError, match="fetches the next"):
        rotate_token(prefix=token.token.prefix, origin=origin_at())


def test_nobody_is_warned_of_the_end_of_an_access_token(scim_client: ScimClient) -> None:
    now = datetime.now(UTC)
    secret = _give(scim_client, now, lifetime=DAY)
    token = _fetch(secret, now)
    with tenant_context():
        ending = {one.token_id for one in list_ending_tokens(before=now + 2 * DAY)}
    assert (secret.token.id in ending, token.token.id in ending) == (True, False)
    assert not warn_of_expiry(token_id=token.token.id, origin=origin_at(now))
    assert warn_of_expiry(token_id=secret.token.id, origin=origin_at(now))


def test_list_of_tokens_leaves_access_tokens_out(scim_client: ScimClient, issue: Issue) -> None:
    secret, bearer = _give(scim_client), issue()
    _fetch(secret)
    assert [token.id for token in list_tokens()] == [secret.token.id, bearer.token.id]


def _ids() -> set[UUID]:
    with tenant_scope():
        return set(ClientToken.objects.values_list("id", flat=True))


def test_ledger_deletes_access_tokens_a_day_after_their_end_and_nothing_else(
    scim_client: ScimClient, issue: Issue
) -> None:
    now = datetime.now(UTC)
    long_ago = now - LIFETIME - KEPT_AFTER_END - timedelta(seconds=1)
    secret = _give(scim_client, long_ago, lifetime=HOUR)
    bearer = issue(at=long_ago, lifetime=HOUR)
    ended, recent = _fetch(secret, long_ago), _fetch(_give(scim_client, now), now - timedelta(hours=2))
    with tenant_context():
        assert prune_ended_access_tokens() >= 1
        assert prune_ended_access_tokens() == 0
    kept = _ids()
    assert ended.token.id not in kept
    assert {secret.token.id, bearer.token.id, recent.token.id} <= kept


def test_access_tokens_of_one_tenant_are_pruned_alone(scim_client: ScimClient, make_tenant: Any) -> None:
    now = datetime.now(UTC)
    token = _fetch(_give(scim_client, now - 3 * DAY), now - 3 * DAY)
    other = make_tenant()
    with cross_tenant(reason="a test"), tenant_context(other):
        assert prune_access_tokens(now=now) == 0
    assert token.token.id in _ids()


def test_role_that_serves_tenants_deletes_no_token(tenant: UUID) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('ln_app', 'tenants_client_token', 'DELETE')")
        assert cursor.fetchone() == (False,)
