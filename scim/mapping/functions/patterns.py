"""Functions with regular expressions, run by RE2: the time grows with the text and never explodes.

A pattern is written in the expression and never made from data, so that it is compiled and refused once.
"""

from typing import Any, Final

import re2

from scim.mapping import limits
from scim.mapping.errors import ExpressionError
from scim.mapping.functions.definition import TEXT, Function, one
from scim.mapping.run import Run
from scim.mapping.values import Kind


def _compile_pattern(pattern: str) -> Any:
    if len(pattern) > limits.PATTERN_CHARACTERS:
        raise ExpressionError(f"a pattern is longer than {limits.PATTERN_CHARACTERS} characters")
    options = re2.Options()
    options.max_mem = limits.PATTERN_MEMORY
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error:
        hint = "RE2 knows neither look-around nor references back"
        raise ExpressionError("the pattern is no regular expression of RE2", hint=hint) from None


def _matches(run: Run, text: str, pattern: Any) -> bool:
    _spend_on_search(run, text, pattern)
    return pattern.search(text) is not None


def _extract(run: Run, text: str, pattern: Any) -> str | None:
    _spend_on_search(run, text, pattern)
    found = pattern.search(text)
    if found is None:
        return None
    extracted: str | None = found[1] if pattern.groups else found[0]
    return extracted


def _spend_on_search(run: Run, text: str, pattern: Any) -> None:
    """RE2 goes through the text once, at worst with every position of the pattern at each character."""
    run.spend(len(text) * len(pattern.pattern) // (limits.CHARACTERS_PER_FUEL * 8))


_PATTERN: Final = one("pattern", Kind.TEXT, prepare=_compile_pattern)

PATTERN_FUNCTIONS: Final = (
    Function("matches", (TEXT, _PATTERN), Kind.TRUTH, _matches, "whether the pattern is found anywhere in the text",
             (("user.employeeNumber.matches('^E[0-9]+$')", "true"),), empty=False, uses_run=True),
    Function("extract", (TEXT, _PATTERN), Kind.TEXT, _extract,
             "what the first group of the pattern finds, or the pattern itself where it has none; empty if nothing",
             (("user.employeeNumber.extract('[0-9]+')", '"4711"'),), uses_run=True),
)  # fmt: skip
