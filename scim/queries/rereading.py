"""A request of the log read once more, by the definitions of today: what was tolerated in it, and where it fails.

Pure: nothing is looked up or changed. Only what the log says happened is believed: a deviation that it does not name is
left out, and so is an error that was not answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from scim.protocol.dialects.base import LENIENT, Note, Reading
from scim.protocol.dialects.tolerances import TOLERANCES, WarningCode
from scim.protocol.errors import ScimError
from scim.protocol.json_input import parse_json_object
from scim.protocol.leaves import list_leaves
from scim.protocol.patch.apply import apply_patch
from scim.protocol.patch.request import read_patch_request
from scim.protocol.resource import Mode, canonicalize
from scim.protocol.schemas.definitions import ResourceType
from scim.store.request_log import RequestRow

MOST_TOLD: Final = 5  # values at one place
READ_ONLY: Final = ("GET", "DELETE")


@dataclass(frozen=True)
class Applied:
    """One deviation that was tolerated: where it stood (empty: not known), what was sent, and what it was read as."""

    code: str
    sentence: str
    where: str = ""
    sent: str = ""
    read: str = ""


@dataclass(frozen=True)
class Reread:
    """`is_whole`: the log has all of the body. The errors are refusals of its form and of its values, as they are told
    on the wire.
    """

    is_whole: bool
    applied: Sequence[Applied] = ()
    syntax_error: str = ""
    value_error: str = ""


@dataclass
class _Found:
    reading: Reading = field(default_factory=lambda: Reading(LENIENT))
    document: Mapping[str, Any] = field(default_factory=dict)
    syntax_error: str = ""
    value_error: str = ""


def reread_request(*, row: RequestRow, resource_type: ResourceType | None, before: Mapping[str, Any] | None) -> Reread:
    """`before` is the document that a change began with, where it is known."""
    if not row.request_body:
        return Reread(True, _tell(row, _Found(), {}))
    try:
        body: Any = orjson.loads(row.request_body)
    except orjson.JSONDecodeError:
        return Reread(False, _tell(row, _Found(), {}))
    found = _Found()
    try:
        parse_json_object(row.request_body.encode())
    except ScimError as error:
        return Reread(True, _tell(row, found, {}), syntax_error=error.detail)
    if resource_type is not None and row.method not in READ_ONLY and not row.path.endswith("/.search"):
        read = _read_patch if row.method == "PATCH" else _read_whole
        read(row, resource_type, body, before or {}, found)
    return Reread(True, _tell(row, found, body), found.syntax_error, found.value_error)


def _read_patch(row: RequestRow, kind: ResourceType, body: Any, before: Mapping[str, Any], found: _Found) -> None:
    """Notes come as far as it gets."""
    try:
        operations = read_patch_request(body, reading=found.reading)
    except ScimError as error:
        found.syntax_error = error.detail
        return
    try:
        patched = apply_patch(kind, dict(before), operations, reading=found.reading, resource_id=row.resource_id)
        found.document = patched.document
    except ScimError as error:
        found.value_error = error.detail


def _read_whole(row: RequestRow, kind: ResourceType, body: Any, before: Mapping[str, Any], found: _Found) -> None:
    """As above."""
    mode, resource_id = (Mode.REPLACE, row.resource_id) if row.method == "PUT" else (Mode.CREATE, None)
    try:
        made = canonicalize(
            kind, body, mode=mode, reading=found.reading, resource_id=resource_id, current=dict(before) or None
        )
        found.document = made.document
    except ScimError as error:
        found.value_error = error.detail


def _tell(row: RequestRow, found: _Found, body: Any) -> Sequence[Applied]:
    """One line for each place of a code that the log has; a code whose place is not found stands without one."""
    notes: dict[str, list[Note]] = {code: [] for code in row.warnings}
    for note in found.reading.notes:
        if note.code in notes:
            notes[note.code].append(note)
    sent = body if row.method != "PATCH" and isinstance(body, dict) else {}
    told = []
    for code, places in notes.items():
        sentence = TOLERANCES[WarningCode(code)].sentence if code in set(WarningCode) else code
        told += [
            Applied(code, sentence, note.where, _values(sent, note.where), _values(found.document, note.where))
            for note in places
        ] or [Applied(code, sentence)]
    return told


def _values(document: Mapping[str, Any], where: str) -> str:
    """What stands at a path, in short."""
    found = [leaf.text for leaf in list_leaves(document) if leaf.path == where or leaf.path.startswith(f"{where}.")]
    rest = f" and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
    return ", ".join(found[:MOST_TOLD]) + rest
