"""A dialect is how one SCIM client speaks; a reading is one request of it, with the warnings it earned."""

from dataclasses import dataclass, field
from typing import Final

from scim.protocol.dialects.tolerances import TOLERANCES, WarningCode
from scim.protocol.errors import ScimError, ScimType


@dataclass(frozen=True)
class Dialect:
    """What a SCIM client is granted. `strict` refuses everything that earns a warning, `refused` only what it names."""

    name: str = "custom"
    strict: bool = False
    refused: frozenset[WarningCode] = frozenset()

    def refuses(self, code: WarningCode) -> bool:
        return self.strict or code in self.refused


@dataclass(frozen=True)
class Note:
    """One warning: what came, and where in the request."""

    code: WarningCode
    where: str


# A body can hold half a million unknown names; this many notes tell as much.
MOST_NOTES: Final = 100
LONGEST_PLACE: Final = 200

LENIENT = Dialect()
STRICT = Dialect("strict", strict=True)


@dataclass
class Reading:
    """The reading of one request. Notes come in the order they were earned, each once."""

    dialect: Dialect = LENIENT
    _notes: dict[Note, None] = field(default_factory=dict)

    def warn(self, code: WarningCode, where: str, *, scim_type: ScimType | None = None) -> None:
        """Note a deviation, or refuse it with a ScimError where the dialect does.

        `scim_type` replaces the keyword of the table where the same deviation has another one (filters, paths).
        """
        where = where[:LONGEST_PLACE]
        if self.dialect.refuses(code):
            rule = TOLERANCES[code]
            raise ScimError(f"{rule.sentence}: {where}.", scim_type=scim_type or rule.scim_type)
        if len(self._notes) < MOST_NOTES:
            self._notes[Note(code, where)] = None

    @property
    def notes(self) -> tuple[Note, ...]:
        return tuple(self._notes)

    @property
    def codes(self) -> tuple[WarningCode, ...]:
        """Each code once, for the request log."""
        return tuple(dict.fromkeys(note.code for note in self._notes))
