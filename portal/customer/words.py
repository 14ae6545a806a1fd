"""What becomes of people's accounts, told to those whom it concerns: no word of SCIM, tokens or status codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scim.queries.client_health import ClientHealth

RANKS: Final = {"degraded": 0, "silent": 1, "never": 2, "receiving": 3, "healthy": 4}
LABELS: Final = {
    "never": "Not started",
    "receiving": "Starting",
    "healthy": "Working",
    "degraded": "Has problems",
    "silent": "Quiet for too long",
}
SENTENCES: Final[Mapping[str, str]] = {
    "never": "{provider} is set up here and has sent nothing yet.",
    "receiving": "{provider} is connected, and people and groups are arriving.",
    "healthy": "{provider} is connected, and people and groups are in step with it.",
    "degraded": "{provider} is connected, and not everything it sends can be done.",
    "silent": "{provider} has sent nothing for longer than it usually does.",
}
# What whoever looks after the identity provider has to do; what works needs nothing.
STEPS: Final[Mapping[str, str]] = {
    "never": "Turn provisioning on in {provider}, and assign somebody to the application.",
    "degraded": "Below is what could not be done, and what to change in {provider}.",
    "silent": "Look in {provider} whether provisioning is still on. Changes made there do not arrive until it sends.",
}
REFUSED: Final = "Somebody replaced or ended its access: give {provider} the new one, or ask your contact for it."
# By keyword or status of an answer: what could not be done, and what to do.
INCIDENTS: Final[Mapping[str, tuple[str, str]]] = {
    "uniqueness": (
        "Somebody with the same name is here already",
        "Look for the account that has the name, and remove one.",
    ),
    "invalidValue": ("A value is missing or not allowed", "Fill in the value, or leave it out."),
    "invalidSyntax": (
        "Something came in a form that cannot be read",
        "Ask your contact: the set-up may be for something else.",
    ),
    "invalidPath": ("A change was of something that is not known here", "Take it out of what is sent."),
    "mutability": ("A change was of something that cannot be changed", "Take it out of what is sent."),
    "401": ("Its access was not accepted", "Give it access that is in force, or ask your contact for it."),
    "403": ("Its access does not reach so far", "Ask your contact for access that does."),
    "404": ("A change was of somebody who is not here", "Assign the person anew: they will be created again."),
    "413": ("Too much was sent at once", "Assign fewer people at once."),
    "429": ("It sent faster than is allowed", "Nothing: it waits and sends again by itself."),
    "500": ("We made a mistake", "Nothing: it is ours to put right. Tell your contact when it happened."),
    "503": ("We could not be reached for a moment", "Nothing: it sends again by itself."),
}
OTHER: Final = ("Something could not be done", "Ask your contact, and say when it happened.")


@dataclass(frozen=True)
class Report:
    """How one connection does, in words."""

    provider: str
    state: str
    label: str
    tone: str
    sentence: str
    step: str


def report_client(health: ClientHealth) -> Report:
    """One SCIM client; who was refused at the door is told so, for somebody has to act."""
    state, provider = health.state.name, health.client.get_kind_display()
    step = REFUSED if state == "degraded" and health.calls else STEPS.get(state, "")
    return Report(
        provider,
        state,
        LABELS[state],
        health.state.tone,
        SENTENCES[state].format(provider=provider),
        step.format(provider=provider),
    )


def sort_reports(clients: Sequence[ClientHealth]) -> Sequence[Report]:
    """What needs somebody stands first."""
    return sorted(map(report_client, clients), key=lambda report: (RANKS[report.state], report.provider))


def explain_incident(*, status: int, scim_type: str) -> tuple[str, str]:
    """What could not be done, and what to do."""
    return INCIDENTS.get(scim_type) or INCIDENTS.get(str(status), OTHER)
