"""Downloads: what a query finds, in one of the forms, streamed in batches so that any size takes the same memory.

Reading is what counts: the event that a download began is there before its first byte, and another one tells how much
it was. Events that are told after it began are left out, or it might never end.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import BinaryIO

from audit.actions import Action
from audit.actors import Origin
from audit.export.cloud_events import wrap_event
from audit.export.ocsf import map_event
from audit.export.spreadsheets import make_head, make_row
from audit.reading.contents import Content
from audit.reading.pages import walk_contents
from audit.reading.syntax import parse_query
from audit.services import Event, Target, record_event
from labsninja.kernel.files import CSV_TYPE, JSON_LINES_TYPE, FileForm, write_line
from labsninja.kernel.isolation import tenant_scope


@dataclass(frozen=True)
class Download:
    """What was written."""

    count: int
    sha256: str


def write_download(*, file: BinaryIO, form: str, text: str, origin: Origin) -> Download:
    """Write what the query `text` finds in the bound tenant, the oldest first, in a form of FORMS.

    Raises QuerySyntaxError, KeyError for a form that there is not, OSError.
    """
    query, made = parse_query(text), FORMS[form]
    query = replace(query, until=min(query.until or origin.at, origin.at))
    _record(Action.DOWNLOAD_STARTED, form, {"query": text}, origin)
    digest, count = sha256(), 0
    for line in _list_lines(made, walk_contents(query=query)):
        digest.update(line)
        file.write(line)
        count += 1
    count -= bool(made.head)
    _record(Action.DOWNLOAD_FINISHED, form, {"query": text, "count": count, "sha256": digest.hexdigest()}, origin)
    return Download(count, digest.hexdigest())


def _list_lines(form: FileForm[Content], batches: Iterator[list[Content]]) -> Iterator[bytes]:
    if form.head:
        yield form.head
    for batch in batches:
        yield from map(form.write, batch)


def _record(action: Action, form: str, details: dict[str, object], origin: Origin) -> None:
    with tenant_scope():
        record_event(event=Event(action, Target("Download", origin.request_id, form), details=details), origin=origin)


FORMS = {
    "jsonl": FileForm(JSON_LINES_TYPE, lambda content: write_line(content.as_json())),
    "csv": FileForm(CSV_TYPE, make_row, make_head()),
    "ocsf": FileForm(JSON_LINES_TYPE, lambda content: write_line(map_event(content))),
    "cloudevents": FileForm(JSON_LINES_TYPE, lambda content: write_line(wrap_event(content))),
}
