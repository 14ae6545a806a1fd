"""Functions that choose or convert a value, and those that ask about the surroundings of the resource."""

import re
from collections.abc import Mapping
from typing import Final

from scim.mapping.errors import ExpressionError, UnresolvedReferenceError, suggest
from scim.mapping.functions.definition import Function, one
from scim.mapping.run import Run
from scim.mapping.values import Kind, Value, check_whole, is_same
from scim.protocol.folding import fold_text

_WHOLE: Final = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_TRUTHS: Final[Mapping[str, bool]] = {
    "true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False,
}  # fmt: skip
_LARGEST_EXACT: Final = 2**53


def _coalesce(*values: Value) -> Value:
    return next((value for value in values if value not in (None, "")), None)


def _switch(run: Run, value: Value, default: Value, *cases: Value) -> Value:
    pairs = zip(cases[::2], cases[1::2], strict=True)
    return next((result for key, result in pairs if is_same(value, key, run)), default)


def _is_present(value: Value) -> bool:
    return value is not None and value not in ("", [], {})


def _to_int(value: Value) -> int:
    if isinstance(value, str):
        if not _WHOLE.fullmatch(value.strip()):
            raise ExpressionError("toInt finds no whole number in the text")
        return check_whole(int(value.strip()))
    if isinstance(value, float) and abs(value) > _LARGEST_EXACT:
        raise ExpressionError("the fraction is too large for a whole number")
    return int(value)


def _to_text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_EXACT:
        return str(int(value))
    return str(value)


def _to_bool(value: Value) -> bool:
    found = _TRUTHS.get(value.strip().lower()) if isinstance(value, str) else bool(value)
    if found is None:
        raise ExpressionError("toBool finds neither yes nor no in the text")
    return found


def _lookup(run: Run, table: str, key: str | None, default: Value = None) -> Value:
    tables = run.surroundings.tables
    if table not in tables:
        raise ExpressionError(f"there is no table '{table[:60]}'", hint=suggest(table, tables))
    return default if key is None else tables[table].get(key, default)


def _member_of(run: Run, name: str) -> bool:
    folded = fold_text(name)
    return any(fold_text(group) == folded for group in run.surroundings.groups)


def _ref(run: Run, value: Value) -> str | None:
    resource_id = value.get("value") if isinstance(value, dict) else value
    if not isinstance(resource_id, str) or not resource_id:
        return None
    found = run.surroundings.find_reference(resource_id)
    if found is None:
        raise UnresolvedReferenceError(resource_id)
    return found


_VALUE: Final = one("value", takes_empty=True)
_TABLE: Final = one("table", Kind.TEXT, prepare=lambda name: name)
_KEY: Final = one("key", Kind.TEXT, takes_empty=True)
_DEFAULT: Final = one("default", takes_empty=True, is_optional=True)
_CASE: Final = one("key, value", takes_empty=True, is_optional=True, is_repeated=True)
_SIMPLE: Final = one("value", Kind.TEXT, Kind.TRUTH, Kind.WHOLE, Kind.FRACTION)

CHOICE_FUNCTIONS: Final = (
    Function("coalesce", (_VALUE, one("other", takes_empty=True, is_optional=True, is_repeated=True)), Kind.ANY,
             _coalesce, "the first value that is neither empty nor text without characters",
             (("coalesce(user.nickName, user.name.givenName)", '"Zoë"'),)),
    Function("switch", (_VALUE, one("default", takes_empty=True), _CASE), Kind.ANY, _switch,
             "the value behind the key that equals the first, else the default",
             (("switch(user.userType, 'other', 'Employee', 'staff', 'Contractor', 'guest')", '"staff"'),),
             uses_run=True),
    Function("isPresent", (_VALUE,), Kind.TRUTH, _is_present, "whether there is anything in it",
             (("isPresent(user.nickName)", "false"),)),
    Function("toInt", (_SIMPLE,), Kind.WHOLE, _to_int, "as a whole number; what follows the point is cut off",
             (("' 42 '.toInt()", "42"),)),
    Function("toText", (_SIMPLE,), Kind.TEXT, _to_text, "as text", (("toText(42)", '"42"'),)),
    Function("toBool", (one("value", Kind.TEXT, Kind.TRUTH, Kind.WHOLE),), Kind.TRUTH, _to_bool,
             "true for true, yes, on, 1 and numbers but 0; false for false, no, off and 0",
             (("'Yes'.toBool()", "true"),)),
    Function("lookup", (_TABLE, _KEY, _DEFAULT), Kind.ANY, _lookup,
             "what the tenant's table has for the key, else the default",
             (("lookup('costCenters', user.costCenter, '0000')", '"7100"'),),
             uses_run=True),
    Function("memberOf", (one("group", Kind.TEXT),), Kind.TRUTH, _member_of,
             "whether the resource is in the group of that name",
             (("memberOf('Engineering')", "true"),), empty=False, uses_run=True),
    Function("ref", (one("value", Kind.TEXT, Kind.OBJECT),), Kind.TEXT, _ref,
             "the id that the resource referred to has at the target; the resource waits as long as it has none",
             (("ref(user.manager)", '"target-7"'),), uses_run=True),
)  # fmt: skip
