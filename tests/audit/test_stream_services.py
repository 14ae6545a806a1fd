"""What people do with streams is done at once, told as an event, and bounded."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from pytest_django import Settings

from audit.queries import list_events_of
from audit.streams.records import Kind, open_destination
from audit.streams.services import (
    MOST,
    StreamRefusedError,
    UnknownStreamError,
    create_stream,
    list_streams,
    pause_stream,
    remove_stream,
    replay_stream,
    resume_stream,
    rotate_stream_secret,
)
from labsninja.kernel.isolation import tenant_context, tenant_scope
from tests.audit.receivers import Receiver, receiving
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


@pytest.fixture(autouse=True)
def _loopback(settings: Settings) -> None:
    """The deployment allows its own network, as LABSNINJA_OUTBOUND_PRIVATE_CIDRS does."""
    settings.LABSNINJA_OUTBOUND = LOOPBACK


@pytest.fixture(name="receiver")
def _receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as receiver:
        yield receiver


def test_paused_stream_sends_nothing_and_goes_on_where_it_stood(tenant: UUID, receiver: Receiver) -> None:
    made = open_stream(receiver)
    pause_stream(stream_id=made.id, origin=ORIGIN)
    tell_some(2)
    seal_all()
    assert (deliver(tenant, made), find_stream().state) == (0, "paused")
    resume_stream(stream_id=made.id, origin=ORIGIN)
    seal_all()
    deliver(tenant, made)
    assert receiver.ids == list_sealed_ids()


def test_replay_sends_everything_from_a_time_on_once_more(tenant: UUID, receiver: Receiver) -> None:
    made = open_stream(receiver)
    tell_some(3)
    seal_all()
    deliver(tenant, made)
    replay_stream(stream_id=made.id, since=datetime.now(UTC) - timedelta(hours=1), origin=ORIGIN)
    assert find_stream().next == 0
    with pytest.raises(StreamRefusedError):
        replay_stream(stream_id=made.id, since=datetime.now(UTC) + timedelta(days=1), origin=ORIGIN)


def test_replay_while_a_message_travels_is_not_undone_by_its_arrival(tenant: UUID, receiver: Receiver) -> None:
    made = open_stream(receiver)
    tell_some(2)
    seal_all()

    def replay() -> int:
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT set_config('app.tenant_id', %s, false)", [str(tenant)])
            cursor.execute("UPDATE audit_stream SET next = 1")
            cursor.execute("SELECT set_config('app.tenant_id', '', false)")
        connections["owner"].close()
        return 204

    receiver.answers = [replay]
    deliver(tenant, made)
    assert find_stream().next == 1
    deliver(tenant, made)
    assert receiver.received[1].ids == list_sealed_ids()[1:]


def test_every_deed_is_an_event_that_names_no_secret(tenant: UUID, receiver: Receiver) -> None:
    made = open_stream(receiver, headers={"authorization": "Splunk abc"})
    pause_stream(stream_id=made.id, origin=ORIGIN)
    resume_stream(stream_id=made.id, origin=ORIGIN)
    secret = rotate_stream_secret(stream_id=made.id, origin=ORIGIN)
    seal_all()
    replay_stream(stream_id=made.id, since=NOON, origin=ORIGIN)
    remove_stream(stream_id=made.id, origin=ORIGIN)
    told = list_events_of(target_id=made.id)
    assert [event.action.rpartition(".")[2] for event in told] == [
        *("created", "paused", "resumed", "rotated", "replayed", "removed")
    ]
    whole = "".join(event.canonical for event in told)
    assert not [
        text for text in ("secret", "Splunk", "hook", made.secret, secret) if f"{text}" in whole and text != "secret"
    ]
    assert "key=" not in whole
    assert list_streams() == []


def test_destination_is_sealed_where_it_stands(tenant: UUID, receiver: Receiver) -> None:
    made = open_stream(receiver)
    with tenant_scope() as scope:
        row = scope.execute("SELECT sealed, place FROM audit_stream WHERE id = %s", [made.id]).fetchone()
        assert open_destination(scope=scope, stream_id=made.id).url == receiver.url
    assert b"hook" not in bytes(row[0])
    assert receiver.url.startswith(row[1])
    assert "hook" not in row[1]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.com/", "https"),
        ("ftp://example.com/", "https"),
        ("https://user:pass@example.com/", "password"),
        ("https://example.com:22/", "port"),
        ("nonsense", "https"),
    ],
)
def test_stream_to_where_nothing_may_be_sent_is_refused(tenant: UUID, settings: Settings, url: str, said: str) -> None:
    settings.LABSNINJA_OUTBOUND = {}
    with pytest.raises(StreamRefusedError, match=said):
        create_stream(url=url, kind=Kind.EVENTS, form="jsonl", origin=ORIGIN)
    assert list_streams() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "x"},
        {"content-length": "1"},
        {"Webhook-Id": "x"},
        {"a b": "x"},
        {"x": "a\r\nb: c"},
        {"x": ""},
        {"": "x"},
    ],
)
def test_header_that_cannot_be_sent_is_refused(tenant: UUID, receiver: Receiver, headers: dict[str, str]) -> None:
    with pytest.raises(StreamRefusedError, match="header"):
        open_stream(receiver, headers=headers)


def test_number_of_streams_is_bounded_and_ocsf_tells_no_checkpoints(tenant: UUID, receiver: Receiver) -> None:
    with pytest.raises(StreamRefusedError, match="OCSF"):
        open_stream(receiver, kind=Kind.CHECKPOINTS, form="ocsf")
    for _ in range(MOST):
        open_stream(receiver)
    with pytest.raises(StreamRefusedError, match="at most"):
        open_stream(receiver)


def test_stream_of_another_tenant_is_unknown(tenant: UUID, receiver: Receiver, make_tenant: Any) -> None:
    made = open_stream(receiver)
    with tenant_context(None), tenant_context(make_tenant()):
        for deed in (pause_stream, resume_stream, remove_stream, rotate_stream_secret):
            with pytest.raises(UnknownStreamError):
                deed(stream_id=made.id, origin=ORIGIN)
    assert find_stream().state == "running"
