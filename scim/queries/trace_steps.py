"""The steps of a trace: what each says when the request came past it. Pure: evidence in, words out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import orjson

from scim.queries.rereading import Applied, Reread
from scim.store.request_effects import HeldBack, Written
from scim.store.request_log import RequestRow

WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REFUSED, FAILED = 400, 500
BULK, SEARCH = "/Bulk", "/.search"


class State(StrEnum):
    """How a step ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOTHING = "nothing to do"
    WAITING = "waiting"
    SKIPPED = "not reached"
    UNKNOWN = "not recorded"


class Place(StrEnum):
    """The steps, in their order."""

    AUTHENTICATION = "Authentication"
    SCOPE = "Scope"
    RATE_LIMIT = "Rate limit"
    PARSING = "Parsing"
    DIALECT = "Dialect rules"
    MATCH = "Match"
    VALIDATION = "Validation"
    CHANGE = "Change"
    FEED = "Feed and connectors"


@dataclass(frozen=True)
class TraceStep:
    """One step, in plain words."""

    place: Place
    state: State
    told: str
    applied: Sequence[Applied] = ()


@dataclass(frozen=True)
class Evidence:
    """All that is known of a request."""

    row: RequestRow
    scopes: Sequence[str] = ()
    written: Sequence[Written] = ()
    held: HeldBack | None = None
    has_events: bool = False
    reason: str = ""
    reread: Reread = field(default_factory=lambda: Reread(is_whole=False))


def tell_unplaced(evidence: Evidence, place: Place) -> TraceStep:
    """Of a refusal that nothing places: only what must have come before any of them is told."""
    row = evidence.row
    if row.scim_client_id is not None and row.status < FAILED and place in {Place.SCOPE, Place.RATE_LIMIT}:
        return TELLERS[place](evidence)
    said = f"It was refused here or later: {row.detail}" if row.detail else "It ended here or in another step."
    return TraceStep(place, State.UNKNOWN, said)


def tell_bulk(place: Place) -> TraceStep:
    """Of a request with many operations."""
    return TraceStep(place, State.UNKNOWN, "Each operation went its own way: the answer tells how it ended.")


def _tell_authentication(evidence: Evidence) -> TraceStep:
    row = evidence.row
    if row.scim_client_id is None:
        return TraceStep(Place.AUTHENTICATION, State.UNKNOWN, "No token is on record.")
    token = f"The token {row.token_prefix}… was genuine and in force" if row.token_prefix else "The token was genuine"
    return TraceStep(Place.AUTHENTICATION, State.PASSED, f"{token}, from {row.address or 'an unknown address'}.")


def _tell_scope(evidence: Evidence) -> TraceStep:
    scopes = ", ".join(evidence.scopes)
    told = f"The token allows {scopes}, which is enough." if scopes else "Its scopes were enough; which, is not kept."
    return TraceStep(Place.SCOPE, State.PASSED, told)


def _tell_rate_limit(_evidence: Evidence) -> TraceStep:
    return TraceStep(Place.RATE_LIMIT, State.PASSED, "The rate limit let it through.")


def _tell_parsing(evidence: Evidence) -> TraceStep:
    row = evidence.row
    if not row.request_body:
        told = "The query could be read; there was no body." if row.query else "There was neither query nor body."
        return TraceStep(Place.PARSING, State.PASSED if row.query else State.NOTHING, told)
    kept = "" if evidence.reread.is_whole else " It is too long to be kept whole."
    return TraceStep(Place.PARSING, State.PASSED, f"The body is well-formed.{kept}")


def _tell_dialect(evidence: Evidence) -> TraceStep:
    applied = evidence.reread.applied
    if not applied:
        until = " until it ended" if evidence.row.status >= REFUSED else ""
        return TraceStep(Place.DIALECT, State.NOTHING, f"Nothing had to be tolerated{until}.")
    return TraceStep(
        Place.DIALECT, State.PASSED, f"Tolerated {len(applied)} deviation{'s' if len(applied) > 1 else ''}.", applied
    )


def _tell_match(evidence: Evidence) -> TraceStep:
    row = evidence.row
    if not row.resource_type and not row.path.endswith(SEARCH):
        return TraceStep(Place.MATCH, State.NOTHING, "Nothing is looked up at this address.")
    if row.method == "POST" and not row.path.endswith(SEARCH):
        return TraceStep(Place.MATCH, State.NOTHING, "A new resource is looked up by no id.")
    if row.resource_id:
        name = f" {row.subject}" if row.subject else ""
        return TraceStep(Place.MATCH, State.PASSED, f"Found the {row.resource_type or 'resource'}{name} by its id.")
    found = _read_total(row.response_body)
    if found is None:
        return TraceStep(Place.MATCH, State.UNKNOWN, "How many were found is not recorded.")
    return TraceStep(Place.MATCH, State.PASSED, f"Found {found} that met what was asked.")


def _read_total(body: str) -> int | None:
    try:
        told = orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        return None
    total = told.get("totalResults") if isinstance(told, dict) else None
    return total if isinstance(total, int) else None


def _tell_validation(evidence: Evidence) -> TraceStep:
    if evidence.row.method not in WRITES or evidence.row.method == "DELETE" or evidence.row.path.endswith(SEARCH):
        return TraceStep(Place.VALIDATION, State.NOTHING, "Nothing was given that had to be checked.")
    return TraceStep(Place.VALIDATION, State.PASSED, "Every value was allowed, and no unique one was taken.")


def _tell_change(evidence: Evidence) -> TraceStep:
    row = evidence.row
    if row.method not in WRITES or row.path.endswith(SEARCH):
        return TraceStep(Place.CHANGE, State.NOTHING, "Reading changes nothing.")
    if evidence.written:
        newest = evidence.written[0]
        members = ", with members" if newest.has_members else ""
        return TraceStep(Place.CHANGE, State.PASSED, f"Version {newest.version} was written ({newest.kind}{members}).")
    if evidence.has_events:
        return TraceStep(Place.CHANGE, State.NOTHING, "It said what was so already: no new version.")
    return TraceStep(Place.CHANGE, State.UNKNOWN, "Neither a version nor an event of it is kept.")


def _tell_feed(evidence: Evidence) -> TraceStep:
    if not evidence.written:
        known = evidence.row.method not in WRITES or evidence.row.path.endswith(SEARCH) or evidence.has_events
        state = State.NOTHING if known else State.UNKNOWN
        return TraceStep(Place.FEED, state, "There was nothing to pass on." if known else "No version is kept.")
    newest, held = evidence.written[0], evidence.held
    if held is not None and held.state == "held":
        return TraceStep(Place.FEED, State.WAITING, f"Held back from connectors: the {held.kind} waits for you.")
    was = f" It was held back before, and {held.state}." if held else ""
    if newest.told_at is None:
        return TraceStep(Place.FEED, State.WAITING, f"It waits for its number in the feed.{was}")
    return TraceStep(Place.FEED, State.PASSED, f"Number {newest.number} in the feed.{was}")


TELLERS: Final[Mapping[Place, Callable[[Evidence], TraceStep]]] = MappingProxyType(
    {
        Place.AUTHENTICATION: _tell_authentication,
        Place.SCOPE: _tell_scope,
        Place.RATE_LIMIT: _tell_rate_limit,
        Place.PARSING: _tell_parsing,
        Place.DIALECT: _tell_dialect,
        Place.MATCH: _tell_match,
        Place.VALIDATION: _tell_validation,
        Place.CHANGE: _tell_change,
        Place.FEED: _tell_feed,
    }
)
