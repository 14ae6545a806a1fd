"""Alerts: each kind rings once, is over once, wavers without ringing, and reaches people and webhooks."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from audit.actors import ActorKind, system_origin
from audit.queries import list_events
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.queries.alerts import KINDS, RuleRow, list_alert_rules, list_incidents, read_off
from scim.queries.client_health import list_client_health
from scim.services.alert_webhooks import (
    WebhookError,
    add_alert_webhook,
    list_alert_webhooks,
    remove_alert_webhook,
    resume_alert_webhook,
)
from scim.services.alerts import AlertRuleError, change_alert_rules, evaluate_alerts, send_test_alert
from scim.store.alerts import Incident, insert_incident
from tenants.models import Role, ScimClient
from tenants.realms import CONSOLE
from tenants.services.accounts.memberships import add_member
from tenants.services.notifications import send_due_messages
from tenants.services.roles import RoleRefusedError
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token, rotate_token
from tests.audit.receivers import Receiver, receiving
from tests.audit.streaming import LOOPBACK, deliver, seal_all
from tests.scim.logged import log_requests, log_rhythm, log_strangers
from tests.tenants.people import make_person, origin_of

SYSTEM = system_origin("test")
HOUR = timedelta(hours=1)


@pytest.fixture
def okta(tenant: UUID) -> ScimClient:
    return create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=SYSTEM)


@pytest.fixture
def people(tenant: UUID) -> dict[Role, Any]:
    found = {role: make_person(CONSOLE) for role in Role}
    for role, person in found.items():
        add_member(realm=CONSOLE, person=person, role=role, origin=SYSTEM, is_accepted=True)
    return found


def _evaluate(*, after: timedelta = timedelta()) -> int:
    return evaluate_alerts(origin=replace(SYSTEM, at=datetime.now(UTC) + after))


def _told() -> list[tuple[str, str]]:
    """Actions about alerts in the history, and what they said."""
    events = [event for event in list_events(newest=100) if event.action.startswith("scim.alert.")]
    return [
        (event.action.rpartition(".")[2], json.loads(event.canonical)["details"].get("told", "")) for event in events
    ]


def _enable(kind: str, threshold: int) -> None:
    change_alert_rules(rules=[RuleRow(kind, enabled=True, by_email=True, threshold=threshold)], origin=SYSTEM)


def test_silence_rings_once_and_is_over_once(okta: ScimClient) -> None:
    log_rhythm(okta, every=timedelta(minutes=40), since=timedelta(minutes=20), batches=20)
    assert _evaluate() == 0
    assert [_evaluate(after=3 * HOUR) for _ in range(3)] == [1, 0, 0]
    [incident] = list_incidents()
    assert (incident.kind, incident.resolved_at) == ("silence", None)
    assert "That is more than the 2 h that it may be quiet." in incident.told
    log_requests(okta, 200, at=datetime.now(UTC) + 4 * HOUR)
    assert [_evaluate(after=4 * HOUR) for _ in range(2)] == [1, 0]
    assert list_incidents()[0].resolved_at is not None
    assert [action for action, _ in _told()] == ["opened", "resolved"]
    assert "It is over after" in _told()[1][1]


@pytest.mark.parametrize(
    ("statuses", "is_firing", "is_over"),
    [
        ([200] * 80 + [409] * 20, True, False),
        ([200] * 85 + [500] * 15, False, False),
        ([200] * 95 + [400] * 5, False, True),
        ([400] * 19, False, True),
        ([429] * 50, False, True),
    ],
    ids=["at the threshold", "between", "below half of it", "too few", "too fast alone"],
)
def test_error_rate_wavers_between_threshold_and_half_of_it_without_ringing(
    okta: ScimClient, statuses: list[int], *, is_firing: bool, is_over: bool
) -> None:
    log_requests(okta, *statuses)
    [health], now = list_client_health(), datetime.now(UTC)
    [found] = [found for found in read_off(health, rules=list_alert_rules(), now=now) if found.kind == "errors"]
    assert (found.is_firing, found.is_over) == (is_firing, is_over)


def test_authentication_failures_ring_and_end_with_an_accepted_request(okta: ScimClient) -> None:
    token = issue_token(scim_client=okta, scopes=SCOPES, origin=SYSTEM).token
    log_requests(okta, 200, at=datetime.now(UTC) - HOUR)
    log_strangers(token.prefix, count=9)
    assert _evaluate() == 0
    log_strangers(token.prefix, count=1)
    assert _evaluate() == 1
    assert _told() == [("opened", "10 requests with one of its tokens were refused: The token was revoked.")]
    log_requests(okta, 200, at=datetime.now(UTC) + timedelta(seconds=1))
    assert _evaluate(after=timedelta(seconds=1)) == 1
    assert list_incidents()[0].resolved_at is not None


def test_rate_limiting_rings_where_it_is_asked_for(okta: ScimClient) -> None:
    log_requests(okta, *[429] * 100)
    assert _evaluate() == 0
    _enable("limited", 100)
    assert _evaluate() == 1
    assert _told() == [("opened", "100 of 100 requests in the last hour came too fast.")]


def test_token_that_ends_rings_for_each_and_is_over_when_rotated(okta: ScimClient) -> None:
    first, _second = (
        issue_token(scim_client=okta, scopes=SCOPES, origin=SYSTEM, lifetime=timedelta(days=5)).token for _ in range(2)
    )
    issue_token(scim_client=okta, scopes=SCOPES, origin=SYSTEM, lifetime=timedelta(days=9))
    assert _evaluate() == 0
    _enable("expiring", 7)
    assert [_evaluate(), _evaluate()] == [2, 0]
    rotate_token(prefix=first.prefix, origin=SYSTEM)
    assert [_evaluate(), _evaluate()] == [1 + 1, 0]  # the successor lives as long as the token did
    assert {row.subject for row in list_incidents() if row.resolved_at} == {first.prefix}


def test_rule_that_is_switched_off_ends_what_it_had_found(okta: ScimClient) -> None:
    log_requests(okta, *[409] * 30)
    assert _evaluate() == 1
    change_alert_rules(rules=[RuleRow("errors", enabled=False, by_email=True, threshold=20)], origin=SYSTEM)
    assert [_evaluate(), _evaluate()] == [1, 0]


def test_alert_goes_by_e_mail_to_owners_and_admins_unless_the_rule_says_no(
    okta: ScimClient, people: dict[Role, Any], mailoutbox: list[Any]
) -> None:
    log_requests(okta, *[409] * 30)
    _evaluate()
    with tenant_context(None):  # of other tests too, some at a time
        while send_due_messages(now=datetime.now(UTC) + timedelta(seconds=1), origin=SYSTEM):
            pass
    ours = {people[Role.OWNER].email, people[Role.ADMIN].email}
    sent = [mail for mail in mailoutbox if set(mail.to) & {person.email for person in people.values()}]
    assert {mail.to[0] for mail in sent} == ours
    assert sent[0].subject.startswith("Error rate of Okta (")
    assert "30 of 30 requests in the last hour were refused or failed." in sent[0].body
    assert f"/console/clients/{okta.id}/health" in sent[0].body
    assert "unsubscribe" in sent[0].body
    change_alert_rules(rules=[RuleRow("refused", enabled=True, by_email=False, threshold=1)], origin=SYSTEM)
    token = issue_token(scim_client=okta, scopes=SCOPES, origin=SYSTEM).token
    log_strangers(token.prefix, count=2)
    queued = CONSOLE.notification.objects.filter(email__in=ours).count()
    log_requests(okta, 200, at=datetime.now(UTC) - HOUR)
    _evaluate()
    assert CONSOLE.notification.objects.filter(email__in=ours).count() == queued


@pytest.fixture(name="receiver")
def _receiver(settings: Settings) -> Iterator[Receiver]:
    settings.LABSNINJA_OUTBOUND = LOOPBACK
    with receiving(Receiver()) as receiver:
        yield receiver


def test_alert_and_test_arrive_by_webhook_signed(okta: ScimClient, tenant: UUID, receiver: Receiver) -> None:
    made = add_alert_webhook(url=receiver.url, origin=SYSTEM)
    assert send_test_alert(origin=SYSTEM) == 0
    log_requests(okta, *[409] * 30)
    _evaluate()
    seal_all()
    while list_alert_webhooks()[0].waiting:
        deliver(tenant, made)
    sent = [item for request in receiver.received for item in json.loads(request.body)]
    assert [item["type"].rpartition(".alert.")[2] for item in sent] == ["tested", "opened"]
    assert all("webhook-signature" in request.headers for request in receiver.received)
    assert sent[1]["data"]["details"]["told"] == "30 of 30 requests in the last hour were refused or failed."
    resume_alert_webhook(stream_id=made.id, origin=SYSTEM)
    remove_alert_webhook(stream_id=made.id, origin=SYSTEM)
    with pytest.raises(WebhookError, match="no such webhook"):
        remove_alert_webhook(stream_id=made.id, origin=SYSTEM)


@pytest.mark.parametrize("url", ["ftp://example.test/hook", "https://ada:secret@example.test/", "nonsense"])
def test_address_that_may_not_be_called_is_refused(okta: ScimClient, url: str) -> None:
    with pytest.raises(WebhookError, match="cannot be used"):
        add_alert_webhook(url=url, origin=SYSTEM)


@pytest.mark.parametrize("threshold", [0, 1_000_001])
def test_threshold_out_of_bounds_is_refused(okta: ScimClient, threshold: int) -> None:
    with pytest.raises(AlertRuleError, match="between 1"):
        _enable("errors", threshold)


def test_unchanged_rules_are_no_change(okta: ScimClient) -> None:
    change_alert_rules(rules=list_alert_rules(), origin=SYSTEM)
    assert [event.action for event in list_events(newest=5) if "alert" in event.action] == []
    assert [rule.kind for rule in list_alert_rules()] == list(KINDS)


def test_second_ledger_that_looks_at_once_opens_nothing(okta: ScimClient) -> None:
    now = datetime.now(UTC)
    with tenant_scope():
        opened = [insert_incident(incident=Incident(uuid4(), "errors", okta.id, "", "", now, None)) for _ in range(2)]
    assert opened == [True, False]


def test_viewer_changes_nothing_of_alerts(okta: ScimClient, people: dict[Role, Any]) -> None:
    viewer = origin_of(CONSOLE, people[Role.VIEWER])
    assert viewer.actor.kind == ActorKind.OPERATOR
    acts: tuple[Callable[[], Any], ...] = (
        lambda: change_alert_rules(rules=[], origin=viewer),
        lambda: send_test_alert(origin=viewer),
        lambda: add_alert_webhook(url="https://example.com/", origin=viewer),
        lambda: remove_alert_webhook(stream_id=okta.id, origin=viewer),
        lambda: resume_alert_webhook(stream_id=okta.id, origin=viewer),
    )
    for act in acts:
        with pytest.raises(RoleRefusedError):
            act()
