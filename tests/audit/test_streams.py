"""Streams: everything that is sealed arrives, in order, signed, in the form that was asked for."""

import base64
import io
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from pytest_django import Settings

from audit.actions import Action
from audit.services import Event, Target, record_event
from audit.streams import messages
from audit.streams.duty import StreamsDuty
from audit.streams.records import Kind
from audit.streams.services import (
    list_streams,
    rotate_stream_secret,
)
from audit.verify import Checkpoint, read_checkpoint, verify
from labsninja.kernel.isolation import tenant_scope
from labsninja.kernel.outbound.signatures import sign_message
from tests.audit.histories import as_platform, export, keys_of, list_notes
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
from tests.audit.telling import NOON, tell


@pytest.fixture(autouse=True)
def _loopback(settings: Settings) -> None:
    """The deployment allows its own network, as LABSNINJA_OUTBOUND_PRIVATE_CIDRS does."""
    settings.LABSNINJA_OUTBOUND = LOOPBACK


@pytest.fixture(name="receiver")
def _receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as receiver:
        yield receiver


@pytest.mark.capability("audit-streams")
def test_everything_that_is_sealed_arrives_in_order_in_messages_of_a_bounded_size(
    tenant: UUID, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MOST", 4)
    made = open_stream(receiver)
    tell_some(10)
    seal_all()
    assert deliver(tenant, made) == len(list_sealed_ids()) > 10
    assert receiver.ids == list_sealed_ids()
    assert max(len(request.ids) for request in receiver.received) == 4
    assert (find_stream().waiting, find_stream().next, find_stream().last_error) == (0, len(list_sealed_ids()), "")
    assert find_stream().last_sent_at is not None
    assert deliver(tenant, made) == 0


def test_message_ends_behind_the_event_that_passes_its_bytes(
    tenant: UUID, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MOST_BYTES", 1)
    made = open_stream(receiver)
    tell_some(3)
    seal_all()
    deliver(tenant, made)
    assert {len(request.ids) for request in receiver.received} == {1}
    assert receiver.ids == list_sealed_ids()


def test_stream_begins_with_what_is_sealed_after_it(tenant: UUID, receiver: Receiver) -> None:
    tell_some(2)
    seal_all()
    before = list_sealed_ids()
    made = open_stream(receiver, is_from_start=False)
    assert find_stream().next == len(before)
    tell_some(2, start=2)
    seal_all()
    deliver(tenant, made)
    assert receiver.ids == list_sealed_ids()[len(before) :]


def test_event_of_a_transaction_that_commits_late_is_not_passed_over(tenant: UUID, receiver: Receiver) -> None:
    made = open_stream(receiver)
    late = connections["owner"].copy()
    late.ensure_connection()
    try:
        with late.connection.transaction(), late.cursor() as cursor:
            cursor.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant)])
            tell_some(1)
            with tenant_scope() as scope:
                columns = "at, action, outcome, actor_kind, actor_id, actor_label, token_prefix, surface, address"
                columns += ", user_agent, target_type, target_id, target_display, request_id, canonical"
                source = scope.execute(f"SELECT {columns} FROM audit_event WHERE target_id = 'u0'", None).fetchone()
            places = ", ".join(["%s"] * len(source))
            cursor.execute(
                f"INSERT INTO audit_event (tenant_id, id, {columns}) VALUES (%s, gen_random_uuid(), {places})",
                [tenant, *source],
            )
            seal_all()
            deliver(tenant, made)
            early = [*receiver.ids]
        seal_all()
        deliver(tenant, made)
    finally:
        late.close()
    assert receiver.ids == list_sealed_ids()
    assert len(receiver.ids) == len(early) + 1


def test_message_is_signed_as_standard_webhooks_asks() -> None:
    """The example that the specification's libraries are tested with."""
    found = sign_message(
        keys=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_request_is_signed_by_the_secret_that_was_shown_and_by_the_next_one_too(
    tenant: UUID, receiver: Receiver
) -> None:
    made = open_stream(receiver, headers={"authorization": "Splunk abc"})
    seal_all()
    deliver(tenant, made)
    new = rotate_stream_secret(stream_id=made.id, origin=ORIGIN)
    seal_all()
    deliver(tenant, made)
    for request, keys in zip(receiver.received, ([made.secret], [new, made.secret]), strict=True):
        signed: dict[str, Any] = {
            "message_id": request.headers["webhook-id"],
            "timestamp": int(request.headers["webhook-timestamp"]),
        }
        expected = sign_message(keys=keys, body=request.body, **signed)
        assert request.headers["webhook-signature"] == expected["webhook-signature"]
        assert abs(signed["timestamp"] - time.time()) < 60
        assert request.headers["authorization"] == "Splunk abc"
        assert request.headers["content-type"] == "application/cloudevents-batch+json"
    assert len(base64.b64decode(new.removeprefix("whsec_"))) == 32


@pytest.mark.parametrize(("form", "kind"), [("ocsf", "application/json"), ("jsonl", "application/x-ndjson")])
def test_stream_speaks_other_forms(tenant: UUID, receiver: Receiver, form: str, kind: str) -> None:
    made = open_stream(receiver, form=form)
    tell_some(1)
    seal_all()
    deliver(tenant, made)
    (request,) = receiver.received
    assert request.headers["content-type"] == kind
    if form == "ocsf":
        assert [event["metadata"]["uid"] for event in json.loads(request.body)] == list_sealed_ids()
    else:
        assert [json.loads(line)["id"] for line in request.body.splitlines()] == list_sealed_ids()


@pytest.mark.capability("audit-streams")
def test_checkpoints_arrive_and_hold_the_history_outside(tenant: UUID, receiver: Receiver, tmp_path: Path) -> None:
    made = open_stream(receiver, kind=Kind.CHECKPOINTS, form="jsonl")
    wrapped = open_stream(receiver, kind=Kind.CHECKPOINTS)
    for number in range(3):
        tell_some(1, start=number)
        seal_all()
    assert deliver(tenant, made) == len(list_notes()) >= 3
    lines = [json.loads(line) for line in receiver.received[0].body.splitlines()]
    assert [line["note"] for line in lines] == list_notes()
    found = [read_checkpoint(line["note"], keys_of(tenant)) for line in lines]
    assert all(isinstance(checkpoint, Checkpoint) for checkpoint in found)
    assert list_streams()[0].next == found[-1].size
    bundle = export(tenant)
    verified = verify(io.BytesIO(bundle), trusted=keys_of(tenant), earlier=[line["note"] for line in lines])
    assert verified.counts["compared"] == len(lines)
    deliver(tenant, wrapped)
    events = json.loads(receiver.received[1].body)
    assert [event["data"] for event in events] == lines
    assert {event["type"] for event in events} == {"ninja.labs.audit.checkpoint"}
    assert [event["id"] for event in events] == [f"checkpoint-{checkpoint.size}" for checkpoint in found]


def test_what_waits_is_told_of_each_stream_and_over_all_tenants(tenant: UUID, receiver: Receiver) -> None:
    made = open_stream(receiver)
    seal_all()
    deliver(tenant, made)
    tell(at=NOON)
    seal_all()
    receiver.answers = [500]
    deliver(tenant, made)
    behind = find_stream()
    assert (behind.waiting, behind.failures) == (len(list_sealed_ids()) - behind.next, 1)
    assert behind.lag_seconds == pytest.approx((datetime.now(UTC) - NOON).total_seconds(), abs=60)
    duty = StreamsDuty()
    with as_platform(None):
        duty.work()
    duty.finish()
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT oldest_at, stopped FROM audit_streaming")
        oldest_at, stopped = cursor.fetchone()
    assert oldest_at <= NOON
    assert stopped >= 0
    deliver(tenant, made)
    assert (find_stream().waiting, find_stream().lag_seconds) == (0, 0)


def test_stream_of_notices_sends_what_somebody_has_to_act_on_and_passes_over_the_rest(
    tenant: UUID, receiver: Receiver
) -> None:
    made = open_stream(receiver, kind=Kind.NOTICES)
    tell_some(5)
    with tenant_scope():
        event = Event(Action.TOKEN_EXPIRING, Target("ClientToken", "t1", "lnj_ls_abc"), details={"days": 7})
        record_event(event=event, origin=ORIGIN)
    tell_some(3, start=5)
    seal_all()
    while find_stream().waiting:
        deliver(tenant, made)
    sent = [item for request in receiver.received for item in json.loads(request.body)]
    assert [item["type"] for item in sent] == ["ninja.labs.audit.tenants.token.warned"]
