"""What a person types to search the history, as in `actor:okta action:scim.user.* -outcome:denied "ada lovelace"`.

Pure: text in, a Query out. A qualifier that is repeated asks for any of its values, different ones for all of them, and
a minus takes away. Free text asks for events with all its words; `*` at the end stands for any further letters.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from enum import StrEnum

from audit.actions import Action, Outcome

LONGEST, MOST_TERMS, SHORTEST_PREFIX = 1024, 32, 3
TERM = re.compile(r'(?P<minus>-?)(?:(?P<name>[A-Za-z_]+):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]*))(?=\s|$)')
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Field(StrEnum):
    """What a term looks at; all but TEXT and the times are qualifiers of their own name."""

    TEXT = "text"
    ACTOR = "actor"
    ACTION = "action"
    OUTCOME = "outcome"
    TARGET = "target"
    TYPE = "type"
    ADDRESS = "address"
    SURFACE = "surface"
    REQUEST = "request"
    TOKEN = "token"  # noqa: S105  # a name, no secret
    FROM = "from"
    TO = "to"


QUALIFIERS = tuple(str(field) for field in Field if field is not Field.TEXT)
WITH_PREFIX = {Field.TEXT, Field.ACTOR, Field.ADDRESS}


class QuerySyntaxError(Exception):
    """A query that cannot be read. `position` counts characters from 1."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"at character {position}: {reason}")
        self.position, self.reason = position, reason


@dataclass(frozen=True)
class Term:
    """One condition. `values` are the actions of a wildcard; otherwise it is one, without the star of a prefix."""

    field: Field
    values: tuple[str, ...]
    is_negated: bool = False
    is_prefix: bool = False


@dataclass(frozen=True)
class Query:
    """Conditions that all hold, from `since` to before `until`."""

    terms: tuple[Term, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    def find(self, field: Field, *, is_negated: bool = False) -> list[Term]:
        """The terms about a field."""
        return [term for term in self.terms if term.field is field and term.is_negated == is_negated]


def parse_query(text: str) -> Query:
    """Raises QuerySyntaxError."""
    if len(text) > LONGEST:
        raise QuerySyntaxError(LONGEST + 1, f"a query has at most {LONGEST} characters")
    if "\x00" in text:
        raise QuerySyntaxError(text.index("\x00") + 1, "a character that no text has")
    terms: list[Term] = []
    times: dict[Field, datetime] = {}
    for found in _split(text):
        field, value, position = _read_field(found), found["quoted"] or found["bare"] or "", found.start() + 1
        if field in {Field.FROM, Field.TO}:
            if found["minus"] or field in times:
                raise QuerySyntaxError(position, f"{field}: stands once and without a minus")
            times[field] = _read_time(value, position, is_end=field is Field.TO)
        else:
            terms.append(_read_term(field, value, position, is_quoted=found["bare"] is None, minus=found["minus"]))
            if len(terms) > MOST_TERMS:
                raise QuerySyntaxError(position, f"a query has at most {MOST_TERMS} terms")
    return Query(tuple(terms), times.get(Field.FROM), times.get(Field.TO))


def _split(text: str) -> Iterator[re.Match[str]]:
    at = 0
    while rest := text[at:].lstrip():
        at = len(text) - len(rest)
        found = TERM.match(text, at)
        if found is None:
            bad = "a quote is not closed" if rest.count('"') % 2 else "a quote stands within a word"
            raise QuerySyntaxError(at + 1, bad if '"' in rest else "nothing to look for")
        yield found
        at = found.end()


def _read_field(found: re.Match[str]) -> Field:
    name = (found["name"] or "text").lower()
    if name not in QUALIFIERS and found["name"]:
        hint = _suggest(name, QUALIFIERS) or f"; there are {', '.join(QUALIFIERS)}; a colon in text wants quotes"
        raise QuerySyntaxError(found.start("name") + 1, f"no qualifier is named {found['name']}{hint}")
    return Field(name)


def _read_term(field: Field, value: str, position: int, *, is_quoted: bool, minus: str) -> Term:
    is_prefix = field in WITH_PREFIX and not is_quoted and value.endswith("*")
    value = value.removesuffix("*") if is_prefix else value
    if not value.strip():
        raise QuerySyntaxError(
            position, f"{field}: wants a value" if field is not Field.TEXT else "nothing to look for"
        )
    if is_prefix and field is Field.TEXT and len(value) < SHORTEST_PREFIX:
        raise QuerySyntaxError(position, f"at least {SHORTEST_PREFIX} letters stand before *")
    values: tuple[str, ...] = (value,)
    if field is Field.ACTION:
        values = _read_actions(value, position)
    elif field is Field.OUTCOME:
        values = (_choose(value, Outcome, position, "outcome"),)
    return Term(field, values, is_negated=bool(minus), is_prefix=is_prefix)


def _read_actions(value: str, position: int) -> tuple[str, ...]:
    if not value.endswith("*"):
        return (_choose(value, Action, position, "action"),)
    start = value.removesuffix("*").lower()
    found = tuple(str(action) for action in Action if action.startswith(start))
    if not found:
        areas = sorted({f"{action.rsplit('.', 1)[0]}.*" for action in Action})
        raise QuerySyntaxError(position, f"no action begins with {start!r}{_suggest(value, areas)}")
    return found


def _choose(value: str, known: Iterable[str], position: int, what: str) -> str:
    names = [str(name) for name in known]
    if value.lower() not in names:
        hint = _suggest(value, names) or (f"; there are {', '.join(names)}" if len(names) < len(QUALIFIERS) else "")
        raise QuerySyntaxError(position, f"no {what} is named {value!r}{hint}")
    return value.lower()


def _read_time(value: str, position: int, *, is_end: bool) -> datetime:
    """A day as an end is meant whole."""
    try:
        found = datetime.fromisoformat(value)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found + timedelta(days=1) if is_end and DAY.fullmatch(value) else found
    except (ValueError, OverflowError):
        raise QuerySyntaxError(position, f"{value!r} is no time, as 2026-11-05 or 2026-11-05T12:00Z are") from None


def _suggest(value: str, known: Iterable[str]) -> str:
    close = get_close_matches(value.lower(), [*known], n=1)
    return f"; did you mean {close[0]}?" if close else ""
