"""The document while operations change it, what is kept apart from it, and its completion."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from scim.protocol import bounds
from scim.protocol.dialects.base import Reading
from scim.protocol.documents import complete_document, value_at
from scim.protocol.errors import ScimError, ScimType, invalid_value
from scim.protocol.filter.nodes import And, Node, Not, Or
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.patch.elements import Elements
from scim.protocol.patch.parts import hold_immutable
from scim.protocol.patch.request import Op
from scim.protocol.patch.rows import RowChange, RowChanges
from scim.protocol.paths import AttributePath
from scim.protocol.schemas.definitions import ResourceType


@dataclass(frozen=True)
class Patched:
    """What a PATCH amounts to.

    `document` is the very object that was given when nothing in it changes. `rows` are the changes of attributes kept
    as rows (a group's members), in their order, by path. `secrets` are new write-only values by path, None for one that
    was unassigned; they are never to be stored as they are, logged or returned.
    """

    document: JsonObject
    changes_document: bool
    rows: Mapping[str, tuple[RowChange, ...]]
    secrets: Mapping[str, Json | None] = field(repr=False)


class Draft:
    """A copy of the document; what it shares with the original is replaced and never changed in place."""

    def __init__(self, resource_type: ResourceType, original: JsonObject, reading: Reading) -> None:
        self.resource_type = resource_type
        self.reading = reading
        self.document = dict(original)
        self.rows: defaultdict[str, RowChanges] = defaultdict(RowChanges)
        self.secrets: dict[str, Json | None] = {}
        self._original = original
        self._opened: set[str] = set()  # unknown extensions that are no longer shared with the original
        self._comparisons = 0

    def value_at(self, path: AttributePath) -> Json | None:
        return value_at(self.document, path)

    def open_elements(self, path: AttributePath, condition: Node | None = None) -> Elements:
        """The values of the attribute, to be changed and put back. Raises ScimError 400 tooMany beyond the bound."""
        elements = Elements(path.attribute, self.value_at(path), where=path.whole, reading=self.reading)
        self.count_comparisons(len(elements.found) * (1 + _count_terms(condition)))
        return elements

    def count_comparisons(self, count: int) -> None:
        """Raise ScimError 400 tooMany when all operations together look at more values than the bound."""
        self._comparisons += count
        if self._comparisons > bounds.PATCH_COMPARISONS:
            raise ScimError("The operations look at too many values.", scim_type=ScimType.TOO_MANY)

    def put(self, path: AttributePath, value: Json | None, *, op: Op) -> None:
        """Assign the attribute, or unassign it by None.

        Raises ScimError 400 mutability for what is immutable, and when something required goes: mutability by a remove
        operation (section 3.5.2.2), else invalidValue (tolerance T46). What has a default (`active`) is unassigned by
        a remove operation alone, never by a null (T40).
        """
        current, attribute = self.value_at(path), path.attribute
        if value == current:
            return
        if value is None and attribute.required:
            if op is Op.REMOVE:
                raise ScimError(f"{path.whole} can't be removed.", scim_type=ScimType.MUTABILITY)
            raise invalid_value(f"{path.whole} is required.")
        if value is None and attribute.default is not None and op is not Op.REMOVE:
            return
        hold_immutable(attribute, current, value, where=path.whole)
        if path.schema is None:
            self._assign(path.attribute.name, value)
        else:
            holder = {**self.document.get(path.schema, {}), attribute.name: value}
            self._assign(path.schema, {name: held for name, held in holder.items() if held is not None} or None)

    def remove_extension(self, urn: str) -> None:
        """Unassign every attribute of an extension. Raises ScimError 400 mutability."""
        for path in self.resource_type.writable:
            if path.schema != urn:
                continue
            hold_immutable(path.attribute, self.value_at(path), None, where=path.whole)
            if path.attribute.is_secret:
                self.secrets[path.text] = None
        if any(extension.required and extension.schema.id == urn for extension in self.resource_type.extensions):
            raise ScimError(f"{urn} can't be removed.", scim_type=ScimType.MUTABILITY)
        self._assign(urn, None)

    def open_foreign(self, urn: str) -> JsonObject:
        """What an unknown extension holds, to be changed in place."""
        if urn not in self._opened:
            self._opened.add(urn)
            self.document[urn] = dict(self.document.get(urn, {}))
        held: JsonObject = self.document[urn]
        return held

    def finish(self) -> Patched:
        """Raises ScimError 400 invalidValue when something required is missing or the document is too large."""
        for urn in self._opened:
            if not self.document.get(urn):
                self.document.pop(urn, None)
        rows = {path: in_order for path, changes in self.rows.items() if (in_order := changes.in_order())}
        if self.document == self._original:
            return Patched(self._original, changes_document=False, rows=rows, secrets=self.secrets)
        document = complete_document(self.resource_type, self._in_order())
        return Patched(document, changes_document=True, rows=rows, secrets=self.secrets)

    def _assign(self, name: str, value: Json | None) -> None:
        if value is None:
            self.document.pop(name, None)
        else:
            self.document[name] = value

    def _in_order(self) -> JsonObject:
        """The document in the order of its schemas, as a new resource has it."""
        ordered: JsonObject = {}
        for path in self.resource_type.writable:
            value = self.value_at(path)
            if value is not None:
                holder = ordered.setdefault(path.schema, {}) if path.schema else ordered
                holder[path.attribute.name] = value
        foreign = {name: held for name, held in self.document.items() if ":" in name and name not in ordered}
        return {**ordered, **foreign}


def _count_terms(node: Node | None) -> int:
    match node:
        case And(operands) | Or(operands):
            return sum(map(_count_terms, operands))
        case Not(operand):
            return _count_terms(operand)
        case _:
            return 0 if node is None else 1
