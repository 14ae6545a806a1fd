"""A list as a file: cells of CSV (RFC 4180) that no spreadsheet takes for formulas, lines of JSON, rows in batches.

A cell that begins with a sign that spreadsheets calculate from gets an apostrophe before it, as OWASP asks for; so does
one with such a sign behind white space. Every cell is quoted, so that no separator or quote in it begins another.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

Row = TypeVar("Row")
FORMULA_SIGNS: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20|%")
CSV_TYPE: Final = "text/csv; charset=utf-8"
JSON_LINES_TYPE: Final = "application/jsonl"


@dataclass(frozen=True)
class FileForm(Generic[Row]):
    """How rows are written: the media type, what stands around and between them, and one row."""

    media_type: str
    write: Callable[[Row], bytes]
    head: bytes = b""
    between: bytes = b""
    end: bytes = b""

    def write_all(self, batches: Iterable[Sequence[Row]]) -> Iterator[bytes]:
        """The file, piece by piece, so that any size takes the same memory."""
        yield self.head
        between = b""
        for batch in batches:
            yield between + self.between.join(self.write(row) for row in batch)
            between = self.between
        yield self.end


def guard_cell(text: str) -> str:
    """The text as a cell that is shown and never calculated."""
    shown = text.replace("\x00", "")
    is_formula = shown[:1] in FORMULA_SIGNS or shown.lstrip()[:1] in FORMULA_SIGNS
    return f"'{shown}" if shown and is_formula else shown


def write_cells(cells: Sequence[str]) -> bytes:
    """A line of CSV."""
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([guard_cell(cell) for cell in cells])
    return file.getvalue().encode("utf-8", "replace")


def write_line(value: object) -> bytes:
    """A line of JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
