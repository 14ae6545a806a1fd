"""Telling a receiver of one change by webhook, signed as Standard Webhooks has it: https://www.standardwebhooks.com

What is sent is an entry of the feed, word for word (docs/events.md): a receiver that lost one can read it there.
Nothing is kept here: who calls keeps the attempts, and waits as long as the delivery says.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

import orjson

from labsninja.kernel.outbound import OutboundClient, OutboundError, OutboundRefusedError, OutboundResponse
from labsninja.kernel.outbound.signatures import sign_message
from labsninja.kernel.outbound.waits import choose_wait, read_retry_after
from scim.targets.exchanges import Exchange, keep_content
from scim.targets.profile import JSON

TEST_EVENT: Final = "test"


class Fate(StrEnum):
    """DONE: it arrived. RETRY: try again later. REFUSED: this message will never be taken. GONE: send nothing more."""

    DONE = "done"
    RETRY = "retry"
    REFUSED = "refused"
    GONE = "gone"


@dataclass(frozen=True)
class Receiver:
    """Where to send. Every one of `secrets` signs: with two of them, a secret is replaced without a gap."""

    url: str = field(repr=False)
    secrets: Sequence[str] = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Message:
    """The `id` is the same whenever the same is sent again, so that a receiver can tell."""

    id: str
    body: bytes


@dataclass(frozen=True)
class Delivery:
    """What became of a message. `reason` is empty when it arrived, `seconds` what the receiver asked to wait."""

    fate: Fate
    reason: str
    status: int | None
    seconds: float | None
    exchange: Exchange

    def wait(self, attempts: int) -> float | None:
        """Seconds until the next attempt when `attempts` failed, this one among them; None when there is none."""
        return choose_wait(attempts=attempts, asked=self.seconds) if self.fate is Fate.RETRY else None


def make_message(*, number: int, claims: Mapping[str, Any]) -> Message:
    """The message of an entry of the feed; its id is the claim `jti`."""
    return Message(str(claims["jti"]), orjson.dumps({"number": number, "claims": claims}))


def make_test_message(*, message_id: str, now: datetime) -> Message:
    """A message that tells of no change: the events of its claims are none."""
    claims = {"jti": message_id, "iat": int(now.timestamp()), "events": {}}
    return Message(message_id, orjson.dumps({"number": 0, "claims": claims, "type": TEST_EVENT}))


def send_message(*, client: OutboundClient, receiver: Receiver, message: Message) -> Delivery:
    """Send it once. Raises nothing: what goes wrong is the fate of the delivery."""
    now = datetime.now(UTC)
    signed = sign_message(
        keys=receiver.secrets, message_id=message.id, timestamp=int(now.timestamp()), body=message.body
    )
    headers = {**receiver.headers, "content-type": JSON, **signed}
    began = time.monotonic()
    try:
        answer = client.send(method="POST", url=receiver.url, headers=headers, content=message.body)
    except OutboundRefusedError as error:
        fate = Fate.RETRY if error.sent else Fate.REFUSED
        return Delivery(fate, str(error), None, None, _digest(message, began, None, str(error)))
    except OutboundError as error:
        return Delivery(Fate.RETRY, str(error), None, None, _digest(message, began, None, str(error)))
    fate, reason = judge_status(answer.status)
    seconds = read_retry_after(text=answer.headers.get("retry-after", ""), now=now)
    told = _digest(message, began, answer, keep_content(answer.body, token=""))
    return Delivery(fate, reason, answer.status, seconds if fate is Fate.RETRY else None, told)


def judge_status(status: int) -> tuple[Fate, str]:
    """The fate of a message by the status of its answer, with the reason in words."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Fate.DONE, ""
    if status == HTTPStatus.GONE:
        return Fate.GONE, "answered 410: the receiver wants no more messages"
    if status < HTTPStatus.BAD_REQUEST:
        return Fate.REFUSED, f"answered {status}: redirects are not followed"
    return Fate.RETRY, f"answered {status}"


def _digest(message: Message, began: float, answer: OutboundResponse | None, text: str) -> Exchange:
    """The address is left out whole: in webhooks it often is a secret."""
    milliseconds = round((time.monotonic() - began) * 1000)
    status = answer.status if answer else None
    return Exchange("POST", "", status, milliseconds, keep_content(message.body, token=""), text)
