"""The capability registry as the features page shows it: by area, with the words and addresses around each row."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from scim.capabilities import CAPABILITIES, Capability, Status

TONES: Final = {Status.SUPPORTED: "good", Status.PARTIAL: "warn", Status.BACKLOG: "info", Status.NOT_PLANNED: ""}


@dataclass(frozen=True)
class Section:
    """A section of an RFC, as in 7644#3.7, and where the RFC Editor shows it."""

    name: str
    url: str


@dataclass(frozen=True)
class Row:
    capability: Capability
    tone: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Area:
    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Proof:
    """Figures of the home page: all of them counted from the registry."""

    supported: int
    sections: int
    tests: int


def find_section(text: str) -> Section:
    """`text` as in 7644#3.7."""
    number, _, section = text.partition("#")
    return Section(f"RFC {number} § {section}", f"https://www.rfc-editor.org/rfc/rfc{number}#section-{section}")


def list_areas(*, status: str = "") -> list[Area]:
    """Rows by area in the registry's order; those of one status when it is named."""
    chosen = [row for row in CAPABILITIES if not status or row.status == status]
    return [
        Area(name, tuple(Row(row, TONES[row.status], tuple(map(find_section, row.sections))) for row in rows))
        for name, rows in groupby(chosen, key=lambda row: row.area)
    ]


def count_statuses() -> list[tuple[Status, int]]:
    counted = Counter(row.status for row in CAPABILITIES)
    return [(status, counted[status]) for status in Status if counted[status]]


def count_proof() -> Proof:
    supported = [row for row in CAPABILITIES if row.status is Status.SUPPORTED]
    return Proof(len(supported), _count(row.sections for row in supported), _count(row.tests for row in supported))


def _count(parts: Iterable[tuple[str, ...]]) -> int:
    return len({part for each in parts for part in each})
