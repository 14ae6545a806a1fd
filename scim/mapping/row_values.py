"""What one compiled row gives for a resource: read, checked by the target's schema, and what stands for nothing."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeAlias

from scim.mapping.errors import ExpressionError, UnresolvedReferenceError
from scim.mapping.places import Place
from scim.mapping.rows import Apply, MappingRow, OnNull
from scim.mapping.run import Surroundings
from scim.mapping.values import Kind, Value, kind_of
from scim.protocol import bounds
from scim.protocol.attributes import Attribute, AttributeType
from scim.protocol.dialects.base import Reading
from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.errors import ScimError
from scim.protocol.json_input import JsonObject
from scim.protocol.values import read_value

Reader: TypeAlias = Callable[[JsonObject, Surroundings], Value]
Choice: TypeAlias = int | str
NUMBERED: Final = "{n}"
SUFFIXES: Final = 20  # tried for one candidate
SUFFIX_RANGE: Final = 10_000
HIDDEN: Final = "(hidden)"


class State(StrEnum):
    """What became of a row. KEPT: written when the resource was created, and left; WAITING: for a resource it names;
    MISMATCH: the target's schema does not take the value, which is an error too.
    """

    VALUE = "value"
    DEFAULT = "default"
    KEPT = "kept"
    SKIPPED = "skipped"
    CLEARED = "cleared"
    WAITING = "waiting"
    ERROR = "error"
    MISMATCH = "mismatch"


class MismatchError(ExpressionError):
    """A value that the target's schema does not take."""


class RowResult(NamedTuple):
    """One row, counted from 1. `value` is what stands in the document, hidden where the row is sensitive.

    `told` is the error, and `line` and `column` are its place in the expression.
    """

    row: int
    target_path: str
    state: State
    value: Any = None
    told: str = ""
    line: int = 0
    column: int = 0

    @property
    def is_error(self) -> bool:
        return self.state is State.ERROR or self.state is State.MISMATCH


@dataclass(frozen=True)
class CompiledRow:
    """A row with its place and the way to its value; `attempts` are those for a value that has to be unique.

    `check` gives the canonical value. `references` are the paths it reads.
    """

    number: int
    row: MappingRow
    place: Place
    read: Reader
    check: Callable[[Value], Value]
    attempts: tuple[Reader, ...] = ()
    references: tuple[str, ...] = ()

    def make(
        self,
        document: JsonObject,
        applied: JsonObject,
        surroundings: Surroundings,
        choice: Choice,
        *,
        is_create: bool,
    ) -> tuple[State, Value]:
        """What to write, None for nothing. `applied` is empty where nothing was written. Raises ExpressionError."""
        row = self.row
        if not is_create and (row.apply is Apply.ON_CREATE or self.attempts):
            before = self.place.read(applied)
            if before is not None or row.apply is Apply.ON_CREATE:
                return State.KEPT, before
        if isinstance(choice, str):
            value: Value = choice
        elif self.attempts:
            value = self.attempts[min(choice, len(self.attempts) - 1)](document, surroundings)
        else:
            value = self.read(document, surroundings)
        if value is None or value in ("", [], {}):
            return self._make_of_nothing(applied)
        return State.VALUE, self.check(value)

    def _make_of_nothing(self, applied: JsonObject) -> tuple[State, Value]:
        if self.row.on_null is OnNull.SKIP:
            return State.SKIPPED, self.place.read(applied)
        if self.row.on_null is OnNull.DEFAULT:
            return State.DEFAULT, self.row.default
        return State.CLEARED, None


def make_check(place: Place) -> Callable[[Value], Value]:
    """Gives the canonical value, or raises ExpressionError where the target's schema does not allow it."""
    attribute = place.attribute
    if attribute is None:
        return _check_json
    is_text = attribute.type is AttributeType.STRING and not attribute.multi_valued
    shortest = min(bounds.INDEXED_CHARACTERS, bounds.INDEXED_FOLDED_BYTES // 12)

    def check(value: Value) -> Value:
        if is_text and type(value) is str and len(value) < shortest:
            return value
        if kind_of(value) not in place.kinds:
            wanted = " or ".join(sorted(place.kinds))
            raise MismatchError(f"{place.text} holds {wanted}, and {kind_of(value)} was found")
        return _read_checked(place, attribute, value)

    return check


def add_suffix(reader: Reader, *, number: int, key: bytes) -> Reader:
    """The reader with digits for "{n}" that follow from the key, the resource's id and the number.

    So a preview, the run and its repetition say the same, and nobody sees from a name how many there were before.
    """

    def read(document: JsonObject, surroundings: Surroundings) -> Value:
        value = reader(document, surroundings)
        if not isinstance(value, str):
            return value
        named = f"{document.get('id', '')}:{number}".encode()
        digits = int.from_bytes(hmac.digest(key, named, "sha256")[:8], "big") % SUFFIX_RANGE
        return value.replace(NUMBERED, f"{digits:04d}")

    return read


def explain_failure(compiled: CompiledRow, error: ExpressionError) -> RowResult:
    """The result of a row that gives no value."""
    number, path = compiled.number, compiled.place.text
    if isinstance(error, UnresolvedReferenceError):
        return RowResult(number, path, State.WAITING, None, error.message)
    has_place = error.at is not None
    line, column = (error.line, error.column) if has_place else (0, 0)
    told = f"{error.message} - {error.hint}" if error.hint else error.message
    state = State.MISMATCH if isinstance(error, MismatchError) else State.ERROR
    return RowResult(number, path, state, None, told, line, column)


def _read_checked(place: Place, attribute: Attribute, value: Value) -> Value:
    """What is unknown is refused: a mistyped part would be missing at the target without a word."""
    reading = Reading()
    try:
        read = read_value(attribute, value, where=place.text, reading=reading)
    except ScimError as error:
        raise MismatchError(error.detail.rstrip(".")) from None
    unknown = next((note.where for note in reading.notes if note.code is WarningCode.UNKNOWN_ATTR), None)
    if unknown is not None:
        raise MismatchError(f"the target's schema has no {unknown}")
    return read


def _check_json(value: Value) -> Value:
    if kind_of(value) is Kind.EMPTY:
        raise ExpressionError("a value is wanted")
    return value
