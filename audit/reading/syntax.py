"""What a person types to search the history, as in `actor:okta action:scim.user.* -outcome:denied "ada lovelace"`.

The language is that of `labsninja.kernel.search_syntax`; here are the words. Free text asks for events with all its
words; `*` at the end stands for any further letters.
"""

from enum import StrEnum
from typing import Final

from audit.actions import Action, Outcome
from labsninja.kernel.search_syntax import Query, QuerySyntaxError, Term, Vocabulary, choose, suggest

__all__ = ["QUALIFIERS", "Field", "Query", "QuerySyntaxError", "Term", "parse_query"]

SHORTEST_PREFIX: Final = 3


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


def parse_query(text: str) -> Query:
    """Raises QuerySyntaxError."""
    return VOCABULARY.parse(text)


def _read_actions(value: str, position: int) -> tuple[str, ...]:
    if not value.endswith("*"):
        return (choose(value, Action, position, "action"),)
    start = value.removesuffix("*").lower()
    found = tuple(str(action) for action in Action if action.startswith(start))
    if not found:
        close = suggest(value, sorted({f"{action.rsplit('.', 1)[0]}.*" for action in Action}))
        hint = f"; did you mean {close}?" if close else ""
        raise QuerySyntaxError(position, f"no action begins with {start!r}{hint}")
    return found


def _read_outcome(value: str, position: int) -> tuple[str, ...]:
    return (choose(value, Outcome, position, "outcome"),)


VOCABULARY: Final = Vocabulary(
    QUALIFIERS,
    {Field.TEXT: SHORTEST_PREFIX, Field.ACTOR: 1, Field.ADDRESS: 1},
    {Field.ACTION: _read_actions, Field.OUTCOME: _read_outcome},
)
