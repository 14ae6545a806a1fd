"""A query as SQL. Under row-level security only leakproof conditions use an index, so everything here is `=`, `ANY`,
`^@` or a comparison of rows; what a person spells loosely is looked up first and becomes an exact value.

The events' own indexes serve all qualifiers. Free text is found in the words: the first whole word of the query is
where reading begins, in the order of pages, and every other condition is asked of what it leads to.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError
from psycopg.errors import QueryCanceled

from audit.actors import ActorKind
from audit.models import AuditEvent
from audit.reading.contents import read_contents
from audit.reading.syntax import Field, Query, Term
from audit.reading.words import LONGEST, fold, split_text
from labsninja.kernel.isolation import Scope, tenant_scope

MOST_ACTORS, MOST_NAMED = 1_000, 500
# One index entry a step, however many events an actor has.
ACTORS = """
WITH RECURSIVE seen AS (
    (SELECT actor_kind, actor_id, actor_label, 1 AS n FROM audit_event WHERE tenant_id = %(tenant)s
     ORDER BY actor_kind, actor_id, actor_label LIMIT 1)
    UNION ALL
    SELECT next.*, n + 1 FROM seen, LATERAL (
        SELECT actor_kind, actor_id, actor_label FROM audit_event e WHERE e.tenant_id = %(tenant)s
          AND (e.actor_kind, e.actor_id, e.actor_label) > (seen.actor_kind, seen.actor_id, seen.actor_label)
        ORDER BY actor_kind, actor_id, actor_label LIMIT 1
    ) AS next WHERE n < %(most)s
)
SELECT actor_kind, actor_id, actor_label FROM seen
"""
NAMED = """
SELECT e.* FROM audit_word w JOIN audit_event e ON e.tenant_id = w.tenant_id AND e.at = w.at AND e.id = w.id
WHERE w.tenant_id = %(tenant)s AND e.tenant_id = %(tenant)s AND w.word = %(word)s
ORDER BY w.at DESC, w.id DESC LIMIT %(most)s
"""
EVENTS = "audit_event e"
BY_WORD = "audit_word w JOIN audit_event e ON e.tenant_id = w.tenant_id AND e.at = w.at AND e.id = w.id"
COLUMNS = {
    Field.ACTION: "e.action",
    Field.OUTCOME: "e.outcome",
    Field.TYPE: "e.target_type",
    Field.SURFACE: "e.surface",
    Field.REQUEST: "e.request_id",
    Field.TOKEN: "e.token_prefix",
}
SAME_ACTOR = "(e.actor_kind = {} AND e.actor_id = {} AND e.actor_label = {})"
SAME_ID = "(e.actor_kind = ANY ({}::text[]) AND e.actor_id = {})"
# A plan kept for any value knows no index that leaves some values out, and takes rare values for frequent ones.
CUSTOM_PLANS = "SET LOCAL plan_cache_mode = force_custom_plan"
ADDRESS = 'e.address COLLATE "C"'


class SearchTooSlowError(Exception):
    """The search would read too much."""


@dataclass
class Conditions:
    """`source` with its `where`, for rows in the order of (`by`.at, `by`.id); `values` are the parameters of both."""

    values: dict[str, Any]
    source: str = EVENTS
    by: str = "e"
    where: list[str] = field(default_factory=list)

    def hold(self, value: Any) -> str:
        """A placeholder for a value."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"

    def add_bound(self, comparison: str, at: Any) -> None:
        """A comparison with the time of every table that is read, so that other months are left alone."""
        place = self.hold(at)
        self.where += [f"{alias}.at {comparison} {place}" for alias in sorted({"e", self.by})]


@contextmanager
def search_scope() -> Iterator[Scope]:
    """The scope of one search. Raises SearchTooSlowError when the deployment's time for a statement is up."""
    try:
        with tenant_scope() as scope:
            scope.execute(CUSTOM_PLANS, None)
            yield scope
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTooSlowError("the search takes too long: a time range (from:, to:) helps") from error
        raise


def build_conditions(*, scope: Scope, query: Query) -> Conditions:
    """The conditions of a query, in the open scope of its tenant."""
    made = Conditions({"tenant": scope.tenant_id}, where=["e.tenant_id = %(tenant)s"])
    _add_words(made, query)
    _add_actors(made, scope, query)
    _add_targets(made, scope, query)
    _add_addresses(made, query)
    for name, column in COLUMNS.items():
        for is_negated in (False, True):
            values = [value for term in query.find(name, is_negated=is_negated) for value in term.values]
            _add_values(made, column, values, is_negated=is_negated)
    if query.since:
        made.add_bound(">=", query.since)
    if query.until:
        made.add_bound("<", query.until)
    return made


def list_actors(*, scope: Scope) -> list[tuple[str, str, str]]:
    """Kind, id and label of whoever acted in the tenant, at most MOST_ACTORS."""
    values = {"tenant": scope.tenant_id, "most": MOST_ACTORS}
    return [tuple(row) for row in scope.execute(ACTORS, values).fetchall()]


def _add_values(made: Conditions, column: str, values: Sequence[str], *, is_negated: bool) -> None:
    """One value is asked for by `=`, which keeps the order of its index."""
    if len(values) == 1:
        made.where.append(f"{column} {'<>' if is_negated else '='} {made.hold(values[0])}")
    elif values:
        made.where.append(f"{column} {'<> ALL' if is_negated else '= ANY'} ({made.hold([*values])}::text[])")


def _add_words(made: Conditions, query: Query) -> None:
    whole: list[str] = []
    for term in query.find(Field.TEXT):
        words = split_text(term.values[0])
        ends = words[-1:] if term.is_prefix else []
        whole += words[: len(words) - len(ends)]
        made.where += [_has_word(made, end, "^@") for end in ends]
        if not words:
            made.where.append("false")
    for term in query.find(Field.TEXT, is_negated=True):
        words = split_text(term.values[0])
        tests = [_has_word(made, word, "^@" if term.is_prefix else "=") for word in words]
        made.where += [f"NOT ({' AND '.join(tests)})"] if tests else []
    first = max(whole, key=len, default=None)  # the longest word is likely to be the rarest
    if first is not None:
        made.source, made.by = BY_WORD, "w"
        made.where += ["w.tenant_id = %(tenant)s", f"w.word = {made.hold(first)}"]
    made.where += [_has_word(made, word, "=") for word in dict.fromkeys(whole) if word != first]


def _has_word(made: Conditions, word: str, operator: str) -> str:
    place = made.hold(word)
    return (
        f"EXISTS (SELECT FROM audit_word x WHERE x.tenant_id = %(tenant)s AND x.word {operator} {place}"
        " AND x.at = e.at AND x.id = e.id)"
    )


def _add_actors(made: Conditions, scope: Scope, query: Query) -> None:
    asked, unwanted = query.find(Field.ACTOR), query.find(Field.ACTOR, is_negated=True)
    known = list_actors(scope=scope) if asked or unwanted else []
    for terms, is_negated in ((asked, False), (unwanted, True)):
        named = [actor for actor in known if any(_is_actor(actor, term) for term in terms)]
        tests = [SAME_ACTOR.format(*(made.hold(part) for part in actor)) for actor in named]
        if len(known) >= MOST_ACTORS:  # of the others the ids are known to whoever asks
            kinds = made.hold([*ActorKind])
            tests += [SAME_ID.format(kinds, made.hold(term.values[0])) for term in terms if not term.is_prefix]
        if terms:
            joined = " OR ".join(tests) or "false"
            made.where.append(f"NOT ({joined})" if is_negated else f"({joined})")


def _is_actor(actor: tuple[str, str, str], term: Term) -> bool:
    wanted = fold(term.values[0])
    return any(fold(part).startswith(wanted) if term.is_prefix else fold(part) == wanted for part in actor if part)


def _add_targets(made: Conditions, scope: Scope, query: Query) -> None:
    """By id, or by any name that it had: a name leads to the ids of whatever was called so."""
    for is_negated in (False, True):
        terms = query.find(Field.TARGET, is_negated=is_negated)
        ids = {found for term in terms for found in (term.values[0], *_find_named(scope, term.values[0]))}
        _add_values(made, "e.target_id", sorted(ids), is_negated=is_negated)


def _find_named(scope: Scope, name: str) -> set[str]:
    word = max(split_text(name), key=len, default="")
    values = {"tenant": scope.tenant_id, "word": word[:LONGEST], "most": MOST_NAMED}
    rows = AuditEvent.objects.raw(NAMED, values) if word else ()
    return {content.target["id"] for content in read_contents([*rows]) if fold(content.target["display"]) == fold(name)}


def _add_addresses(made: Conditions, query: Query) -> None:
    for is_negated in (False, True):
        terms = query.find(Field.ADDRESS, is_negated=is_negated)
        tests = [f"{ADDRESS} {'^@' if term.is_prefix else '='} {made.hold(term.values[0])}" for term in terms]
        if tests:
            joined = " OR ".join(tests)
            # An address that is asked for is not empty, as the index wants to be told.
            made.where.append(f"NOT ({joined})" if is_negated else f"(({joined}) AND e.address <> '')")
