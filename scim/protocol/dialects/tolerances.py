"""The deviations that are accepted with a warning: one row each, with the refusal a strict client gets instead.

The row numbers (T03) are those of the published tolerance table. What is accepted without a warning needs no row here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from scim.protocol.errors import ScimType


class WarningCode(StrEnum):
    BOOL_STRING = "W_BOOL_STRING"
    REMOVE_VALUE = "W_REMOVE_VALUE"
    DOTTED_KEY = "W_DOTTED_KEY"
    MANAGER_FORM = "W_MANAGER_FORM"
    CREATED_ON_REPLACE = "W_CREATED_ON_REPLACE"
    UNKNOWN_ATTR = "W_UNKNOWN_ATTR"
    SCHEMA_URI = "W_SCHEMA_URI"
    NO_SCHEMAS = "W_NO_SCHEMAS"
    GROUPS_IGNORED = "W_GROUPS_IGNORED"
    UNQUOTED = "W_UNQUOTED"
    NULL_REPLACE = "W_NULL_REPLACE"
    UNKNOWN_MEMBER = "W_UNKNOWN_MEMBER"
    ID_MISMATCH = "W_ID_MISMATCH"
    ROLE_JSON = "W_ROLE_JSON"
    TWO_PRIMARIES = "W_TWO_PRIMARIES"
    LEGACY_DOT = "W_LEGACY_DOT"


@dataclass(frozen=True)
class Tolerance:
    """`rows` of the table, the keyword of the RFC's error, and what came, as a sentence without people's data."""

    rows: tuple[str, ...]
    scim_type: ScimType
    sentence: str


_SYNTAX: Final = ScimType.INVALID_SYNTAX
_VALUE: Final = ScimType.INVALID_VALUE

TOLERANCES: Final[Mapping[WarningCode, Tolerance]] = MappingProxyType(
    {
        WarningCode.BOOL_STRING: Tolerance(("T03", "T48"), _VALUE, "A boolean came as text"),
        WarningCode.REMOVE_VALUE: Tolerance(("T04", "T05"), _SYNTAX, "A remove operation came with a value"),
        WarningCode.DOTTED_KEY: Tolerance(("T08",), _SYNTAX, "A member of an object is named by a path"),
        WarningCode.MANAGER_FORM: Tolerance(("T10",), _VALUE, "The manager came in another form than an object"),
        WarningCode.CREATED_ON_REPLACE: Tolerance(
            ("T11",), ScimType.NO_TARGET, "A replace operation matched no value and created one"
        ),
        WarningCode.UNKNOWN_ATTR: Tolerance(("T12",), _SYNTAX, "An attribute is unknown and was left out"),
        WarningCode.SCHEMA_URI: Tolerance(("T14",), _SYNTAX, "A schema URI is wrong"),
        WarningCode.NO_SCHEMAS: Tolerance(("T15",), _SYNTAX, "The body names no schemas"),
        WarningCode.GROUPS_IGNORED: Tolerance(
            ("T18",), ScimType.MUTABILITY, "Groups came with a user; membership changes through the group alone"
        ),
        WarningCode.UNQUOTED: Tolerance(("T24",), ScimType.INVALID_FILTER, "A filter's value has no quotes"),
        WarningCode.NULL_REPLACE: Tolerance(("T36",), _VALUE, "Values were replaced by null"),
        WarningCode.UNKNOWN_MEMBER: Tolerance(("T37",), _VALUE, "A member is unknown and was kept as pending"),
        WarningCode.ID_MISMATCH: Tolerance(("T39",), ScimType.MUTABILITY, "The id in the body isn't the one addressed"),
        WarningCode.ROLE_JSON: Tolerance(("T47",), _VALUE, "A role came as JSON inside text"),
        WarningCode.TWO_PRIMARIES: Tolerance(("T49",), _VALUE, "Two values were primary; the first stayed so"),
        WarningCode.LEGACY_DOT: Tolerance(
            ("T62",), ScimType.INVALID_PATH, "A dot separates a schema's URN from the attribute"
        ),
    },
)
