"""Values of a list: which are the same, which came and went, and the operations for that.

A value is known by `value` and `type` together, as RFC 7643 section 2.4 has it. One whose type is its own on both sides
is the same with another value: the work address has changed. All is done by sets, for a group has many members.
"""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from scim.mapping.part_changes import Operation, change_parts, is_same, make_operation, write_plain
from scim.protocol.attributes import Attribute
from scim.protocol.folding import fold_text
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.scalars import comparison_key

_VALUE: Final = "value"
_TYPE: Final = "type"
_LONGEST_NAMED: Final = 500  # characters of what stands in the brackets of a path


@dataclass(frozen=True)
class ListChanges:
    """`changed` are pairs of what was and is the same value; `is_certain` is whether each can be named in a path."""

    removed: tuple[Json, ...] = ()
    added: tuple[Json, ...] = ()
    changed: tuple[tuple[JsonObject, JsonObject], ...] = ()
    is_certain: bool = True


def find_list_changes(attribute: Attribute | None, before: list[Json], after: list[Json]) -> ListChanges:
    """What makes the one of the other; nothing where they hold the same in another order."""
    if attribute is not None and attribute.as_rows:
        return _compare_rows(before, after)
    old, new = _by_key(attribute, before), _by_key(attribute, after)
    if len(old) < len(before) or len(new) < len(after):
        return _compare_whole(before, after)
    gone = {key: element for key, element in old.items() if key not in new}
    come = {key: element for key, element in new.items() if key not in old}
    changed = [(element, new[key]) for key, element in old.items() if key in new and not is_same(element, new[key])]
    if attribute is not None and gone and come:
        changed.extend(_pair_by_type(gone, come, before, after))
    pairs = tuple((one, two) for one, two in changed if isinstance(one, dict) and isinstance(two, dict))
    is_certain = len(pairs) == len(changed) and _is_certain(attribute, before, after)
    return ListChanges(tuple(gone.values()), tuple(come.values()), pairs, is_certain)


def change_list(
    path: str, attribute: Attribute | None, before: list[Json], after: list[Json], *, value_filters: bool
) -> list[Operation]:
    """The operations. A list whose values cannot be named one by one is replaced as a whole."""
    changes = find_list_changes(attribute, before, after)
    if attribute is not None and attribute.as_rows:
        return _change_rows(path, changes)
    if not (changes.removed or changes.added or changes.changed):
        return []
    only_adds = not changes.removed and not changes.changed and changes.is_certain
    if not before or not (only_adds or (value_filters and _can_be_named(attribute, changes))):
        # Added one by one, values that stand twice would become one.
        return [make_operation(path, before or not changes.is_certain, after)]
    types = Counter(_type_of(element) for element in before)
    operations: list[Operation] = [
        {"op": "remove", "path": f"{path}[{name_element(element)}]"} for element in changes.removed
    ]
    for old, new in changes.changed:
        is_alone = types[_type_of(old)] == 1
        operations.extend(change_parts(f"{path}[{name_element(old, by_type=is_alone)}]", old, new))
    if changes.added:
        operations.append({"op": "add", "path": path, "value": list(changes.added)})
    return operations


def name_element(element: Json, *, by_type: bool = False) -> str:
    """What stands in brackets to mean this value; by its type alone where no other has it."""
    parts = [f"{name} eq {orjson.dumps(element[name]).decode()}" for name in (_TYPE, _VALUE) if element.get(name)]
    return parts[0] if by_type and element.get(_TYPE) else " and ".join(parts)


def _change_rows(path: str, changes: ListChanges) -> list[Operation]:
    """Members: who goes, and who comes. Each is an operation however many they are."""
    operations: list[Operation] = []
    gone = [{_VALUE: element[_VALUE]} for element in changes.removed]
    if gone:
        operations.append({"op": "remove", "path": path, "value": gone})
    if changes.added:
        operations.append({"op": "add", "path": path, "value": list(changes.added)})
    return operations


def _by_key(attribute: Attribute | None, elements: Iterable[Json]) -> dict[Hashable, Json]:
    value = attribute.sub_attribute(_VALUE) if attribute is not None else None
    kind = attribute.sub_attribute(_TYPE) if attribute is not None else None
    keyed: dict[Hashable, Json] = {}
    for element in elements:
        if value is None or not isinstance(element, dict) or _VALUE not in element:
            key: Hashable = write_plain(element)
        else:
            key = comparison_key(value, element[_VALUE]), kind and comparison_key(kind, element.get(_TYPE))
        keyed.setdefault(key, element)
    return keyed


def _compare_rows(before: list[Json], after: list[Json]) -> ListChanges:
    """Members are known by their value alone: the rest of them is what the target makes of it."""
    old, new = ({element[_VALUE]: element for element in held} for held in (before, after))
    gone = tuple(element for value, element in old.items() if value not in new)
    return ListChanges(gone, tuple(element for value, element in new.items() if value not in old))


def _compare_whole(before: list[Json], after: list[Json]) -> ListChanges:
    """For lists that hold one value twice."""
    old, new = (sorted(map(write_plain, held)) for held in (before, after))
    if old == new:
        return ListChanges()
    return ListChanges(tuple(before), tuple(after), is_certain=False)


def _pair_by_type(
    gone: dict[Hashable, Json], come: dict[Hashable, Json], before: list[Json], after: list[Json]
) -> list[tuple[Json, Json]]:
    """Takes those out of what went and came that are one value with another content."""
    old, new = (Counter(_type_of(element) for element in held) for held in (before, after))
    by_type = {_type_of(element): key for key, element in come.items()}
    pairs = []
    for key, element in list(gone.items()):
        kind = _type_of(element)
        if kind is not None and old[kind] == new[kind] == 1 and kind in by_type:
            pairs.append((gone.pop(key), come.pop(by_type[kind])))
    return pairs


def _is_certain(attribute: Attribute | None, before: list[Json], after: list[Json]) -> bool:
    """Whether no value stands twice with different types, so that adding one never meets another."""
    value = attribute.sub_attribute(_VALUE) if attribute is not None else None
    for held in (before, after):
        if attribute is None or (attribute.is_complex and value is None):
            return False
        plain = [
            element[_VALUE] if isinstance(element, dict) else element
            for element in held
            if not isinstance(element, dict) or _VALUE in element
        ]
        if len(plain) < len(held) or len({fold_text(str(one)) for one in plain}) < len(plain):
            return False
    return True


def _can_be_named(attribute: Attribute | None, changes: ListChanges) -> bool:
    if attribute is None or not attribute.is_complex or not changes.is_certain:
        return False
    named = [*changes.removed, *(old for old, _new in changes.changed)]
    return all(
        isinstance(element.get(_VALUE), str)
        and isinstance(element.get(_TYPE, ""), str)
        and len(element[_VALUE]) + len(element.get(_TYPE, "")) <= _LONGEST_NAMED
        for element in named
    )


def _type_of(element: Any) -> str | None:
    kind = element.get(_TYPE) if isinstance(element, dict) else None
    return fold_text(kind) if isinstance(kind, str) else None
