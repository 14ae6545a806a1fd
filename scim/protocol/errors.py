"""SCIM errors (RFC 7644 section 3.12, RFC 9865 section 2.1): the keywords, the exception, the body of the answer."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from scim.protocol import urns


class ScimType(StrEnum):
    """Every detail error keyword of table 9, then those of cursors."""

    INVALID_FILTER = "invalidFilter"
    TOO_MANY = "tooMany"
    UNIQUENESS = "uniqueness"
    MUTABILITY = "mutability"
    INVALID_SYNTAX = "invalidSyntax"
    INVALID_PATH = "invalidPath"
    NO_TARGET = "noTarget"
    INVALID_VALUE = "invalidValue"
    INVALID_VERS = "invalidVers"
    SENSITIVE = "sensitive"
    INVALID_CURSOR = "invalidCursor"
    EXPIRED_CURSOR = "expiredCursor"
    INVALID_COUNT = "invalidCount"


# Section 3.3 answers a duplicate with 409; every other keyword belongs to 400.
STATUS_BY_TYPE: Final[Mapping[ScimType, int]] = MappingProxyType(
    {keyword: 409 if keyword is ScimType.UNIQUENESS else 400 for keyword in ScimType},
)


LONGEST_DETAIL: Final = 1000


class ScimError(Exception):
    """A refusal as the wire tells it. Its detail names attributes, never another person's data."""

    def __init__(self, detail: str, *, scim_type: ScimType | None = None, status: int | None = None) -> None:
        super().__init__(detail)
        # A detail may repeat a name out of the request, and that can be as long as the request.
        self.detail = detail[:LONGEST_DETAIL]
        self.scim_type = scim_type
        self.status = status or (STATUS_BY_TYPE[scim_type] if scim_type else 400)


def invalid_syntax(detail: str) -> ScimError:
    return ScimError(detail, scim_type=ScimType.INVALID_SYNTAX)


def invalid_value(detail: str) -> ScimError:
    return ScimError(detail, scim_type=ScimType.INVALID_VALUE)


def error_body(error: ScimError) -> dict[str, Any]:
    """The JSON of an error response; `status` is text, as section 3.12 has it."""
    body: dict[str, Any] = {"schemas": [urns.ERROR], "status": str(error.status), "detail": error.detail}
    if error.scim_type:
        body["scimType"] = error.scim_type.value
    return body
