"""What differs between the document that was written and the one that is wanted: for people, and as a PATCH.

    for change in diff_documents(applied, desired, resource_type=USER): ...
    operations = make_patch(applied, desired, resource_type=USER)
    digest = hash_document(desired)

Operations are the RFC's (RFC 7644 section 3.5.2). How a target wants members taken out, and how many at once, is its
profile's: `scim.targets.operations.shape_patches` brings them into its form.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from audit.canonical import write_canonical
from scim.mapping.list_changes import change_list, find_list_changes
from scim.mapping.part_changes import (
    Operation,
    change_parts,
    change_unknown,
    find_part_changes,
    is_empty,
    is_same,
    keep_writable,
    make_operation,
)
from scim.mapping.row_values import HIDDEN
from scim.protocol.attributes import Attribute
from scim.protocol.documents import document_schemas, value_at
from scim.protocol.folding import fold_name
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.schemas.common_attributes import SCHEMAS_ATTRIBUTE
from scim.protocol.schemas.definitions import ResourceType

DIGEST_BYTES: Final = 16
_BRACKETS: Final = re.compile(r'\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\]')
_NOT_COMPARED: Final = frozenset({SCHEMAS_ATTRIBUTE, "id", "meta"})


@dataclass(frozen=True)
class Change:
    """One place, with what stood and what is to stand there; None is nothing.

    Values of a list are changes of their own, but for members: there `before` are those that go and `after` those that
    come.
    """

    path: str
    before: Json | None
    after: Json | None

    def to_dict(self) -> dict[str, Any]:
        return {"path": self.path, "before": self.before, "after": self.after}


class Difference(NamedTuple):
    """An attribute whose values do not mean the same; `attribute` is None under a URN that the schemas do not know."""

    path: str
    attribute: Attribute | None
    before: Json | None
    after: Json | None


def diff_documents(
    applied: JsonObject, desired: JsonObject, *, resource_type: ResourceType, sensitive: Collection[str] = ()
) -> list[Change]:
    """The changes, in the order of the schemas. Values of `sensitive` paths are hidden, also what holds them."""
    return [
        change
        for found in find_differences(applied, desired, resource_type=resource_type)
        for change in describe_difference(found, sensitive=sensitive)
    ]


def make_patch(
    applied: JsonObject, desired: JsonObject, *, resource_type: ResourceType, value_filters: bool = True
) -> list[Operation]:
    """The operations that make the one of the other; none when they mean the same.

    Without `value_filters` no path has brackets, as some targets need it: lists are then replaced as a whole.
    """
    operations: list[Operation] = []
    for path, attribute, before, after in find_differences(applied, desired, resource_type=resource_type):
        if isinstance(before or after, list):
            listed = [list(held) if isinstance(held, list) else [] for held in (before, after)]
            operations.extend(change_list(path, attribute, *listed, value_filters=value_filters))
        elif isinstance(before, dict) and isinstance(after, dict):
            change = change_parts if attribute is not None else change_unknown
            operations.extend(change(path, before, after))
        else:
            operations.append(make_operation(path, before, after))
    return operations


def make_put(desired: JsonObject, *, resource_type: ResourceType, remote_id: str | None = None) -> JsonObject:
    """The document that replaces the whole resource, for a target without PATCH."""
    document = {name: value for name, value in desired.items() if name not in _NOT_COMPARED and not is_empty(value)}
    named = {} if remote_id is None else {"id": remote_id}
    return {SCHEMAS_ATTRIBUTE: document_schemas(resource_type, document), **named, **document}


def hash_document(document: JsonObject) -> bytes:
    """16 bytes, the same for documents that mean the same: neither the order of members nor that of values counts."""
    held = {name: value for name, value in document.items() if name not in _NOT_COMPARED}
    return blake2b(write_canonical(_in_order(held)).encode(), digest_size=DIGEST_BYTES).digest()


def find_differences(applied: JsonObject, desired: JsonObject, *, resource_type: ResourceType) -> Iterator[Difference]:
    """Attribute by attribute, without what is read-only."""
    for found in _pair_attributes(applied, desired, resource_type):
        if found.before == found.after:
            continue
        before, after = (
            None if is_empty(value) else keep_writable(found.attribute, value) for value in (found.before, found.after)
        )
        if is_empty(before) and is_empty(after):
            continue
        if isinstance(before, list) and isinstance(after, list):
            changes = find_list_changes(found.attribute, before, after)
            if not (changes.removed or changes.added or changes.changed):
                continue
        elif is_same(before, after):
            continue
        yield found._replace(before=before, after=after)


def describe_difference(found: Difference, *, sensitive: Collection[str] = ()) -> list[Change]:
    """The changes of one attribute."""
    hidden = [_without_brackets(path) for path in sensitive]
    changes = _list_changes(found)
    return [_hide(one) if hidden and _is_within(_without_brackets(one.path), hidden) else one for one in changes]


def _pair_attributes(applied: JsonObject, desired: JsonObject, resource_type: ResourceType) -> Iterator[Difference]:
    known = {SCHEMAS_ATTRIBUTE}
    for path in resource_type.attributes:
        known.add(path.schema or path.attribute.name)
        if not path.attribute.is_read_only and path.text != SCHEMAS_ATTRIBUTE:
            yield Difference(path.text, path.attribute, value_at(applied, path), value_at(desired, path))
    for name in dict.fromkeys((*applied, *desired)):
        if name in known:
            continue
        yield Difference(name, None, applied.get(name), desired.get(name))


def _list_changes(found: Difference) -> Iterator[Change]:
    path, attribute, before, after = found
    if isinstance(before, dict) and isinstance(after, dict):
        for name, old, new in find_part_changes(before, after):
            yield Change(f"{path}.{name}" if attribute is not None else f"{path}:{name}", old, new)
    elif not isinstance(before or after, list):
        yield Change(path, before, after)
    else:
        listed = [list(held) if isinstance(held, list) else [] for held in (before, after)]
        changes = find_list_changes(attribute, *listed)
        if attribute is None or not attribute.is_complex or attribute.as_rows:
            yield Change(path, list(changes.removed) or None, list(changes.added) or None)
            return
        for old, new in changes.changed:
            yield Change(_place(path, old), old, new)
        yield from (Change(_place(path, old), old, None) for old in changes.removed)
        yield from (Change(_place(path, new), None, new) for new in changes.added)


def _place(path: str, element: Json) -> str:
    kind = element.get("type") if isinstance(element, dict) else None
    return f'{path}[type eq "{kind}"]' if isinstance(kind, str) and kind else path


def _hide(change: Change) -> Change:
    before, after = (None if value is None else HIDDEN for value in (change.before, change.after))
    return Change(change.path, before, after)


def _is_within(path: str, others: Collection[str]) -> bool:
    """Whether one of them is the path, holds it, or is held by it."""
    return any(path == other or path.startswith(f"{other}.") or other.startswith(f"{path}.") for other in others)


def _without_brackets(path: str) -> str:
    return fold_name(_BRACKETS.sub("", path))


def _in_order(value: Json) -> Json:
    """Without what is empty, the values of each list in one order."""
    if isinstance(value, dict):
        return {name: _in_order(part) for name, part in value.items() if not is_empty(part)}
    if isinstance(value, list):
        return sorted((_in_order(element) for element in value if not is_empty(element)), key=write_canonical)
    return value
