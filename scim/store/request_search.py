"""A query of the request log as conditions. Under row-level security only leakproof ones use an index.

`narrow` is what an index serves: it stands within the bounded walk. `where` is asked of the rows that the walk passes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from labsninja.kernel.isolation import current_scope
from scim.protocol.folding import fold_text
from scim.store.request_syntax import Query, RequestField, Term

TROUBLE: Final = 400
TROUBLED: Final = frozenset({"refused", "denied", "limited", "failed"})
# Two looks by the unique name: scim_resource_user_name_unique for those who are there, scim_resource_tombstone for
# those who were; groups by scim_resource_display_name.
NAMED_USERS: Final = """
SELECT id FROM scim_resource WHERE tenant_id = %(tenant)s AND resource_type = 'User' AND user_name = ANY (%(names)s)
AND deleted_at IS NULL
UNION ALL
SELECT id FROM scim_resource WHERE tenant_id = %(tenant)s AND resource_type = 'User' AND user_name = ANY (%(names)s)
AND deleted_at IS NOT NULL
"""
NAMED_GROUPS: Final = """
SELECT id FROM scim_resource WHERE tenant_id = %(tenant)s AND resource_type = 'Group'
AND display_name = ANY (%(names)s) AND deleted_at IS NULL
"""
KINDS: Final = {RequestField.USER: ("User", NAMED_USERS), RequestField.GROUP: ("Group", NAMED_GROUPS)}
TEXT_COLUMNS: Final = ("subject", "path", "query", "detail")


@dataclass
class Conditions:
    """Conditions with their values, for the open scope's tenant."""

    values: dict[str, Any] = field(default_factory=dict)
    narrow: list[str] = field(default_factory=list)
    where: list[str] = field(default_factory=list)

    def hold(self, value: Any) -> str:
        """A placeholder for a value."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"

    def add(self, condition: str, *, is_negated: bool = False) -> None:
        """Ask it of the rows passed; what is unknown counts as false."""
        self.where.append(f"({condition}) IS NOT TRUE" if is_negated else f"({condition})")


def add_query(made: Conditions, query: Query, *, clients: Mapping[UUID, str]) -> None:
    """Add what a query asks for; `clients` are the tenant's SCIM clients by name."""
    for is_negated in (False, True):
        for name, condition in PLAIN.items():
            terms = query.find(name, is_negated=is_negated)
            if terms:
                made.add(condition(made, terms), is_negated=is_negated)
        _add_clients(made, query.find(RequestField.CLIENT, is_negated=is_negated), clients, is_negated=is_negated)
        for name in KINDS:
            _add_resources(made, name, query.find(name, is_negated=is_negated), is_negated=is_negated)
    _add_text(made, query)
    if query.since:
        made.narrow.append(f"at >= {made.hold(query.since)}")
    if query.until:
        made.narrow.append(f"at < {made.hold(query.until)}")
    requests = _values(query.find(RequestField.REQUEST))
    if requests:
        made.narrow.append(f"request_id = ANY ({made.hold(requests)}::text[])")
    if _asks_for_trouble(query):
        made.narrow.append(f"status >= {TROUBLE}")  # index scim_request_log_trouble


def add_client(made: Conditions, scim_client_id: UUID) -> None:
    """Only what one SCIM client sent: index scim_request_log_client."""
    made.narrow.append(f"scim_client_id = {made.hold(scim_client_id)}")


def _values(terms: Sequence[Term]) -> list[str]:
    return [value for term in terms for value in term.values]


def _is_any(column: str, kind: str = "text") -> Callable[[Conditions, Sequence[Term]], str]:
    def compile_values(made: Conditions, terms: Sequence[Term]) -> str:
        return f"{column} = ANY ({made.hold(_values(terms))}::{kind}[])"

    return compile_values


def _begins(column: str) -> Callable[[Conditions, Sequence[Term]], str]:
    def compile_beginnings(made: Conditions, terms: Sequence[Term]) -> str:
        return " OR ".join(f"{column} {'^@' if term.is_prefix else '='} {made.hold(term.values[0])}" for term in terms)

    return compile_beginnings


def _earned(made: Conditions, terms: Sequence[Term]) -> str:
    return f"warnings && {made.hold(_values(terms))}::text[]"


PLAIN: Final = {
    RequestField.METHOD: _is_any("method"),
    RequestField.STATUS: _is_any("status", "smallint"),
    RequestField.OUTCOME: _is_any("outcome"),
    RequestField.SCIM_TYPE: _is_any("scim_type"),
    RequestField.REQUEST: _is_any("request_id"),
    RequestField.TOKEN: _begins("token_prefix"),
    RequestField.ADDRESS: _begins("address"),
    RequestField.WARNING: _earned,
}


def _add_text(made: Conditions, query: Query) -> None:
    """Every text has to be found, and every one with a minus not to be."""
    for term in query.terms:
        if term.field == RequestField.TEXT:
            escaped = term.values[0].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            place = made.hold(f"%{escaped}%")
            made.add(" OR ".join(f"{column} ILIKE {place}" for column in TEXT_COLUMNS), is_negated=term.is_negated)


def _add_clients(made: Conditions, terms: Sequence[Term], known: Mapping[UUID, str], *, is_negated: bool) -> None:
    """By name or id; a single one is read by its own index."""
    if not terms:
        return
    found = [client_id for client_id, name in known.items() if any(_is_client(client_id, name, term) for term in terms)]
    if len(found) == 1 and not is_negated:
        add_client(made, found[0])
    else:
        made.add(f"scim_client_id = ANY ({made.hold(found)}::uuid[])", is_negated=is_negated)


def _is_client(client_id: UUID, name: str, term: Term) -> bool:
    wanted, folded = term.values[0].casefold(), name.casefold()
    return str(client_id) == wanted or (folded.startswith(wanted) if term.is_prefix else folded == wanted)


def _add_resources(made: Conditions, name: RequestField, terms: Sequence[Term], *, is_negated: bool) -> None:
    """By id, by the name that it has or had, and by the name that a refused request gave: only that has no id.

    Indexes scim_request_log_resource and scim_request_log_subject.
    """
    if not terms:
        return
    type_name, statement = KINDS[name]
    wanted, scope = _values(terms), current_scope()
    named = {"tenant": scope.tenant_id, "names": [fold_text(value) for value in wanted]}
    ids = [*wanted, *(str(found) for (found,) in scope.execute(statement, named).fetchall())]
    same = (
        f"(resource_id = ANY ({made.hold(ids)}::text[]) AND resource_id <> '')"
        f" OR (subject = ANY ({made.hold(wanted)}::text[]) AND subject <> '')"
    )
    if not is_negated:
        made.narrow.append(f"({same})")
    made.add(f"resource_type = {made.hold(type_name)} AND ({same})", is_negated=is_negated)


def _asks_for_trouble(query: Query) -> bool:
    """Whether only requests with an error can be found."""
    statuses, outcomes = (_values(query.find(name)) for name in (RequestField.STATUS, RequestField.OUTCOME))
    return (
        bool(query.find(RequestField.SCIM_TYPE))
        or (bool(statuses) and all(int(status) >= TROUBLE for status in statuses))
        or (bool(outcomes) and TROUBLED.issuperset(outcomes))
    )
