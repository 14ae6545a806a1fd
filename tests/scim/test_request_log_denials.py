"""Denied attempts are audit events: one a minute for a token or address and reason, with how often."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError

from audit.presenters import describe_event
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID
from scim.services import denials
from scim.services.denials import flush_denials
from scim.services.request_log import flush_requests, note_request
from tests.scim.recorded import details_of, entry, events_of

pytestmark = pytest.mark.usefixtures("settled")
DENIED = "scim.access.denied"
PREFIX = "lnj_ls_0123456789ab"


def _deny(tenant_id: UUID, times: int = 1, **values: Any) -> None:
    known = {"status": 401, "denied": "revoked", "address": "192.0.2.1"}
    for _ in range(times):
        note_request(entry=entry(tenant_id, **{**known, **values}))


def _counts(tenant_id: UUID) -> list[int]:
    return [details_of(event)["count"] for event in events_of(tenant_id, DENIED)]


def _end_minute() -> None:
    for key in denials._told:
        denials._told[key] -= denials.INTERVAL_SECONDS


def test_denied_genuine_token_leaves_an_event_in_its_tenant(tenant: UUID) -> None:
    client_id = uuid4()
    _deny(tenant, scim_client_id=client_id, client_name="Okta", token_prefix=PREFIX, user_agent="Okta/1")
    flush_requests()
    (event,) = events_of(tenant, DENIED)
    assert details_of(event) == {"reason": "revoked", "method": "GET", "path": "/scim/v2/Users", "count": 1}
    assert (event.outcome, event.actor_kind, event.actor_id) == ("denied", "scim_client", str(client_id))
    assert (event.token_prefix, event.address, event.user_agent, event.request_id) == (
        *(PREFIX, "192.0.2.1"),
        *("Okta/1", "r1"),
    )
    told = "Okta was denied access to GET /scim/v2/Users: revoked (denied) from 192.0.2.1"
    assert describe_event(event).endswith(told)


def test_stranger_leaves_an_event_in_the_deployment(database: None) -> None:
    reason = f"unknown {uuid4()}"
    _deny(DEPLOYMENT_TENANT_ID, denied=reason, token_prefix=PREFIX)
    flush_requests()
    (event,) = [event for event in events_of(DEPLOYMENT_TENANT_ID, DENIED) if details_of(event)["reason"] == reason]
    assert (event.actor_kind, event.actor_id, event.token_prefix) == ("anonymous", "", PREFIX)


def test_thousand_attempts_of_a_minute_leave_one_event_and_the_rest_is_told_after_it(tenant: UUID) -> None:
    _deny(tenant)
    flush_requests()
    assert _counts(tenant) == [1]
    for _ in range(5):
        _deny(tenant, times=200)
        flush_requests()
    assert _counts(tenant) == [1]
    _end_minute()
    flush_requests()
    assert _counts(tenant) == [1, 1_000]
    _end_minute()
    flush_requests()
    assert _counts(tenant) == [1, 1_000]


@pytest.mark.parametrize(
    "other",
    [
        {"denied": "expired"},
        {"address": "192.0.2.2"},
        {"scim_client_id": UUID(int=1), "token_prefix": PREFIX},
        {"scim_client_id": UUID(int=1), "token_prefix": f"{PREFIX[:-1]}X"},
    ],
)
def test_other_reason_caller_or_token_has_its_own_event(tenant: UUID, other: dict[str, Any]) -> None:
    _deny(tenant)
    _deny(tenant, **other)
    flush_requests()
    assert _counts(tenant) == [1, 1]


def test_address_does_not_split_the_attempts_of_one_token(tenant: UUID) -> None:
    for address in ("192.0.2.1", "192.0.2.2"):
        _deny(tenant, address=address, scim_client_id=UUID(int=1), token_prefix=PREFIX)
    flush_requests()
    assert _counts(tenant) == [2]


def test_stranger_cannot_split_attempts_by_inventing_tokens(tenant: UUID) -> None:
    for number in range(20):
        _deny(tenant, token_prefix=f"lnj_ls_{number:012}")
    flush_requests()
    assert _counts(tenant) == [20]


def test_endless_addresses_share_one_event(tenant: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(denials, "MOST_KEYS", 10)
    for number in range(50):
        _deny(tenant, address=f"192.0.2.{number}")
    flush_requests()
    assert sorted(_counts(tenant)) == [1] * 10 + [40]


def test_event_that_could_not_be_written_is_written_later(tenant: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    _deny(tenant, times=3)
    with monkeypatch.context() as patched:
        patched.setattr(denials, "record_event", _fail)
        with pytest.raises(OperationalError):
            flush_denials()
    _deny(tenant)
    flush_denials()
    assert _counts(tenant) == [4]


def _fail(**_values: Any) -> None:
    raise OperationalError


def test_rest_of_a_minute_is_told_when_the_process_ends(tenant: UUID) -> None:
    _deny(tenant)
    flush_requests()
    _deny(tenant, times=7)
    flush_requests(at_once=True)
    assert _counts(tenant) == [1, 7]


def test_refusal_that_is_no_denial_leaves_no_event(tenant: UUID) -> None:
    note_request(entry=entry(tenant, status=404))
    note_request(entry=entry(tenant, status=429))
    flush_requests(at_once=True)
    assert _counts(tenant) == []
