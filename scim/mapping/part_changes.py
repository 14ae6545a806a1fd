"""Parts of a complex value: what differs in them, and the operations that change one by one.

What is read-only is the target's own and never sent. A part is named in a path of its own: a `replace` of the whole
would take away the others at some targets, and leave them at others.
"""

from collections.abc import Iterator
from typing import Any, Final

import orjson

from scim.protocol.attributes import Attribute
from scim.protocol.json_input import Json, JsonObject

Operation = dict[str, Any]
_VALUE: Final = "value"
_REFERENCE: Final = "$ref"


def is_empty(value: Json | None) -> bool:
    """Whether it says the same as nothing (RFC 7643 section 2.5)."""
    return value is None or value in ("", [], {})


def is_same(one: Json | None, two: Json | None) -> bool:
    """Equal, whatever the order of a list or of members."""
    if isinstance(one, list) and isinstance(two, list):
        return one == two or sorted(map(write_plain, one)) == sorted(map(write_plain, two))
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(is_same(part, two[name]) for name, part in one.items())
    return bool(one == two)


def write_plain(value: Json) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def keep_writable(attribute: Attribute | None, value: Json) -> Json:
    """A value, or each of a list, without what is read-only or empty in it."""
    if attribute is None or not attribute.is_complex:
        return value
    fixed = {part.name for part in attribute.sub_attributes if part.is_read_only}

    def keep(element: Json) -> Json:
        if not isinstance(element, dict):
            return element
        return {name: part for name, part in element.items() if name not in fixed and not is_empty(part)}

    return [keep(element) for element in value] if isinstance(value, list) else keep(value)


def find_part_changes(before: JsonObject, after: JsonObject) -> Iterator[tuple[str, Json | None, Json | None]]:
    """Each part that differs; `value` comes first, for a target may let go of what belonged to the former one."""
    names = dict.fromkeys((*before, *after))
    for name in sorted(names, key=lambda name: name != _VALUE):
        old, new = before.get(name), after.get(name)
        if not is_same(old, new):
            yield name, old, new
    is_other = before.get(_VALUE) != after.get(_VALUE)
    if is_other and _REFERENCE in after and before.get(_REFERENCE) == after[_REFERENCE]:
        yield _REFERENCE, None, after[_REFERENCE]


def change_parts(path: str, before: JsonObject, after: JsonObject) -> list[Operation]:
    """The operations on the parts of the value at `path`."""
    return [
        # Added one by one, values that stand twice would become one.
        make_operation(f"{path}.{name}", old or isinstance(new, list), new)
        for name, old, new in find_part_changes(before, after)
    ]


def change_unknown(urn: str, before: JsonObject, after: JsonObject) -> list[Operation]:
    """As change_parts, for an extension that no schema here describes.

    An object in it is removed and added: as nothing is known of it, its members cannot be named in a path.
    """
    operations: list[Operation] = []
    for name, old, new in find_part_changes(before, after):
        if not isinstance(new, dict):
            operations.append(make_operation(f"{urn}:{name}", old, new))
            continue
        if not is_empty(old):
            operations.append(make_operation(f"{urn}:{name}", old, None))
        operations.append({"op": "add", "path": urn, "value": {name: new}})
    return operations


def make_operation(path: str, before: Json | None, after: Json | None) -> Operation:
    if is_empty(after):
        return {"op": "remove", "path": path}
    return {"op": "add" if is_empty(before) else "replace", "path": path, "value": after}
