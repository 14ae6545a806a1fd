"""What identity providers sent, for people to look at: pages, one request with its surroundings, a first run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from audit.reading.conditions import SearchTooSlowError, search_scope
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_context, tenant_scope
from labsninja.kernel.search_syntax import Query, QuerySyntaxError, Term
from scim.store.request_log import RequestRow
from scim.store.request_reading import (
    LogPosition,
    read_request,
    read_requests,
    read_requests_beside,
    read_requests_of,
    read_strangers,
)
from scim.store.request_search import Conditions, add_client, add_query
from scim.store.request_syntax import ANY, RequestField, parse_request_query
from tenants.models import ScimClient

__all__ = [
    "BESIDE",
    "PAGE_SIZE",
    "FirstRun",
    "LogPosition",
    "QuerySyntaxError",
    "RequestFilter",
    "RequestPage",
    "RequestRow",
    "SearchTooSlowError",
    "Step",
    "check_first_run",
    "find_request",
    "list_related",
    "list_requests",
    "list_requests_of",
    "parse_request_query",
]

PAGE_SIZE: Final = 50
NEWEST_SEEN: Final = 500  # requests of a SCIM client that its checklist looks at
STRANGERS_SINCE: Final = timedelta(days=1)
RELATED: Final = 8
BESIDE: Final = 5
EVERYTHING: Final = Query()
LAST_ID: Final = UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")
DISCOVERY: Final = ("/ServiceProviderConfig", "/Schemas", "/ResourceTypes")
CREATED, UNAUTHENTICATED = 201, 401


@dataclass(frozen=True)
class RequestFilter:
    """What is looked for; empty is everything. `text` is sought in subject, path, query and detail, `query` is what a
    person typed; both hold.
    """

    scim_client_id: UUID | None = None
    method: str = ""
    outcome: str = ""
    status: int | None = None
    text: str = ""
    request_id: str = ""
    warned: bool = False
    query: Query = EVERYTHING

    def as_query(self) -> Query:
        """The fields as the terms that they stand for."""
        asked = (
            (RequestField.METHOD, self.method),
            (RequestField.OUTCOME, self.outcome),
            (RequestField.STATUS, str(self.status or "")),
            (RequestField.TEXT, self.text),
            (RequestField.REQUEST, self.request_id),
        )
        terms = [Term(name, (value,)) for name, value in asked if value]
        warned = parse_request_query(f"{RequestField.WARNING}:{ANY}").terms if self.warned else ()
        return Query((*terms, *warned))


@dataclass(frozen=True)
class RequestPage:
    """One page, newest first; `position` is where the next one begins, also after few rows, and None at the end."""

    rows: Sequence[RequestRow]
    position: LogPosition | None


@dataclass(frozen=True)
class Step:
    """One step of a first run: when it was first seen among the newest requests, or None."""

    name: str
    about: str
    at: datetime | None


@dataclass(frozen=True)
class FirstRun:
    """How far a SCIM client has come, what went wrong last, and how the provider calls itself."""

    steps: Sequence[Step]
    problems: Sequence[RequestRow]
    user_agents: Sequence[str] = ()

    @property
    def is_complete(self) -> bool:
        return all(step.at for step in self.steps if step.name not in OPTIONAL)


def list_requests(*, wanted: RequestFilter, position: LogPosition | None = None, limit: int = PAGE_SIZE) -> RequestPage:
    """A page of the bound tenant's requests. Conditions that no index serves look at the newest 5,000 from there on.

    Raises SearchTooSlowError.
    """
    with search_scope():
        return RequestPage(*read_requests(position=position or _newest(), limit=limit, made=_compile(wanted)))


def find_request(*, request_id: UUID) -> RequestRow | None:
    """One request of the bound tenant."""
    with tenant_scope():
        return read_request(request_id=request_id)


def list_requests_of(*, resource_id: UUID) -> Sequence[RequestRow]:
    """The newest about one resource, refused ones too."""
    with tenant_scope():
        return read_requests_of(resource_id=str(resource_id), limit=RELATED)


def list_related(*, row: RequestRow) -> tuple[Sequence[RequestRow], Sequence[RequestRow]]:
    """Others about the same resource, newest first: BESIDE before it, and BESIDE after it."""
    if not (row.resource_id or row.subject):
        return (), ()
    with tenant_scope():
        return read_requests_beside(row=row, limit=BESIDE)


def check_first_run(*, scim_client_id: UUID, prefixes: Sequence[str], created_at: datetime) -> FirstRun:
    """How far the bound tenant's SCIM client has come. `prefixes` are the public parts of its tokens: what came with
    one of them and was refused stands in the deployment's log.
    """
    with tenant_scope():
        made = Conditions()
        add_client(made, scim_client_id)
        rows, _ = read_requests(position=_newest(), limit=NEWEST_SEEN, made=made)
    since = max(created_at, datetime.now(UTC) - STRANGERS_SINCE)
    with tenant_context(DEPLOYMENT_TENANT_ID), tenant_scope():
        refused = read_strangers(prefixes=prefixes, since=since, limit=5)
    problems = sorted([*refused, *(row for row in rows if row.outcome != "done")], key=lambda row: row.at)
    steps = [Step(name, about, _first(test, rows, refused)) for name, about, test in STEPS]
    agents = dict.fromkeys(row.user_agent for row in (*rows, *refused) if row.user_agent)
    return FirstRun(steps, problems[:-4:-1], [*agents])


def _newest() -> LogPosition:
    return LogPosition(datetime.now(UTC) + timedelta(days=1), LAST_ID)


def _compile(wanted: RequestFilter) -> Conditions:
    """In the open scope."""
    made = Conditions()
    clients = dict(ScimClient.objects.values_list("id", "name"))
    for query in (wanted.as_query(), wanted.query):
        add_query(made, query, clients=clients)
    if wanted.scim_client_id:
        add_client(made, wanted.scim_client_id)
    return made


def _first(test: Callable[[RequestRow], bool], rows: Sequence[RequestRow], refused: Sequence[RequestRow]) -> Any:
    return min((row.at for row in (*rows, *refused) if test(row)), default=None)


def _is_known(row: RequestRow) -> bool:
    """A token that was revoked, say, still tells whose request it was."""
    return row.scim_client_id is not None and row.status != UNAUTHENTICATED


OPTIONAL: Final = frozenset({"Looked around"})  # Okta asks for nothing of what we support
STEPS: Final[Sequence[tuple[str, str, Callable[[RequestRow], bool]]]] = (
    ("Reached", "A request with a token of this SCIM client arrived.", bool),
    ("Token recognized", "The token was genuine, in force, and came from where it may.", _is_known),
    ("Allowed", "Its scopes allow what was asked for.", lambda row: _is_known(row) and row.outcome != "denied"),
    (
        "Looked around",
        "What we support was read. Not every provider does that.",
        lambda row: _is_known(row) and any(name in row.path for name in DISCOVERY),
    ),
    ("First look-up", "A person was looked for before being created.", lambda row: "filter=" in row.query),
    (
        "First user",
        "A person was created.",
        lambda row: (row.method, row.status, row.resource_type) == ("POST", CREATED, "User"),
    ),
    (
        "First group",
        "A group was created.",
        lambda row: (row.method, row.status, row.resource_type) == ("POST", CREATED, "Group"),
    ),
)
