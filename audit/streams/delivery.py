"""Sending one message of a stream: read, sent and settled in this order, and nothing is held open while it travels.

Whoever dies in between sends it once more: at least once, each event under the same id. What was decided meanwhile (a
replay, a removal) is not undone, for only a stream that still stands where it stood is moved on.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from audit.actions import Action
from audit.actors import system_origin
from audit.services import Event, Target, record_event
from audit.streams.messages import Message, read_message
from audit.streams.records import Destination, State, Stream, open_destination, read_streams
from labsninja.kernel.isolation import tenant_context, tenant_scope
from labsninja.kernel.outbound import OutboundClient, OutboundError, OutboundRefusedError, OutboundResponse
from labsninja.kernel.outbound.signatures import sign_message
from labsninja.kernel.outbound.waits import LONGEST_ASKED, draw_wait, read_retry_after
from labsninja.kernel.secrets import SecretError

FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
SECONDS_EACH = 5.0
# Answers that say to come again; every other one of 400 and more but those of 500 will not change by itself.
AGAIN = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
MOVE = """
UPDATE audit_stream SET next = %s, failures = 0, last_error = '', next_attempt_at = clock_timestamp(),
    last_sent_at = CASE WHEN %s THEN clock_timestamp() ELSE last_sent_at END
WHERE tenant_id = %s AND id = %s AND next = %s
"""
PUT_OFF = """
UPDATE audit_stream SET failures = failures + 1, last_error = %s,
    next_attempt_at = clock_timestamp() + make_interval(secs => %s)
WHERE tenant_id = %s AND id = %s AND next = %s
"""
STOP = """
UPDATE audit_stream SET state = 'stopped', failures = failures + 1, last_error = %s
WHERE tenant_id = %s AND id = %s AND next = %s AND state = 'running'
"""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Refusal:
    """Why a message did not arrive; `wait` is how long the receiver asked for, `is_final` that asking again is idle."""

    reason: str
    wait: float = 0.0
    is_final: bool = False


def deliver_some(
    *, tenant_id: UUID, stream_id: UUID, client: OutboundClient, is_ending: Callable[[], bool] = lambda: False
) -> int:
    """Send what the stream has, message by message, for some seconds at most. Gives how many events or checkpoints
    arrived. Call it inside cross_tenant.
    """
    arrived, until = 0, time.monotonic() + SECONDS_EACH
    with tenant_context(tenant_id):
        while time.monotonic() < until and not is_ending():
            count = _deliver_next(stream_id, client)
            if count is None:
                break
            arrived += count
    return arrived


def _deliver_next(stream_id: UUID, client: OutboundClient) -> int | None:
    """How many arrived, None when there is nothing more to do now."""
    with tenant_scope() as scope:
        stream = next((found for found in read_streams(scope=scope) if found.id == stream_id), None)
        if stream is None or stream.state != State.RUNNING:
            return None
        try:
            destination = open_destination(scope=scope, stream_id=stream_id)
            message = read_message(scope=scope, stream=stream)
        except (SecretError, LookupError, TypeError, ValueError) as error:
            logger.exception("audit streams: the next message of %s cannot be made", stream_id)
            _put_off(stream, Refusal(f"the next message cannot be made: {type(error).__name__}"))
            return None
    if message is None:
        return None
    refusal = _send(client, destination, message) if message.count else None
    with tenant_scope() as scope:
        if refusal is None:
            moved = [message.end, message.count > 0, scope.tenant_id, stream_id, stream.next]
            return message.count if scope.execute(MOVE, moved).rowcount else None
        if refusal.is_final:
            _stop(stream, refusal.reason)
        else:
            _put_off(stream, refusal)
    return None


def _send(client: OutboundClient, destination: Destination, message: Message) -> Refusal | None:
    now = int(time.time())
    signed = sign_message(keys=destination.secrets, message_id=message.id, timestamp=now, body=message.body)
    headers = {**destination.headers, "content-type": message.content_type, **signed}
    try:
        answer = client.send(method="POST", url=destination.url, headers=headers, content=message.body)
    except OutboundRefusedError as error:
        return Refusal(str(error), is_final=not error.sent)
    except OutboundError as error:
        return Refusal(str(error))
    return judge_answer(answer, now=datetime.now(UTC))


def judge_answer(answer: OutboundResponse, *, now: datetime) -> Refusal | None:
    """None for an answer that says that all arrived."""
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    reason = f"answered {answer.status}"
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        return Refusal(f"{reason}: redirects are not followed", is_final=True)
    is_final = answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and answer.status not in AGAIN
    return Refusal(
        reason, read_retry_after(text=answer.headers.get("retry-after", ""), now=now) or 0.0, is_final=is_final
    )


def choose_wait(*, failures: int, asked: float) -> float:
    """Seconds until the next attempt: twice as long each time, somewhere in the upper half of that, and never less than
    the receiver asked for.
    """
    longest: float = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(failures, 16))
    return max(min(asked, LONGEST_ASKED), draw_wait(longest=longest, least_share=0.5))


def _put_off(stream: Stream, refusal: Refusal) -> None:
    with tenant_scope() as scope:
        wait = choose_wait(failures=stream.failures, asked=refusal.wait)
        scope.execute(PUT_OFF, [refusal.reason, wait, scope.tenant_id, stream.id, stream.next])


def _stop(stream: Stream, reason: str) -> None:
    with tenant_scope() as scope:
        if scope.execute(STOP, [reason, scope.tenant_id, stream.id, stream.next]).rowcount:
            target = Target("Stream", str(stream.id), stream.place)
            event = Event(Action.STREAM_STOPPED, target, details={"reason": reason})
            record_event(event=event, origin=system_origin("audit streams"))
