"""PATCH operations as a target takes them: members out in its way, and no more in one request than it allows.

Given in the RFC's terms, `members` may come and go in any number. What is split may arrive in part: adding or removing
a member twice does nothing, so all of it is simply sent again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scim.targets.profile import Facts, PatchForm, Removal

Operation = Mapping[str, Any]
ONE_MEMBER: Final = re.compile(r'members\[value eq "((?:[^"\\]|\\.)*)"\]', re.IGNORECASE)
PLAIN_PATH: Final = re.compile(r"[A-Za-z$][\w$\-]*(\.[A-Za-z$][\w$\-]*)?")


def shape_patches(operations: Sequence[Operation], facts: Facts) -> list[list[Operation]]:
    """The operations of each PATCH that has to be sent, in their order."""
    patches: list[list[Operation]] = []
    members = 0
    for operation in _shape(operations, facts):
        count = len(_members(operation))
        is_full = not patches or (
            _is_beyond(len(patches[-1]) + 1, facts.max_operations)
            or (count and _is_beyond(members + count, facts.max_members_per_patch))
        )
        if is_full:
            patches.append([])
            members = 0
        patches[-1].append(operation)
        members += count
    return patches


def _shape(operations: Sequence[Operation], facts: Facts) -> Iterator[Operation]:
    for operation in _join_removals(operations):
        if _is_removal(operation) and _members(operation):
            yield from _shape_removal(operation, facts)
        else:
            yield from (_place(part, facts) for part in _split_members(operation, facts.max_members_per_patch))


def _join_removals(operations: Sequence[Operation]) -> Iterator[Operation]:
    """Removals of one member each that follow each other, as one."""
    gone: list[Any] = []
    for operation in operations:
        if _is_removal(operation) and (found := _members(operation)):
            gone.extend(found)
            continue
        if gone:
            yield {"op": "remove", "path": "members", "value": gone}
            gone = []
        yield operation
    if gone:
        yield {"op": "remove", "path": "members", "value": gone}


def _shape_removal(operation: Operation, facts: Facts) -> Iterator[Operation]:
    if facts.member_removal is Removal.VALUES:
        yield from _split_members(operation, facts.max_members_per_patch)
        return
    for member in _members(operation):
        quoted = str(member["value"]).replace("\\", "\\\\").replace('"', '\\"')
        yield {"op": "remove", "path": f'members[value eq "{quoted}"]'}


def _split_members(operation: Operation, most: int | None) -> Iterator[Operation]:
    """A replacement of too many members becomes a replacement by the first and additions of the others."""
    members = operation.get("value")
    if not _is_of_members(operation) or not isinstance(members, list) or not most or len(members) <= most:
        yield operation
        return
    for start in range(0, len(members), most):
        op = "add" if start and str(operation["op"]).casefold() == "replace" else operation["op"]
        yield {**operation, "op": op, "value": members[start : start + most]}


def _place(operation: Operation, facts: Facts) -> Operation:
    """For targets without `path`: the path goes into the value, where it is plain and something is left to be said."""
    path = operation.get("path")
    if facts.patch is not PatchForm.NO_PATH or not isinstance(path, str) or not PLAIN_PATH.fullmatch(path):
        return operation
    is_removal = _is_removal(operation)
    value: Any = None if is_removal else operation.get("value")
    for name in reversed(path.split(".")):
        value = {name: value}
    return {"op": "replace" if is_removal else operation["op"], "value": value}


def _is_removal(operation: Operation) -> bool:
    return str(operation.get("op", "")).casefold() == "remove"


def _is_of_members(operation: Operation) -> bool:
    return str(operation.get("path", "")).casefold() == "members"


def _members(operation: Operation) -> list[Any]:
    """Those that the operation adds or removes, in the form of elements."""
    if found := ONE_MEMBER.fullmatch(str(operation.get("path", ""))):
        return [{"value": re.sub(r"\\(.)", r"\1", found[1])}]
    value = operation.get("value")
    return value if _is_of_members(operation) and isinstance(value, list) else []


def _is_beyond(count: int, most: int | None) -> bool:
    return most is not None and count > most
