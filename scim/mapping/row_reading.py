"""Rows of plain values, strictly: what is no field, or of the wrong kind, is a problem with its row and field."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, TypeAlias

from scim.mapping import limits
from scim.mapping.errors import suggest
from scim.mapping.rows import (
    LONGEST_TEXT,
    MOST_CANDIDATES,
    MOST_ROWS,
    Apply,
    MappingError,
    MappingRow,
    MappingSet,
    MatchBy,
    Multi,
    OnNull,
    RowKind,
    RowProblem,
)

# What is expected, and whether a value is that.
Check: TypeAlias = tuple[str, Callable[[Any], bool]]


def read_rows(plain: Any) -> tuple[MappingRow, ...]:
    """Raises MappingError with everything that is wrong."""
    problems: list[RowProblem] = []
    rows = _read_rows(plain, problems)
    if problems:
        raise MappingError(problems)
    return rows


def read_mapping(plain: Any) -> MappingSet:
    """A whole mapping as `MappingSet.to_dict` gives it; without a `rows` it is taken for the rows alone.

    Raises MappingError with everything that is wrong.
    """
    if isinstance(plain, list):
        return MappingSet(read_rows(plain))
    problems = _check_fields(0, plain, SET_CHECKS, needed="rows")
    named = plain if isinstance(plain, dict) else {}
    rows = _read_rows(named.get("rows", []), problems)
    if problems:
        raise MappingError(problems)
    return MappingSet(**{**named, "rows": rows})


def _read_rows(plain: Any, problems: list[RowProblem]) -> tuple[MappingRow, ...]:
    if not isinstance(plain, list) or len(plain) > MOST_ROWS:
        problems.append(RowProblem(0, "rows", f"a list of at most {MOST_ROWS} rows is expected"))
        return ()
    rows = []
    for number, values in enumerate(plain, 1):
        found = _check_fields(number, values, ROW_CHECKS, needed="target_path")
        problems.extend(found)
        if not found:
            rows.append(_read_row(values))
    return tuple(rows)


def _read_row(values: Mapping[str, Any]) -> MappingRow:
    told: dict[str, Any] = {name: ENUMS[name](value) if name in ENUMS else value for name, value in values.items()}
    return MappingRow(**{**told, "candidates": tuple(values.get("candidates", ()))})


def _check_fields(number: int, values: Any, checks: Mapping[str, Check], *, needed: str) -> list[RowProblem]:
    if not isinstance(values, dict):
        return [RowProblem(number, "row" if number else "mapping", "an object is expected")]
    problems = []
    for name, value in values.items():
        if name not in checks:
            told = f"there is no field '{str(name)[:60]}'"
            problems.append(RowProblem(number, str(name)[:60], told, suggest(str(name), checks)))
        elif not checks[name][1](value):
            problems.append(RowProblem(number, name, f"{checks[name][0]} is expected"))
    if needed not in values:
        problems.append(RowProblem(number, needed, f"{checks[needed][0]} is expected"))
    return problems


def _choice(kind: type[StrEnum]) -> Check:
    known = [one.value for one in kind]
    return f"one of {', '.join(known)}", lambda value: isinstance(value, str) and value in known


def _text(longest: int, *, least: int = 0) -> Check:
    return (
        f"text of {least or 'no'} to {longest} characters",
        lambda value: isinstance(value, str) and least <= len(value) <= longest and "\x00" not in value,
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= limits.INT_MAX


def _is_candidates(value: Any) -> bool:
    if not isinstance(value, list | tuple) or len(value) > MOST_CANDIDATES:
        return False
    return all(isinstance(one, str) and len(one) <= limits.SOURCE_CHARACTERS for one in value)


ENUMS: Final[Mapping[str, type[StrEnum]]] = {
    "kind": RowKind,
    "apply": Apply,
    "on_null": OnNull,
    "multi": Multi,
    "match_by": MatchBy,
}
_ANY: Final[Check] = ("a value", lambda _value: True)
ROW_CHECKS: Final[Mapping[str, Check]] = {
    **{name: _choice(kind) for name, kind in ENUMS.items()},
    "target_path": _text(LONGEST_TEXT, least=1),
    "source": _text(limits.SOURCE_CHARACTERS),
    "value": _ANY,
    "default": _ANY,
    "match_rank": ("a whole number from 1 on", lambda value: value is None or _is_count(value)),
    "candidates": (f"a list of at most {MOST_CANDIDATES} expressions", _is_candidates),
    "sensitive": ("true or false", lambda value: isinstance(value, bool)),
}
SET_CHECKS: Final[Mapping[str, Check]] = {
    "name": _text(LONGEST_TEXT),
    "version": ("a whole number from 1 on", _is_count),
    "resource_type": _text(LONGEST_TEXT, least=1),
    "language": ("a version of the language", lambda value: _is_count(value) and value in limits.VERSIONS),
    "rows": ("a list of rows", lambda value: isinstance(value, list)),
}
