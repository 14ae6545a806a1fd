"""Who acts, from where and when: made once at the edge (request, command, task) and passed down to every service."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import uuid_utils.compat


class ActorKind(StrEnum):
    """The kinds of actor an event names."""

    SCIM_CLIENT = "scim_client"
    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    CUSTOMER = "customer"
    SYSTEM = "system"
    SETUP_LINK = "setup_link"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class Actor:
    """One actor; `token_prefix` is the public part of the token that was used, never more of it."""

    kind: ActorKind
    id: str = ""
    label: str = ""
    token_prefix: str = ""


def _request_id() -> str:
    return str(uuid_utils.compat.uuid7())


@dataclass(frozen=True)
class Origin:
    """The edge of one operation. `at` is UTC; `request_id` ties what belongs together; `address` is an IP address or
    empty.
    """

    actor: Actor
    surface: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    request_id: str = field(default_factory=_request_id)
    address: str = ""
    user_agent: str = ""


def command_origin(command: str) -> Origin:
    """Origin of a management command, run by whoever holds the deployment."""
    return Origin(Actor(ActorKind.ADMINISTRATOR, label=f"manage.py {command}"), "command")


def system_origin(duty: str) -> Origin:
    """Origin of something the deployment does by itself, such as a duty of the ledger."""
    return Origin(Actor(ActorKind.SYSTEM, label=duty), "system")
