"""Whatever becomes of receiver and sender, what is sealed arrives at least once, and in order."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import pytest
from pytest_django import Settings

from audit.actions import Action
from audit.queries import list_events_of
from audit.streams import messages
from audit.streams.delivery import choose_wait, deliver_some, judge_answer
from audit.streams.duty import StreamsDuty
from audit.streams.services import (
    resume_stream,
)
from labsninja.kernel.outbound import OutboundClient, OutboundResponse, build_policy
from tests.audit.histories import as_platform
from tests.audit.receivers import Hangup, Receiver, receiving
from tests.audit.streaming import (
    LOOPBACK,
    ORIGIN,
    deliver,
    find_stream,
    list_sealed_ids,
    open_stream,
    seal_all,
    tell_some,
)
from tests.audit.telling import NOON
from tests.kernel.outbound import conftest as outbound

authority = outbound.authority  # a fixture, found by its name


@pytest.fixture(autouse=True)
def _loopback(settings: Settings) -> None:
    """The deployment allows its own network, as LABSNINJA_OUTBOUND_PRIVATE_CIDRS does."""
    settings.LABSNINJA_OUTBOUND = LOOPBACK


@pytest.fixture(name="receiver")
def _receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as receiver:
        yield receiver


def _answer_late() -> int:
    time.sleep(3)
    return 204


@pytest.mark.capability("audit-streams")
@pytest.mark.parametrize("trouble", [500, 502, 503, 429, 408, Hangup])
def test_message_that_failed_comes_again_with_the_same_ids(tenant: UUID, receiver: Receiver, trouble: Any) -> None:
    receiver.answers = [trouble, trouble]
    made = open_stream(receiver)
    tell_some(2)
    seal_all()
    for failures in (1, 2):
        assert deliver(tenant, made) == 0
        assert (find_stream().state, find_stream().failures) == ("running", failures)
        assert find_stream().last_error
    assert find_stream().waiting == len(list_sealed_ids())
    deliver(tenant, made)
    assert [request.ids for request in receiver.received] == [list_sealed_ids()] * 3
    assert len({request.headers["webhook-id"] for request in receiver.received}) == 1
    assert (find_stream().failures, find_stream().last_error) == (0, "")


def test_sender_that_dies_behind_its_message_sends_it_once_more(
    tenant: UUID, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer was good, but whoever asked lived no longer to note it."""
    monkeypatch.setattr(messages, "MOST", 3)
    made = open_stream(receiver)
    tell_some(7)
    seal_all()

    class KilledError(BaseException):
        """As sudden as kill -9 is for the transaction that never began."""

    def die() -> int:
        monkeypatch.setattr("audit.streams.delivery.judge_answer", _raise)
        return 204

    def _raise(*_given: Any, **_named: Any) -> None:
        raise KilledError

    receiver.answers = [204, die]
    with pytest.raises(KilledError):
        deliver(tenant, made)
    monkeypatch.setattr("audit.streams.delivery.judge_answer", judge_answer)
    deliver(tenant, made)
    sent = [request.ids for request in receiver.received]
    assert sent[1] == sent[2]
    assert list(dict.fromkeys(receiver.ids)) == list_sealed_ids()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (400, "answered 400"),
        (401, "answered 401"),
        (404, "answered 404"),
        (410, "answered 410"),
        ((301, {"location": "http://127.0.0.1/"}), "redirects are not followed"),
        ((307, {"location": "http://127.0.0.1/"}), "redirects are not followed"),
    ],
)
def test_answer_that_no_repetition_changes_stops_the_stream_and_is_told(
    tenant: UUID, receiver: Receiver, answer: Any, said: str
) -> None:
    receiver.answers = [answer]
    made = open_stream(receiver)
    seal_all()
    assert deliver(tenant, made) == 0
    assert deliver(tenant, made) == 0
    assert len(receiver.received) == 1
    assert find_stream().state == "stopped"
    assert said in find_stream().last_error
    stopped = list_events_of(target_id=made.id)[-1]
    assert (stopped.action, stopped.actor_label) == (Action.STREAM_STOPPED, "audit streams")
    resume_stream(stream_id=made.id, origin=ORIGIN)
    seal_all()
    deliver(tenant, made)
    assert receiver.received[-1].ids == list_sealed_ids()


@pytest.mark.parametrize(("asked", "least", "most"), [("90", 89, 91), ("", 0, 1.1), ("nonsense", 0, 1.1)])
def test_receiver_says_when_to_come_again(
    tenant: UUID, receiver: Receiver, asked: str, least: float, most: float
) -> None:
    receiver.answers = [(503, {"retry-after": asked} if asked else {})]
    made = open_stream(receiver)
    seal_all()
    deliver(tenant, made)
    wait = (find_stream().next_attempt_at - datetime.now(UTC)).total_seconds()
    assert least - 1 < wait < most


def test_time_to_come_again_is_read_as_a_date_and_bounded() -> None:
    at = format_datetime(NOON + timedelta(seconds=50), usegmt=True)
    refusal = judge_answer(OutboundResponse(429, {"retry-after": at}, b""), now=NOON)
    assert refusal is not None
    assert refusal.wait == 50
    assert choose_wait(failures=0, asked=10**9) == 3600


def test_message_that_cannot_be_made_is_told_and_tried_again(
    tenant: UUID, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = open_stream(receiver)
    seal_all()
    with monkeypatch.context() as patch:
        patch.setitem(messages.MAKERS, "cloudevents", lambda content: {"x": content.details["no such thing"]})
        assert deliver(tenant, made) == 0
    assert (find_stream().state, find_stream().failures) == ("running", 1)
    assert find_stream().last_error == "the next message cannot be made: KeyError"
    assert deliver(tenant, made) == len(list_sealed_ids())


def test_receiver_that_takes_too_long_gets_the_same_once_more(tenant: UUID, receiver: Receiver) -> None:
    receiver.answers = [_answer_late]
    made = open_stream(receiver)
    seal_all()
    assert deliver(tenant, made, total_seconds=0.5) == 0
    assert "no complete answer in time" in find_stream().last_error
    assert deliver(tenant, made) == len(list_sealed_ids())
    assert [request.ids for request in receiver.received] == [list_sealed_ids()] * 2


def test_stream_over_https_wants_a_certificate_that_it_trusts(tenant: UUID, authority: outbound.Authority) -> None:
    with receiving(Receiver(), tls=authority.server("localhost")) as secure:
        made = open_stream(secure)
        seal_all()
        assert deliver(tenant, made) == 0
        assert (find_stream().state, secure.received) == ("running", [])
        assert deliver(tenant, made, ca_file=authority.ca_file) == len(list_sealed_ids())
        assert secure.ids == list_sealed_ids()


def test_waits_grow_to_a_bound_and_spread() -> None:
    for failures, longest in ((0, 1), (1, 2), (5, 32), (20, 300), (10_000, 300)):
        waits = {choose_wait(failures=failures, asked=0) for _ in range(50)}
        assert longest / 2 <= min(waits) <= max(waits) <= longest
        assert len(waits) > 40


def test_stream_into_a_private_network_stops_unless_the_deployment_allows_it(
    tenant: UUID, receiver: Receiver, settings: Settings
) -> None:
    made = open_stream(receiver)
    seal_all()
    with (
        as_platform(tenant),
        OutboundClient(policy=build_policy({"private_http": True, "private_any_port": True})) as client,
    ):
        deliver_some(tenant_id=tenant, stream_id=made.id, client=client)
    assert receiver.received == []
    assert find_stream().state == "stopped"


def test_slow_receiver_keeps_no_other_stream_waiting(tenant: UUID, receiver: Receiver) -> None:
    with receiving(Receiver([_answer_late])) as slow:
        open_stream(slow)
        open_stream(receiver)
        tell_some(2)
        seal_all()
        duty = StreamsDuty()
        with as_platform(None):
            assert duty.work() >= 2
        until = time.monotonic() + 2.5
        while not receiver.received and time.monotonic() < until:
            time.sleep(0.02)
        assert receiver.ids == list_sealed_ids()
        with as_platform(None):
            duty.work()  # what is under way is not begun with twice
        duty.finish()
        assert slow.ids == list_sealed_ids()
