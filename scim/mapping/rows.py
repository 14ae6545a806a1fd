"""Rows of a mapping: each says what one attribute at the target is made of. A mapping is its rows, with a name and a
version.

Plain values go in and out (`read_mapping`, `MappingSet.to_dict`), for columns of JSON and for files.
"""

from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from typing import Any, Final

from scim.mapping import limits

MOST_ROWS: Final = 200
MOST_CANDIDATES: Final = 10
LONGEST_TEXT: Final = 500  # of a path or a name


class RowKind(StrEnum):
    """DIRECT reads an attribute, CONSTANT is a value, EXPRESSION is evaluated, NONE leaves the attribute alone."""

    DIRECT = "direct"
    CONSTANT = "constant"
    EXPRESSION = "expression"
    NONE = "none"


class Apply(StrEnum):
    """ON_CREATE: the value is given to what is new, and stays."""

    ALWAYS = "always"
    ON_CREATE = "on_create"


class OnNull(StrEnum):
    """What an empty value does: leave what was written before, clear it, or give way to the default."""

    SKIP = "skip"
    CLEAR = "clear"
    DEFAULT = "default"


class Multi(StrEnum):
    """What becomes of values written before: replaced, replaced where a new one has their type, or all kept."""

    REPLACE = "replace"
    MERGE_BY_TYPE = "merge_by_type"
    ADD_ONLY = "add_only"


class MatchBy(StrEnum):
    """When two values are the same: to the letter, case aside, or as they are written in US-ASCII, case aside."""

    EXACT = "exact"
    CASELESS = "caseless"
    ASCII_FOLD = "ascii_fold"


@dataclass(frozen=True)
class MappingRow:
    """`target_path` is a SCIM path, also emails[type eq "work"].value.

    `source` is the path of an attribute for DIRECT and an expression for EXPRESSION; `value` is that of CONSTANT.
    `candidates` are expressions tried in their order for a value that has to be unique over there; "{n}" in what one
    gives becomes digits that follow from the resource. Rows of one `match_rank` are together what a resource is looked
    for by, 1 first. Values of a `sensitive` row are shown to nobody.
    """

    target_path: str
    kind: RowKind = RowKind.DIRECT
    source: str = ""
    value: Any = None
    apply: Apply = Apply.ALWAYS
    on_null: OnNull = OnNull.CLEAR
    default: Any = None
    match_rank: int | None = None
    match_by: MatchBy = MatchBy.CASELESS
    multi: Multi = Multi.REPLACE
    candidates: tuple[str, ...] = ()
    sensitive: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain values, without those that are as usual."""
        told = {found.name: getattr(self, found.name) for found in fields(self)}
        usual = {found.name: found.default for found in fields(self) if found.default is not MISSING}
        return {name: _plain(value) for name, value in told.items() if name not in usual or value != usual[name]}


@dataclass(frozen=True)
class MappingSet:
    """A mapping for one type of resource. `language` is the version of the expressions in it."""

    rows: tuple[MappingRow, ...] = ()
    name: str = ""
    version: int = 1
    resource_type: str = "User"
    language: int = limits.VERSION

    def to_dict(self) -> dict[str, Any]:
        named = {"name": self.name, "version": self.version, "resource_type": self.resource_type}
        return {**named, "language": self.language, "rows": [row.to_dict() for row in self.rows]}


@dataclass(frozen=True)
class RowProblem:
    """Something that is wrong with a row, counted from 1; 0 is the mapping as a whole.

    `field` is that of the row; `line` and `column` are in its expression, from 1, where it is one.
    """

    row: int
    field: str
    told: str
    hint: str = ""
    column: int | None = None
    line: int = 1

    def __str__(self) -> str:
        place = f"row {self.row}, {self.field}" if self.row else self.field
        column = "" if self.column is None else f", column {self.column}"
        line = f", line {self.line}" if self.line > 1 else ""
        return f"{place}{line}{column}: {self.told}" + (f" - {self.hint}" if self.hint else "")


class MappingError(ValueError):
    """A mapping that can't be; `problems` are all there are, in the order of the rows."""

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.row))
        super().__init__("; ".join(map(str, self.problems)))


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value
