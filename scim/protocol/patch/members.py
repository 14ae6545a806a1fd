"""Operations on an attribute that is kept as rows: what the store is to do, without a look at what is there.

Tolerances T04 and T05 (`remove` with values), T06 (bare `remove`), T36 (null), T37 (forms of members, duplicates).
"""

from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.errors import ScimError, ScimType
from scim.protocol.filter.evaluate import matches
from scim.protocol.json_input import Json
from scim.protocol.patch.draft import Draft
from scim.protocol.patch.incoming import read_listed, read_parts_of, unwrap_listed
from scim.protocol.patch.request import Op
from scim.protocol.patch.rows import RowChanges
from scim.protocol.patch.selection import describe_element, no_target
from scim.protocol.patch.targets import Target


def change_rows(draft: Draft, target: Target, op: Op, raw: Json) -> None:
    """Note what becomes of the rows. Raises ScimError 400 mutability for a part of a row: rows come and go whole."""
    if target.path.sub_attribute:
        raise ScimError(f"{target.path} can't be changed: add and remove whole values.", scim_type=ScimType.MUTABILITY)
    changes = draft.rows[target.path.text]
    if target.condition:
        _change_matching(draft, changes, target, op, raw)
    elif op is Op.REMOVE:
        _remove(draft, changes, target, raw)
    elif raw is not None:
        listed = read_listed(target.path, raw, reading=draft.reading)
        (changes.add if op is Op.ADD else changes.replace)(listed)
    elif op is Op.REPLACE:
        draft.reading.warn(WarningCode.NULL_REPLACE, target.path.text)
        changes.replace([])


def _remove(draft: Draft, changes: RowChanges, target: Target, raw: Json) -> None:
    if raw is None:
        changes.replace([])
        return
    draft.reading.warn(WarningCode.REMOVE_VALUE, target.path.text)
    listed = read_listed(target.path, unwrap_listed(target.path.attribute, raw), reading=draft.reading)
    changes.remove(element["value"] for element in listed)


def _change_matching(draft: Draft, changes: RowChanges, target: Target, op: Op, raw: Json) -> None:
    """To add or replace a row is to have it there: what its value doesn't say can't be set."""
    if target.condition is None:
        return
    parts = None if op is Op.REMOVE else read_parts_of(target, raw, reading=draft.reading)
    if parts is None:
        changes.remove_matching(target.condition)
        return
    described = {**describe_element(target.condition), **parts}
    added = read_listed(target.path, [described], reading=draft.reading)
    if not all(matches(target.condition, element) for element in added):
        raise no_target(target)
    changes.add(added)
