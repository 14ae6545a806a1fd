"""Tokens of a tenant: issued, rotated with overlap, revoked, retired."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pytest_django import Settings

from audit.models import AuditEvent
from audit.queries import list_events_of
from labsninja.kernel.isolation import tenant_context, tenant_scope
from labsninja.ledger import retire_rotated_tokens
from tenants.models import ClientToken
from tenants.services.tokens import (
    IssuedToken,
    TokenRequestError,
    UnknownTokenError,
    retire_token,
    revoke_token,
    rotate_token,
)
from tests.tenants.conftest import Issue, origin_at

DAY = timedelta(days=1)


def _stored(token: ClientToken) -> ClientToken:
    with tenant_scope():
        found: ClientToken = ClientToken.objects.get(id=token.id)
    return found


def _events(token: ClientToken) -> list[str]:
    return [event.action for event in list_events_of(target_id=token.id)]


def _newest_details(token: ClientToken) -> Any:
    return json.loads(list_events_of(target_id=token.id)[-1].canonical)["details"]


def test_issued_token_lives_for_a_year_unless_told_otherwise(issue: Issue) -> None:
    now = datetime.now(UTC)
    assert _stored(issue(at=now).token).expires_at == now + 365 * DAY


def test_issued_token_stores_a_digest_and_nothing_of_the_secret(issue: Issue) -> None:
    issued = issue()
    with tenant_scope() as scope:
        row = scope.execute("SELECT t::text FROM tenants_client_token t WHERE id = %s", [issued.token.id]).fetchone()[0]
    secret, checksum = issued.text[19:62], issued.text[62:]
    assert secret not in row
    assert checksum not in row
    assert bytes(_stored(issued.token).digest).hex() in row


def test_issued_token_names_the_first_pepper(issue: Issue, settings: Settings) -> None:
    settings.LABSNINJA_TOKEN_PEPPERS = {"new": bytes(32), **settings.LABSNINJA_TOKEN_PEPPERS}
    assert _stored(issue().token).pepper_id == "new"


def test_token_of_a_test_deployment_says_so(issue: Issue, settings: Settings) -> None:
    settings.LABSNINJA_ENVIRONMENT = "test"
    assert issue().text.startswith("lnj_ts_")


def test_issue_leaves_one_event_with_prefix_scopes_and_end(issue: Issue) -> None:
    issued = issue(scopes=["scim:read"], networks=["192.0.2.0/24"])
    (event,) = list_events_of(target_id=issued.token.id)
    assert (event.action, event.target_display) == ("tenants.token.issued", issued.token.prefix)
    assert json.loads(event.canonical)["details"] == {
        "scopes": ["scim:read"],
        "networks": ["192.0.2.0/24"],
        "expires": issued.token.expires_at.isoformat(),
    }


def test_no_event_holds_a_secret(issue: Issue) -> None:
    issued = issue()
    successor = rotate_token(prefix=issued.token.prefix, origin=origin_at())
    revoke_token(prefix=issued.token.prefix, origin=origin_at())
    with tenant_scope():
        told = "".join(AuditEvent.objects.values_list("canonical", flat=True))
    assert issued.token.prefix in told
    assert issued.text[19:62] not in told
    assert successor.text[19:62] not in told


def test_representation_of_an_issued_token_hides_the_text(issue: Issue) -> None:
    issued = issue()
    assert issued.text[19:] not in f"{issued!r} {issued.token!r} {issued.token}"


@pytest.mark.parametrize(
    "options",
    [
        {"scopes": []},
        {"scopes": ["scim:admin"]},
        {"scopes": ["scim:read", ""]},
        {"lifetime": timedelta(0)},
        {"lifetime": -DAY},
        {"lifetime": 730 * DAY + timedelta(microseconds=1)},
        {"networks": ["192.0.2.300/24"]},
        {"networks": ["192.0.2.1/24"]},
        {"networks": ["everywhere"]},
        {"networks": ["192.0.2.0/24", ""]},
    ],
    ids=str,
)
def test_token_beyond_the_bounds_is_not_issued(issue: Issue, options: dict[str, Any]) -> None:
    with pytest.raises(TokenRequestError):
        issue(**options)
    with tenant_scope():
        assert not ClientToken.objects.exists()


@pytest.mark.parametrize(
    "options",
    [
        {"scopes": ["scim:write"]},
        {"lifetime": 730 * DAY},
        {"networks": ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]},
    ],
    ids=str,
)
def test_token_at_the_bounds_is_issued(issue: Issue, options: dict[str, Any]) -> None:
    assert _stored(issue(**options).token).revoked_at is None


def test_successor_has_the_rights_of_its_predecessor(issue: Issue) -> None:
    old = issue(scopes=["scim:read"], networks=["192.0.2.0/24"])
    new = _stored(rotate_token(prefix=old.token.prefix, origin=origin_at()).token)
    assert (new.scopes, new.networks) == (["scim:read"], ["192.0.2.0/24"])
    assert new.scim_client_id == old.token.scim_client_id


@pytest.mark.capability("bearer-tokens")
@pytest.mark.parametrize("overlap", [timedelta(0), timedelta(hours=24), 7 * DAY], ids=str)
def test_rotated_token_ends_with_the_overlap(issue: Issue, overlap: timedelta) -> None:
    now = datetime.now(UTC)
    old = issue(at=now)
    rotate_token(prefix=old.token.prefix, origin=origin_at(now), overlap=overlap)
    assert _stored(old.token).retires_at == now + overlap


def test_rotation_never_lengthens_the_life_of_the_old_token(issue: Issue) -> None:
    now = datetime.now(UTC)
    old = issue(at=now, lifetime=timedelta(hours=1))
    rotate_token(prefix=old.token.prefix, origin=origin_at(now), overlap=7 * DAY)
    assert _stored(old.token).retires_at == now + timedelta(hours=1)


def test_second_rotation_does_not_postpone_the_end(issue: Issue) -> None:
    now = datetime.now(UTC)
    old = issue(at=now)
    rotate_token(prefix=old.token.prefix, origin=origin_at(now), overlap=DAY)
    rotate_token(prefix=old.token.prefix, origin=origin_at(now), overlap=7 * DAY)
    assert _stored(old.token).retires_at == now + DAY


@pytest.mark.parametrize("overlap", [-timedelta(seconds=1), 7 * DAY + timedelta(seconds=1)], ids=str)
def test_overlap_beyond_the_bounds_is_refused(issue: Issue, overlap: timedelta) -> None:
    old = issue()
    with pytest.raises(TokenRequestError):
        rotate_token(prefix=old.token.prefix, origin=origin_at(), overlap=overlap)
    assert _stored(old.token).retires_at is None


def test_rotation_leaves_one_event_that_names_the_successor(issue: Issue) -> None:
    old = issue()
    new = rotate_token(prefix=old.token.prefix, origin=origin_at())
    assert _events(old.token) == ["tenants.token.issued", "tenants.token.rotated"]
    assert _newest_details(old.token)["successor"] == new.token.prefix


def test_revoked_token_is_marked_with_one_event(issue: Issue) -> None:
    token, now = issue().token, datetime.now(UTC)
    revoke_token(prefix=token.prefix, origin=origin_at(now))
    assert _stored(token).revoked_at == now
    assert _events(token) == ["tenants.token.issued", "tenants.token.revoked"]


def _revoked(issued: IssuedToken) -> datetime:
    revoke_token(prefix=issued.token.prefix, origin=origin_at())
    return datetime.now(UTC)


def _expired(issued: IssuedToken) -> datetime:
    return issued.token.expires_at


def _at_the_end_of_its_overlap(issued: IssuedToken) -> datetime:
    now = datetime.now(UTC)
    rotate_token(prefix=issued.token.prefix, origin=origin_at(now), overlap=DAY)
    return now + DAY


@pytest.mark.parametrize("end", [_revoked, _expired, _at_the_end_of_its_overlap])
def test_ended_token_is_not_rotated(issue: Issue, end: Callable[[IssuedToken], datetime]) -> None:
    issued = issue()
    with pytest.raises(UnknownTokenError):
        rotate_token(prefix=issued.token.prefix, origin=origin_at(end(issued)))


@pytest.mark.parametrize("end", [_revoked, _expired])
def test_ended_token_is_not_revoked(issue: Issue, end: Callable[[IssuedToken], datetime]) -> None:
    issued = issue()
    with pytest.raises(UnknownTokenError):
        revoke_token(prefix=issued.token.prefix, origin=origin_at(end(issued)))


def test_token_of_another_tenant_is_out_of_reach(issue: Issue, make_tenant: Callable[[], UUID]) -> None:
    issued = issue()
    with tenant_context(make_tenant()):
        for act in (revoke_token, rotate_token):
            with pytest.raises(UnknownTokenError):
                act(prefix=issued.token.prefix, origin=origin_at())
    assert _events(issued.token) == ["tenants.token.issued"]


def test_rotated_token_is_retired_once_when_its_overlap_is_over(issue: Issue) -> None:
    now = datetime.now(UTC)
    token = issue(at=now).token
    rotate_token(prefix=token.prefix, origin=origin_at(now), overlap=DAY)
    early = retire_token(token_id=token.id, origin=origin_at(now + DAY - timedelta(seconds=1)))
    retired = retire_token(token_id=token.id, origin=origin_at(now + DAY))
    again = retire_token(token_id=token.id, origin=origin_at(now + 2 * DAY))
    assert (early, again) == (None, None)
    assert retired is not None
    assert _events(token) == ["tenants.token.issued", "tenants.token.rotated", "tenants.token.retired"]


def test_token_that_was_never_rotated_is_not_retired(issue: Issue) -> None:
    token = issue().token
    assert retire_token(token_id=token.id, origin=origin_at(token.expires_at + DAY)) is None


def test_ledger_retires_a_rotated_token_of_any_tenant(issue: Issue) -> None:
    overdue, waiting = issue().token, issue().token
    rotate_token(prefix=overdue.prefix, origin=origin_at(), overlap=timedelta(0))
    rotate_token(prefix=waiting.prefix, origin=origin_at(), overlap=DAY)
    with tenant_context():
        assert retire_rotated_tokens() >= 1
        assert retire_rotated_tokens() == 0
    assert _events(overdue)[-1] == "tenants.token.retired"
    assert _events(waiting)[-1] == "tenants.token.rotated"
