"""Events as rows of CSV that no spreadsheet takes for formulas."""

import json

from audit.reading.contents import Content, tell_content
from labsninja.kernel.files import write_cells

COLUMNS = (
    "time", "action", "outcome", "actor", "actor_kind", "actor_id", "token", "target", "target_type", "target_id",
    "surface", "address", "user_agent", "request", "event", "sentence", "changes", "details",
)  # fmt: skip


def make_head() -> bytes:
    """The row of column names."""
    return write_cells(COLUMNS)


def make_row(content: Content) -> bytes:
    """One event, in the order of COLUMNS."""
    actor, origin, target = content.actor, content.origin, content.target
    return write_cells(
        [
            content.at.isoformat(timespec="microseconds"),
            *(content.action, content.outcome, actor["label"], actor["kind"], actor["id"], actor["token"]),
            *(target["display"], target["type"], target["id"]),
            *(origin["surface"], origin["address"], origin["userAgent"], origin["request"]),
            *(str(content.id), tell_content(content), _dump([*content.changes]), _dump(dict(content.details))),
        ]
    )


def _dump(value: list[object] | dict[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""
