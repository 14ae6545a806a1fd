"""Events as rows of CSV (RFC 4180) that no spreadsheet takes for formulas.

A cell that begins with a sign that spreadsheets calculate from gets an apostrophe before it, as OWASP asks for; so does
one with such a sign behind white space. Every cell is quoted, so that no separator or quote in it begins another.
"""

import csv
import io
import json
from collections.abc import Sequence

from audit.reading.contents import Content, tell_content

FORMULA_SIGNS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20|%")
COLUMNS = (
    "time", "action", "outcome", "actor", "actor_kind", "actor_id", "token", "target", "target_type", "target_id",
    "surface", "address", "user_agent", "request", "event", "sentence", "changes", "details",
)  # fmt: skip


def make_head() -> bytes:
    """The row of column names."""
    return _row(COLUMNS)


def make_row(content: Content) -> bytes:
    """One event, in the order of COLUMNS."""
    actor, origin, target = content.actor, content.origin, content.target
    return _row(
        [
            content.at.isoformat(timespec="microseconds"),
            *(content.action, content.outcome, actor["label"], actor["kind"], actor["id"], actor["token"]),
            *(target["display"], target["type"], target["id"]),
            *(origin["surface"], origin["address"], origin["userAgent"], origin["request"]),
            *(str(content.id), tell_content(content), _dump([*content.changes]), _dump(dict(content.details))),
        ]
    )


def guard_cell(text: str) -> str:
    """The text as a cell that is shown and never calculated."""
    shown = text.replace("\x00", "")
    is_formula = shown[:1] in FORMULA_SIGNS or shown.lstrip()[:1] in FORMULA_SIGNS
    return f"'{shown}" if shown and is_formula else shown


def _row(cells: Sequence[str]) -> bytes:
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([guard_cell(cell) for cell in cells])
    return file.getvalue().encode("utf-8", "replace")


def _dump(value: list[object] | dict[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""
