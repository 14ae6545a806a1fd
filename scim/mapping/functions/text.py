"""Functions on text. Those that lengthen it know the length beforehand, and stop where it passes the bound."""

import re
from hashlib import sha256
from typing import Final

from anyascii import anyascii

from scim.mapping import limits
from scim.mapping.errors import ExpressionError
from scim.mapping.functions.definition import TEXT, Function, one
from scim.mapping.run import Run
from scim.mapping.values import Kind, check_list, text_too_long

_WORD: Final = re.compile(r"[^\s-]+")
_NOT_IN_SLUG: Final = re.compile(r"[^a-z0-9]+")
_SEPARATOR: Final = one("separator", Kind.TEXT)


def _replace(text: str, old: str, new: str) -> str:
    if not old:
        raise ExpressionError("replace needs a text to look for")
    if len(text) + text.count(old) * (len(new) - len(old)) > limits.TEXT_CHARACTERS:
        raise text_too_long()
    return text.replace(old, new)


def _split(run: Run, text: str, separator: str) -> list[str]:
    if not separator:
        raise ExpressionError("split needs a separator")
    parts = check_list(text.split(separator, limits.LIST_ELEMENTS + 1))
    run.spend(len(parts))
    return parts


def _join(values: list[str | None], separator: str = "") -> str:
    parts = [value for value in values if value is not None]
    if not all(isinstance(part, str) for part in parts):
        raise ExpressionError("join takes a list of texts", hint="use .map(e, toText(e)) first")
    if sum(map(len, parts)) + len(separator) * len(parts) > limits.TEXT_CHARACTERS + len(separator):
        raise text_too_long()
    return separator.join(parts)


def _substring(text: str, start: int, end: int | None = None) -> str:
    if start < 0 or (end is not None and end < 0):
        raise ExpressionError("substring counts from 0 on")
    return text[start:end]


def _after(text: str, separator: str) -> str:
    return text.partition(separator)[2] if separator else text


def _before(text: str, separator: str) -> str:
    return text.partition(separator)[0] if separator else text


def _title(text: str) -> str:
    return _WORD.sub(lambda word: word[0][:1].upper() + word[0][1:].lower(), text)


def _slug(text: str) -> str:
    return _NOT_IN_SLUG.sub("-", anyascii(text).lower()).strip("-")


def _read_characters(ranges: str) -> frozenset[str]:
    """`a-z0-9._-`: ranges and single characters; a hyphen at either end is itself."""
    found: set[str] = set()
    at = 0
    while at < len(ranges):
        first, last = ranges[at], ranges[at]
        if ranges[at + 1 : at + 2] == "-" and at + 2 < len(ranges):
            last = ranges[at + 2]
            at += 2
        if last < first:
            raise ExpressionError("a range of onlyChars ends before it begins")
        if ord(last) - ord(first) > limits.LIST_ELEMENTS:
            raise ExpressionError("a range of onlyChars is too wide")
        found.update(map(chr, range(ord(first), ord(last) + 1)))
        at += 1
    return frozenset(found)


def _only_chars(run: Run, text: str, characters: frozenset[str]) -> str:
    run.spend_on(text)
    return "".join(character for character in text if character in characters)


TEXT_FUNCTIONS: Final = (
    Function("lower", (TEXT,), Kind.TEXT, str.lower, "in small letters",
             (("user.userName.lower()", '"zoë.müller@example.com"'),)),
    Function("upper", (TEXT,), Kind.TEXT, str.upper, "in capitals", (("'de'.upper()", '"DE"'),)),
    Function("title", (TEXT,), Kind.TEXT, _title, "each word with a capital; words end at blanks and hyphens",
             (("'anna-maria o\\'neil'.title()", '"Anna-Maria O\'neil"'),)),
    Function("trim", (TEXT,), Kind.TEXT, str.strip, "without blanks at its ends",
             (("'  Zoë '.trim()", '"Zoë"'),)),
    Function("replace", (TEXT, one("old", Kind.TEXT), one("new", Kind.TEXT)), Kind.TEXT, _replace,
             "every occurrence replaced", (("'a.b.c'.replace('.', '-')", '"a-b-c"'),)),
    Function("split", (TEXT, _SEPARATOR), Kind.LIST, _split, "the parts between separators",
             (("'a,b'.split(',')", '["a","b"]'),), uses_run=True),
    Function("join", (one("list", Kind.LIST), one("separator", Kind.TEXT, is_optional=True)), Kind.TEXT, _join,
             "the texts of a list as one; empty ones are left out",
             (("[user.name.givenName, user.nickName, user.name.familyName].join(' ')", '"Zoë Müller"'),)),
    Function("substring", (TEXT, one("start", Kind.WHOLE), one("end", Kind.WHOLE, is_optional=True)), Kind.TEXT,
             _substring, "from start (counted from 0) up to, not including, end",
             (("'abcdef'.substring(1, 3)", '"bc"'),)),
    Function("before", (TEXT, _SEPARATOR), Kind.TEXT, _before, "what stands before the first separator, or all of it",
             (("user.userName.before('@')", '"Zoë.Müller"'),)),
    Function("after", (TEXT, _SEPARATOR), Kind.TEXT, _after, "what stands after the first separator, or nothing",
             (("user.userName.after('@')", '"example.com"'),)),
    Function("contains", (TEXT, one("part", Kind.TEXT)), Kind.TRUTH, str.__contains__,
             "whether the text holds the part", (("user.title.contains('Engineer')", "true"),), empty=False),
    Function("startsWith", (TEXT, one("part", Kind.TEXT)), Kind.TRUTH, str.startswith,
             "whether the text begins so", (("user.title.startsWith('Chief')", "false"),), empty=False),
    Function("endsWith", (TEXT, one("part", Kind.TEXT)), Kind.TRUTH, str.endswith,
             "whether the text ends so", (("user.userName.endsWith('.com')", "true"),), empty=False),
    Function("toAscii", (TEXT,), Kind.TEXT, anyascii, "written in US-ASCII, whatever the script",
             (("user.name.familyName.toAscii()", '"Muller"'),)),
    Function("slug", (TEXT,), Kind.TEXT, _slug, "small US-ASCII letters and digits, all else a hyphen",
             (("user.displayName.slug()", '"zoe-muller"'),)),
    Function("onlyChars", (TEXT, one("characters", Kind.TEXT, prepare=_read_characters)), Kind.TEXT, _only_chars,
             "without any other characters; ranges as in `a-z0-9._-`",
             (("'+49 (30) 12'.onlyChars('+0-9')", '"+493012"'),), uses_run=True),
    Function("hash8", (TEXT,), Kind.TEXT, lambda text: sha256(text.encode()).hexdigest()[:8],
             "eight hexadecimal digits that follow from the text (SHA-256)", (("'zoe'.hash8()", '"9d017e26"'),)),
)  # fmt: skip
