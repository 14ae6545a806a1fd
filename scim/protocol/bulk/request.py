"""A Bulk request as operations (RFC 7644 section 3.7).

What makes the request as a whole unclear is refused as a whole; what is wrong with one operation is that operation's
own refusal, so that the others are done.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from scim.protocol import bounds, urns
from scim.protocol.dialects.base import Reading
from scim.protocol.errors import ScimError, invalid_syntax, invalid_value
from scim.protocol.folding import fold_name
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.messages import read_members

_OPERATIONS: Final = "Operations"
_FAIL_ON_ERRORS: Final = "failOnErrors"
_MEMBERS: Final = {fold_name(name): name for name in ("method", "bulkId", "version", "path", "data")}
_TEXTS: Final = ("method", "bulkId", "version", "path")
METHODS: Final = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class BulkOperation:
    """One operation as it came, 0-based `index`; `refusal` says what is wrong with it already."""

    index: int
    method: str = ""
    bulk_id: str | None = None
    version: str | None = None
    path: str = ""
    data: Json = None
    refusal: ScimError | None = None

    @property
    def where(self) -> str:
        return f"{_OPERATIONS}[{self.index}]"

    @property
    def creates(self) -> bool:
        return self.method == "POST"


@dataclass(frozen=True)
class BulkRequest:
    """Operations in the order of the request. After `fail_on_errors` refusals nothing more is done; None: no limit."""

    operations: tuple[BulkOperation, ...]
    fail_on_errors: int | None = None


def read_bulk_request(body: JsonObject, *, reading: Reading) -> BulkRequest:
    """Raises ScimError 400 invalidSyntax or invalidValue, and 413 beyond the advertised number of operations."""
    members = read_members(body, [_OPERATIONS, _FAIL_ON_ERRORS], urn=urns.BULK_REQUEST, reading=reading)
    listed = members.get(_OPERATIONS)
    if not isinstance(listed, list) or not listed:
        raise invalid_syntax("Operations has to be an array of one operation or more.")
    if len(listed) > bounds.BULK_OPERATIONS:
        detail = f"The number of operations ({len(listed)}) exceeds the maxOperations ({bounds.BULK_OPERATIONS})."
        raise ScimError(detail, status=413)
    operations = tuple(_read_operation(raw, index) for index, raw in enumerate(listed))
    _check_bulk_ids(operations)
    return BulkRequest(operations, _read_fail_on_errors(members.get(_FAIL_ON_ERRORS)))


def _read_fail_on_errors(raw: object) -> int | None:
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, int) or raw < 1:
        raise invalid_value("failOnErrors has to be a whole number, 1 or more.")
    return raw


def _read_operation(raw: Json, index: int) -> BulkOperation:
    if not isinstance(raw, dict):
        raise invalid_syntax(f"{_OPERATIONS}[{index}] has to be an object.")
    members: dict[str, Any] = {}
    for name, value in raw.items():
        known = _MEMBERS.get(fold_name(name))
        if known in members:
            raise invalid_syntax(f"{_OPERATIONS}[{index}].{known} is named twice.")
        if known and value is not None:
            members[known] = value
    texts = {name: members[name] for name in _TEXTS if isinstance(members.get(name), str)}
    return BulkOperation(
        index,
        texts.get("method", ""),
        texts.get("bulkId"),
        texts.get("version"),
        texts.get("path", ""),
        members.get("data"),
        _find_fault(members, f"{_OPERATIONS}[{index}]"),
    )


def _find_fault(members: JsonObject, where: str) -> ScimError | None:
    odd = next((name for name in _TEXTS if name in members and not isinstance(members[name], str)), None)
    if odd:
        return invalid_syntax(f"{where}.{odd} has to be text.")
    method = members.get("method")
    if method not in METHODS:
        return invalid_syntax(f"{where}.method has to be one of {', '.join(METHODS)}.")
    if not members.get("path"):
        return invalid_syntax(f"{where} has no path.")
    if method == "POST" and not members.get("bulkId"):
        return invalid_syntax(f"{where} creates a resource, but has no bulkId.")
    if method != "DELETE" and not isinstance(members.get("data"), dict):
        return invalid_syntax(f"{where}.data has to be an object.")
    return None


def _check_bulk_ids(operations: tuple[BulkOperation, ...]) -> None:
    """Two creations of the same bulkId would leave open which of them a reference means."""
    counts = Counter(one.bulk_id for one in operations if one.creates and one.bulk_id)
    doubled = next((bulk_id for bulk_id, number in counts.items() if number > 1), None)
    if doubled is not None:
        raise invalid_value(f"bulkId {doubled[:100]!r} stands for two new resources.")
