"""The five states of a SCIM client, each with its cause and the next step: a pure function of what is known of it.

The thresholds stand here and in docs/health.md, and on the page itself. In this order:

- *never*: not one request of it was ever accepted;
- *degraded*, refused: since its last accepted request REFUSED_CALLS and more came with one of its tokens, all refused;
- *silent*: for longer than its rhythm allows nothing came;
- *degraded*, errors: of LEAST_REQUESTS and more in the last hour ERROR_SHARE percent and more were refused or failed;
- *degraded*, too fast: of as many LIMITED_SHARE percent and more were turned away by the rate limit;
- *receiving*: its requests come, and too few are known to tell its rhythm;
- *healthy*.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from scim.queries.rhythm import Batch, Rhythm, describe_rhythm, tell_span
from scim.queries.traffic import Tally
from tenants.models import ScimClient

REFUSED_CALLS: Final = 3
LEAST_REQUESTS: Final = 20
ERROR_SHARE: Final = 5
LIMITED_SHARE: Final = 20
TONES: Final = {"never": "warn", "receiving": "info", "healthy": "good", "degraded": "bad", "silent": "warn"}
# What its owner can do where the provider runs on a schedule of its own.
NUDGES: Final = {
    ScimClient.Kind.ENTRA: "In Entra, look whether provisioning is on and not in quarantine; Provision on demand sends"
    " one person at once.",
    ScimClient.Kind.OKTA: "In Okta, look at the application's Provisioning tab and under Tasks for what waits there.",
}
REPLACE_IT: Final = "Give the identity provider a token that is in force."
NUDGE: Final = "Look in the identity provider whether provisioning is still on, and whether it reports errors."


@dataclass(frozen=True)
class Signs:
    """What is known of a SCIM client. `hour` counts its last hour; `calls` were refused at the door since its last
    accepted request, the newest for `refusal`.
    """

    kind: str
    name: str
    has_token: bool
    last: Batch | None
    rhythm: Rhythm
    hour: Tally
    calls: int = 0
    refusal: str = ""


@dataclass(frozen=True)
class ClientState:
    """One of the five states, why, and what to do."""

    name: str
    cause: str
    step: str

    @property
    def tone(self) -> str:
        return TONES[self.name]


def judge_client(*, signs: Signs, now: datetime) -> ClientState:
    """The state of a SCIM client at a moment."""
    if signs.last is None:
        return _judge_newcomer(signs)
    if signs.calls >= REFUSED_CALLS:
        return ClientState("degraded", _tell_refusals(signs), REPLACE_IT)
    told = describe_rhythm(name=signs.name, rhythm=signs.rhythm, last=signs.last, now=now)
    if now - signs.last.ended > signs.rhythm.silent_after:
        cause = f"{told} That is more than the {tell_span(signs.rhythm.silent_after)} that it may be quiet."
        return ClientState("silent", cause, _nudge(signs))
    if signs.hour.total >= LEAST_REQUESTS and (degraded := _judge_hour(signs.hour)) is not None:
        return degraded
    if signs.rhythm.kind == "unknown":
        return ClientState("receiving", told, "Nothing to do: a few days of requests teach us its rhythm.")
    return ClientState("healthy", told, "Nothing to do.")


def _judge_hour(hour: Tally) -> ClientState | None:
    if hour.error_rate >= ERROR_SHARE:
        share = f"({hour.error_rate:.1f} %)"
        cause = f"{hour.errors} of {hour.total} requests in the last hour were refused or failed {share}."
        return ClientState("degraded", cause, "Look at the errors by cause: each says what to change in the provider.")
    if 100 * hour.limited >= LIMITED_SHARE * hour.total:
        cause = f"{hour.limited} of {hour.total} requests in the last hour came too fast and were turned away."
        return ClientState("degraded", cause, "The provider repeats them by itself; a larger plan allows more at once.")
    return None


def _tell_refusals(signs: Signs) -> str:
    are = "request with one of its tokens was" if signs.calls == 1 else "requests with one of its tokens were"
    return f"{signs.calls} {are} refused: {signs.refusal}"


def _judge_newcomer(signs: Signs) -> ClientState:
    if signs.calls:
        return ClientState("never", _tell_refusals(signs), REPLACE_IT)
    if not signs.has_token:
        return ClientState("never", "It has no token, so nothing of it can be accepted.", "Make a token.")
    return ClientState("never", "Its token was never used.", "Follow the provider's own steps, and start provisioning.")


def _nudge(signs: Signs) -> str:
    if not signs.has_token:
        return "It has no token in force any more: make one, and give it to the identity provider."
    return next((nudge for kind, nudge in NUDGES.items() if kind == signs.kind), NUDGE)
