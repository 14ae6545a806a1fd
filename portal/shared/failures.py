"""Why a request of a SCIM client was refused, in the words of who is setting the provider up, and what to do about it.

What came without a genuine token is told by the public part of the token that it named: nothing else may tell whose it
was, for an address may be that of a provider with many customers.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Final

from portal.shared.causes import explain_cause
from scim.queries.requests import RequestRow
from tenants.models import ClientToken

TOKEN_STEP, SCOPE_STEP = "Token recognized", "Allowed"  # names of steps
UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, UNSUPPORTED = 401, 403, 404, 415
# A base URL that was entered with more than belongs there: the provider appends its own part to it.
DOUBLED: Final = re.compile(r"^/scim/v2/(?:scim|v\d)(?:/|$)|^/scim/v2/(\w+)/\1(?:/|$)", re.IGNORECASE)
ENDPOINTS: Final = ("Users", "Groups", "ServiceProviderConfig", "Schemas", "ResourceTypes", "Bulk", "Me")
REPLACE_IT: Final = "Put a token that is in force into the provider: make one here, or rotate."


@dataclass(frozen=True)
class Failure:
    """`step` of the first run is where it stands in the way, empty for none; `code` names the page that tells more."""

    cause: str
    remedy: str
    code: str
    step: str = ""


def explain_failure(*, row: RequestRow, tokens: Sequence[ClientToken]) -> Failure:
    """`tokens` are those of the SCIM client, revoked ones too. The pages it names are those of docs/errors."""
    token = next((one for one in tokens if one.prefix == row.token_prefix), None)
    explain = BY_STATUS.get(row.status)
    found = explain(row, token) if explain else None
    if found is not None:
        return found
    meaning, remedy, code = explain_cause(status=row.status, scim_type=row.scim_type)
    return Failure(f"{meaning}: {row.detail}" if row.detail else f"{meaning}.", remedy, code)


def _explain_unauthenticated(row: RequestRow, token: ClientToken | None) -> Failure | None:
    if token is None:
        return None
    cause, remedy = _find_token_cause(row, token)
    return Failure(cause, remedy, str(UNAUTHENTICATED), TOKEN_STEP)


def _find_token_cause(row: RequestRow, token: ClientToken) -> tuple[str, str]:
    name = f"{token.prefix}…"
    ended = _find_end(row, token)
    if ended:
        return f"The token {name} {ended}.", REPLACE_IT
    if row.scim_client_id is not None and not _is_inside(row.address, token.networks):
        address, listed = row.address or "an unknown address", ", ".join(token.networks)
        return (
            f"It came from {address}, which is not in the list of the token {name}: {listed}.",
            "Make a token whose list has the provider's addresses, or an empty list.",
        )
    if token.kind == ClientToken.Kind.SECRET:
        return (
            f"{name} is a client secret, no bearer token.",
            "Enter it as the client secret of OAuth client credentials, or make a bearer token.",
        )
    if row.detail.startswith("Only bearer"):
        return (
            f"The word Bearer is missing before the token {name}.",
            "Enter the header as: Bearer, a space, the token. Or choose bearer or header authentication, not basic.",
        )
    return (
        f"What was sent begins as the token {name} does, and goes on differently.",
        "It was copied incompletely or with something added: copy the whole token again, or rotate it.",
    )


def _find_end(row: RequestRow, token: ClientToken) -> str:
    """How the token had ended by the time of the request."""
    if token.revoked_at is not None and token.revoked_at <= row.at:
        return f"was revoked on {_tell(token.revoked_at)}"
    if token.retires_at is not None and token.retires_at <= row.at:
        return f"was rotated: it ended on {_tell(token.retires_at)}"
    return f"expired on {_tell(token.expires_at)}" if token.expires_at <= row.at else ""


def _explain_forbidden(row: RequestRow, token: ClientToken | None) -> Failure | None:
    if row.detail.startswith("The tenant of this token is suspended"):
        cause, remedy = (
            "This tenant is suspended: nothing is served to it.",
            "Ask who runs this deployment to resume it.",
        )
    elif row.detail.startswith("The token lacks the scope"):
        may = f" may do {', '.join(token.scopes)} alone" if token else " does not allow it"
        cause = f"The token {row.token_prefix}…{may}, and {row.method} {row.path} asks for more."
        remedy = "Make a token that may read and write, and put it into the provider."
    elif row.detail.startswith("Groups are disabled"):
        cause, remedy = (
            "This SCIM client manages users alone.",
            "Switch groups on under Options, or stop pushing groups.",
        )
    else:
        return None
    return Failure(cause, remedy, str(FORBIDDEN), SCOPE_STEP)


def _explain_not_found(row: RequestRow, _token: ClientToken | None) -> Failure | None:
    if DOUBLED.match(row.path):
        return Failure(
            f"The path is {row.path}: a part of it stands there twice.",
            "The provider appends /Users and /Groups itself: enter the base URL as it stands here, ending in /scim/v2.",
            str(NOT_FOUND),
            TOKEN_STEP if row.scim_client_id is None else "",
        )
    first = row.path.removeprefix("/scim/v2").strip("/").partition("/")[0]
    meant = next((name for name in ENDPOINTS if name.lower() == first.lower()), "")
    if meant and meant != first:
        cause = f"The path has /{first}, and paths tell capitals apart."
        return Failure(cause, f"Have the provider ask for /{meant}.", str(NOT_FOUND))
    return None


def _explain_media_type(_row: RequestRow, _token: ClientToken | None) -> Failure:
    return Failure(
        "The body came with a content type that is not SCIM's.",
        "Have the provider send Content-Type: application/scim+json, or application/json.",
        str(UNSUPPORTED),
    )


def _is_inside(address: str, networks: Sequence[str]) -> bool:
    try:
        return not networks or any(ip_address(address) in ip_network(network) for network in networks)
    except ValueError:
        return False


def _tell(moment: datetime) -> str:
    return f"{moment:%-d %b %Y at %H:%M} UTC"


BY_STATUS: Final[dict[int, Callable[[RequestRow, ClientToken | None], Failure | None]]] = {
    UNAUTHENTICATED: _explain_unauthenticated,
    FORBIDDEN: _explain_forbidden,
    NOT_FOUND: _explain_not_found,
    UNSUPPORTED: _explain_media_type,
}
