"""What a person types to search the request log, as in `method:PATCH status:409 -outcome:done "ada lovelace"`.

The language is that of `labsninja.kernel.search_syntax`; here are the words. Free text is sought as it is typed, in
name, path, query and error.
"""

from enum import StrEnum
from http import HTTPMethod
from typing import Final

from labsninja.kernel.search_syntax import Query, QuerySyntaxError, Reader, Term, Vocabulary, choose
from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.errors import ScimType

__all__ = ["QUALIFIERS", "Query", "QuerySyntaxError", "RequestField", "Term", "parse_request_query"]

METHODS: Final = (HTTPMethod.GET, HTTPMethod.POST, HTTPMethod.PUT, HTTPMethod.PATCH, HTTPMethod.DELETE)
OUTCOMES: Final = ("done", "refused", "denied", "limited", "failed", "overflow")
OAUTH_ERRORS: Final = ("invalid_request", "invalid_client", "invalid_scope", "unsupported_grant_type")  # RFC 6749, 5.2
ANY: Final = "any"
HUNDRED = 100
STATUSES: Final = frozenset(str(status) for status in range(100, 600))


class RequestField(StrEnum):
    """What a term looks at; all but TEXT and the times are qualifiers of their own name."""

    TEXT = "text"
    METHOD = "method"
    STATUS = "status"
    OUTCOME = "outcome"
    SCIM_TYPE = "scimType"
    WARNING = "warning"
    USER = "user"
    GROUP = "group"
    CLIENT = "client"
    TOKEN = "token"  # noqa: S105  # a name, no secret
    ADDRESS = "address"
    REQUEST = "request"
    FROM = "from"
    TO = "to"


QUALIFIERS: Final = tuple(str(field) for field in RequestField if field is not RequestField.TEXT)


def parse_request_query(text: str) -> Query:
    """Raises QuerySyntaxError."""
    return VOCABULARY.parse(text)


def _read_status(value: str, position: int) -> tuple[str, ...]:
    """One, or all of a hundred as in 4xx."""
    if value[1:].lower() == "xx" and value[:1] in {"1", "2", "3", "4", "5"}:
        first = int(value[0]) * HUNDRED
        return tuple(str(status) for status in range(first, first + HUNDRED))
    if value not in STATUSES:
        raise QuerySyntaxError(position, f"{value!r} is no status, as 409 or 4xx are")
    return (value,)


def _read_warning(value: str, position: int) -> tuple[str, ...]:
    if value.lower() == ANY:
        return tuple(WarningCode)
    return (choose(value, WarningCode, position, "warning"),)


def _choose_of(known: tuple[str, ...], what: str) -> Reader:
    return lambda value, position: (choose(value, known, position, what),)


VOCABULARY: Final = Vocabulary(
    QUALIFIERS,
    {RequestField.TEXT: 1, RequestField.CLIENT: 1, RequestField.TOKEN: 1, RequestField.ADDRESS: 1},
    {
        RequestField.METHOD: _choose_of(METHODS, "method"),
        RequestField.STATUS: _read_status,
        RequestField.OUTCOME: _choose_of(OUTCOMES, "outcome"),
        RequestField.SCIM_TYPE: _choose_of((*ScimType, *OAUTH_ERRORS), "scimType"),
        RequestField.WARNING: _read_warning,
    },
)
