"""Messages of the protocol that surround resources (RFC 7644 sections 3.4.2 and 8.1, RFC 9865 section 2)."""

from collections.abc import Iterable, Sequence
from typing import Any

from scim.protocol import urns
from scim.protocol.dialects.base import Reading
from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.errors import invalid_syntax
from scim.protocol.folding import fold_name, is_same_name
from scim.protocol.json_input import JsonObject


def list_response(
    resources: Sequence[JsonObject],
    *,
    total_results: int,
    start_index: int | None = None,
    previous_cursor: str | None = None,
    next_cursor: str | None = None,
) -> dict[str, Any]:
    """A ListResponse. `Resources` is an array even when it is empty, as clients iterate over it unasked.

    `start_index` is 1-based and left out for pages that a cursor led to.
    """
    body: dict[str, Any] = {"schemas": [urns.LIST_RESPONSE], "totalResults": total_results}
    if start_index is not None:
        body["startIndex"] = start_index
    body["itemsPerPage"] = len(resources)
    if previous_cursor is not None:
        body["previousCursor"] = previous_cursor
    if next_cursor is not None:
        body["nextCursor"] = next_cursor
    body["Resources"] = list(resources)
    return body


def read_members(body: JsonObject, names: Iterable[str], *, urn: str, reading: Reading) -> JsonObject:
    """The members of a request message by their canonical names, case aside; others are ignored.

    Its `schemas` have to name `urn`: W_NO_SCHEMAS or W_SCHEMA_URI otherwise. Raises ScimError 400 invalidSyntax when a
    member is named twice.
    """
    canonical = {fold_name(name): name for name in (*names, "schemas")}
    found: JsonObject = {}
    for name, value in body.items():
        known = canonical.get(fold_name(name))
        if known in found:
            raise invalid_syntax(f"{known} is named twice.")
        if known:
            found[known] = value
    _check_schemas(found.pop("schemas", None), urn, reading)
    return found


def _check_schemas(declared: object, urn: str, reading: Reading) -> None:
    if not declared:
        reading.warn(WarningCode.NO_SCHEMAS, "schemas")
    elif not isinstance(declared, list) or not all(isinstance(name, str) for name in declared):
        raise invalid_syntax("schemas has to be an array of URNs.")
    elif not any(is_same_name(name, urn) for name in declared):
        reading.warn(WarningCode.SCHEMA_URI, "schemas")
