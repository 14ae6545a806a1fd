"""What is wrong with an expression, and where. Nothing else ever leaves the mapping language.

A message names words of the expression, attributes of the schema and kinds of values. It never repeats a value: those
are people's data, and messages are logged and shown.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

# Beyond this a word is no typing mistake, and comparing it would only take time.
_LONGEST_SUGGESTED: Final = 60


class ExpressionError(Exception):
    """`at` counts characters of the expression from 0; `line` and `column` from 1, as people do."""

    def __init__(self, message: str, at: int | None = None, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.hint = hint
        self.line = 1
        self.column = (at or 0) + 1

    def __str__(self) -> str:
        where = f"line {self.line}, column {self.column}" if self.line > 1 else f"column {self.column}"
        return f"{self.message} ({where})" + (f" - {self.hint}" if self.hint else "")


class LimitError(ExpressionError):
    """A bound of the language was passed: neither `||` nor `&&` goes on after it."""


class UnresolvedReferenceError(ExpressionError):
    """What `ref` names is not at the target yet: the resource waits for it."""

    def __init__(self, resource_id: str) -> None:
        super().__init__("the resource that ref names is not at the target yet")
        self.resource_id = resource_id


def locate(error: ExpressionError, source: str) -> ExpressionError:
    """The error with the line and column of its place in the source."""
    before = source[: error.at or 0]
    error.line = before.count("\n") + 1
    error.column = len(before) - (before.rfind("\n") + 1) + 1
    return error


def suggest(word: str, known: Iterable[str]) -> str:
    """A hint at the known word that was probably meant; empty when none is near."""
    if len(word) > _LONGEST_SUGGESTED:
        return ""
    by_lower = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), by_lower, n=1)
    return f"did you mean '{by_lower[found[0]]}'?" if found else ""


def placed(error: ExpressionError, at: int) -> ExpressionError:
    """The error with its place, unless it knows one nearer to its cause."""
    if error.at is None:
        error.at = at
    return error
