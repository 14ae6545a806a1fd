"""What a person types to search a log, as in `actor:okta -outcome:denied from:2026-11-01 "ada lovelace"`.

Pure: text and a vocabulary in, a Query out. A qualifier that is repeated asks for any of its values, different ones for
all of them, and a minus takes away. Free text is sought as a whole; `from:` and `to:` are times in every vocabulary.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Final

LONGEST, MOST_TERMS, MOST_NAMED = 1024, 32, 12
TERM = re.compile(r'(?P<minus>-?)(?:(?P<name>[A-Za-z_]+):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]*))(?=\s|$)')
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
TEXT: Final = "text"  # the field of a term without a qualifier
FROM, TO = "from", "to"
Reader = Callable[[str, int], tuple[str, ...]]


class QuerySyntaxError(Exception):
    """A query that cannot be read. `position` counts characters from 1."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"at character {position}: {reason}")
        self.position, self.reason = position, reason


@dataclass(frozen=True)
class Term:
    """One condition. `values` are more than one where a wildcard stands for them; a prefix has lost its star."""

    field: str
    values: tuple[str, ...]
    is_negated: bool = False
    is_prefix: bool = False


@dataclass(frozen=True)
class Query:
    """Conditions that all hold, from `since` to before `until`."""

    terms: tuple[Term, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    def find(self, name: str, *, is_negated: bool = False) -> list[Term]:
        """The terms about a field."""
        return [term for term in self.terms if term.field == name and term.is_negated == is_negated]


@dataclass(frozen=True)
class Vocabulary:
    """What may be asked of a log. A star ends what is `prefixed` (so many letters before it at least); a reader makes
    the values of what was typed, or raises QuerySyntaxError.
    """

    qualifiers: tuple[str, ...]
    prefixed: Mapping[str, int]
    readers: Mapping[str, Reader] = field(default_factory=dict)

    def parse(self, text: str) -> Query:
        """Raises QuerySyntaxError."""
        if len(text) > LONGEST:
            raise QuerySyntaxError(LONGEST + 1, f"a query has at most {LONGEST} characters")
        if "\x00" in text:
            raise QuerySyntaxError(text.index("\x00") + 1, "a character that no text has")
        terms: list[Term] = []
        times: dict[str, datetime] = {}
        for found in _split(text):
            name, value, position = self._read_name(found), found["quoted"] or found["bare"] or "", found.start() + 1
            if name in {FROM, TO}:
                if found["minus"] or name in times:
                    raise QuerySyntaxError(position, f"{name}: stands once and without a minus")
                times[name] = _read_time(value, position, is_end=name == TO)
            else:
                is_quoted = found["bare"] is None
                terms.append(self._read_term(name, value, position, is_quoted=is_quoted, minus=found["minus"]))
                if len(terms) > MOST_TERMS:
                    raise QuerySyntaxError(position, f"a query has at most {MOST_TERMS} terms")
        return Query(tuple(terms), times.get(FROM), times.get(TO))

    def _read_name(self, found: re.Match[str]) -> str:
        if not found["name"]:
            return TEXT
        known = {name.lower(): name for name in self.qualifiers}
        name = found["name"].lower()
        if name not in known:
            close = suggest(name, known)
            hint = (
                f"; did you mean {known[close]}?"
                if close
                else (f"; there are {', '.join(self.qualifiers)}; a colon in text wants quotes")
            )
            raise QuerySyntaxError(found.start("name") + 1, f"no qualifier is named {found['name']}{hint}")
        return known[name]

    def _read_term(self, name: str, value: str, position: int, *, is_quoted: bool, minus: str) -> Term:
        is_prefix = name in self.prefixed and not is_quoted and value.endswith("*")
        value = value.removesuffix("*") if is_prefix else value
        if not value.strip():
            raise QuerySyntaxError(position, f"{name}: wants a value" if name != TEXT else "nothing to look for")
        if is_prefix and len(value) < self.prefixed[name]:
            raise QuerySyntaxError(position, f"at least {self.prefixed[name]} letters stand before *")
        reader = self.readers.get(name)
        return Term(name, reader(value, position) if reader else (value,), bool(minus), is_prefix)


def choose(value: str, known: Iterable[str], position: int, what: str) -> str:
    """The known name that was meant, whatever its case. Raises QuerySyntaxError."""
    names = {str(name).lower(): str(name) for name in known}
    if value.lower() not in names:
        close = suggest(value, names)
        hint = f"; did you mean {names[close]}?" if close else ""
        hint = hint or (f"; there are {', '.join(names.values())}" if len(names) < MOST_NAMED else "")
        raise QuerySyntaxError(position, f"no {what} is named {value!r}{hint}")
    return names[value.lower()]


def suggest(value: str, known: Iterable[str]) -> str:
    """The name that comes close, or nothing."""
    close = get_close_matches(value.lower(), [*known], n=1)
    return close[0] if close else ""


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


def _read_time(value: str, position: int, *, is_end: bool) -> datetime:
    """A day as an end is meant whole."""
    try:
        found = datetime.fromisoformat(value)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found + timedelta(days=1) if is_end and DAY.fullmatch(value) else found
    except (ValueError, OverflowError):
        raise QuerySyntaxError(position, f"{value!r} is no time, as 2026-11-05 or 2026-11-05T12:00Z are") from None
