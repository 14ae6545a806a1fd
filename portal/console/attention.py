"""What needs an operator's attention, and what is still to be done before anything can arrive. Pure functions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.urls import reverse

from scim.queries.client_health import ClientHealth

ENDS_WITHIN: Final = timedelta(days=30)
SOON: Final = timedelta(days=7)
UNUSED_AFTER: Final = timedelta(days=7)


@dataclass(frozen=True)
class Matter:
    """Something to look at, with where to do that."""

    tone: str
    title: str
    told: str
    address: str
    action: str


@dataclass(frozen=True)
class FirstStep:
    """One step of a beginning."""

    name: str
    is_done: bool
    address: str


def list_matters(clients: Sequence[ClientHealth], *, now: datetime, held: int = 0) -> Sequence[Matter]:
    """The worst first; `held` is how many people are held back."""
    found = [matter for health in clients for matter in _examine(health, now)]
    if held:
        told = "Too many left at once. Connectors wait until you release them or bring them back."
        title = "1 person is held back" if held == 1 else f"{held} people are held back"
        found.insert(0, Matter("bad", title, told, reverse("console:holds"), "Decide"))
    return sorted(found, key=lambda matter: matter.tone != "bad")


def _examine(health: ClientHealth, now: datetime) -> Iterator[Matter]:
    client, state = health.client, health.state
    address, tokens = (reverse(f"console:{name}", args=[client.id]) for name in ("client-health", "client"))
    if state.name in {"degraded", "silent"}:
        yield Matter(state.tone, f"{client.name} is {state.name}", f"{state.cause} {state.step}", address, "Look at it")
    elif state.name == "never" and health.calls:
        yield Matter("bad", f"{client.name} is refused", f"{state.cause} {state.step}", address, "Look at it")
    elif state.name == "never" and now - client.created_at > UNUSED_AFTER:
        told = f"Made on {client.created_at:%Y-%m-%d} and never used: connect it, or revoke its tokens."
        yield Matter("warn", f"{client.name} is unused", told, tokens, "Look at it")
    for token in health.ending:
        left = token.expires_at - now
        if left < ENDS_WITHIN and token.retires_at is None:
            tone, days = "bad" if left < SOON else "warn", max(left.days, 0)
            told = f"{token.prefix}… ends on {token.expires_at:%Y-%m-%d}, in {days} day{'' if days == 1 else 's'}."
            yield Matter(tone, f"A token of {client.name} ends soon", f"{told} Rotate it before.", tokens, "Rotate it")


def list_first_steps(clients: Sequence[ClientHealth], *, users: int) -> Sequence[FirstStep]:
    """The checklist of a beginning; empty when everything is done."""
    new, everything = reverse("console:client-new"), reverse("console:requests")
    first = reverse("console:client", args=[clients[0].client.id]) if clients else new
    has_token = any(health.tokens or health.last for health in clients)
    steps = (
        FirstStep("Connect an identity provider", bool(clients), new),
        FirstStep("Make a token and give it to the provider", has_token, first),
        FirstStep("Its first request arrives", any(health.last for health in clients), everything),
        FirstStep("The first person is there", users > 0, everything),
    )
    return () if all(step.is_done for step in steps) else steps
