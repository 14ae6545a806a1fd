"""A PATCH request as operations (RFC 7644 section 3.5.2). Paths and values are not looked at yet.

Tolerances: T01 and T02 (case), T15 (no `schemas`), T16 (`path: null`), T63 (other members of an operation).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scim.protocol import bounds, urns
from scim.protocol.dialects.base import Reading
from scim.protocol.errors import ScimError, ScimType, invalid_syntax, invalid_value
from scim.protocol.folding import fold_name
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.messages import read_members

_OPERATIONS: Final = "Operations"
_MEMBERS: Final = frozenset({"op", "path", "value"})


class Op(StrEnum):
    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"


@dataclass(frozen=True)
class Operation:
    """One operation as it came; `path` is None where the whole resource is meant, and `value` where there is none."""

    op: Op
    path: str | None
    value: Json = None


def read_patch_request(body: JsonObject, *, reading: Reading) -> tuple[Operation, ...]:
    """The operations of a PatchOp message, one at least.

    Raises ScimError 400 invalidSyntax, invalidPath, noTarget or invalidValue, and 413 beyond 1,000 operations.
    """
    operations = read_members(body, [_OPERATIONS], urn=urns.PATCH_OP, reading=reading).get(_OPERATIONS)
    if not isinstance(operations, list) or not operations:
        raise invalid_syntax("Operations has to be an array of one operation or more.")
    if len(operations) > bounds.PATCH_OPERATIONS:
        raise ScimError(f"A request may hold {bounds.PATCH_OPERATIONS} operations.", status=413)
    return tuple(_read_operation(raw, f"{_OPERATIONS}[{index}]") for index, raw in enumerate(operations))


def _read_operation(raw: Json, where: str) -> Operation:
    if not isinstance(raw, dict):
        raise invalid_syntax(f"{where} has to be an object.")
    members: JsonObject = {}
    for name, value in raw.items():
        known = fold_name(name)
        if known in members:
            raise invalid_syntax(f"{where}.{known} is named twice.")
        if known in _MEMBERS:
            members[known] = value
    operation = Operation(_read_op(members.get("op"), where), members.get("path"), members.get("value"))
    _check(operation, where, has_value="value" in members)
    return operation


def _read_op(raw: Json, where: str) -> Op:
    """Tolerances T01 and T41."""
    name = raw.lower() if isinstance(raw, str) else ""
    if name not in Op.__members__.values():
        raise invalid_syntax(f"{where}.op has to be add, remove or replace.")
    return Op(name)


def _check(operation: Operation, where: str, *, has_value: bool) -> None:
    if operation.path is not None and not isinstance(operation.path, str):
        raise ScimError(f"{where}.path has to be text.", scim_type=ScimType.INVALID_PATH)
    if operation.op is Op.REMOVE and operation.path is None:
        raise ScimError(f"{where} removes, but has no path.", scim_type=ScimType.NO_TARGET)
    if operation.op is not Op.REMOVE and not has_value:
        raise invalid_value(f"{where} has no value.")
