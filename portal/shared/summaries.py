"""Requests in plain sentences: what was asked, about whom, and how it ended. For people who know no SCIM."""

from typing import Final

from scim.protocol.dialects.tolerances import TOLERANCES, WarningCode
from scim.queries.requests import RequestRow

# Method and outcome to a sentence; `who` is the name by which a person or group is known.
DONE: Final = {
    "GET": "Read {who}",
    "POST": "Created {who}",
    "PUT": "Replaced {who}",
    "PATCH": "Changed {who}",
    "DELETE": "Deleted {who}",
}
TRIED: Final = {
    "GET": "Tried to read {who}",
    "POST": "Tried to create {who}",
    "PUT": "Tried to replace {who}",
    "PATCH": "Tried to change {who}",
    "DELETE": "Tried to delete {who}",
}
ENDINGS: Final = {
    "refused": ": {detail}",
    "denied": ", which was not allowed: {detail}",
    "limited": " too soon after too many requests",
    "failed": ", and we failed",
}


def summarize_request(*, row: RequestRow) -> str:
    """One sentence without an end mark."""
    who = row.subject or _name_place(row)
    told = (DONE if row.outcome == "done" else TRIED).get(row.method, f"{row.method} {{who}}").format(who=who)
    ending = ENDINGS.get(row.outcome, "").format(detail=row.detail or f"status {row.status}")
    return told + ending


def explain_warning(*, code: str) -> str:
    """What was tolerated, as the table of tolerances says it."""
    return TOLERANCES[WarningCode(code)].sentence if code in set(WarningCode) else ""


def _name_place(row: RequestRow) -> str:
    if row.resource_id:
        return f"{row.resource_type or 'resource'} {row.resource_id}"
    asked = f" where {row.query.removeprefix('filter=')}" if row.query.startswith("filter=") else ""
    return f"{row.path.removeprefix('/scim/v2') or '/'}{asked}"
