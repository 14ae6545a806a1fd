"""What a target declares of itself: ServiceProviderConfig, ResourceTypes and Schemas (RFC 7643 sections 5 to 7).

Only what is said in a form that can be relied on becomes a fact; everything else is left to the other layers.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from scim.targets.profile import Facts, Paging, PatchForm

PAGE: Final = Facts.page_size
LAST_PART: Final = re.compile(r"([\w.\-]*\w)/?$")
CONFIG_FLAGS: Final = ("etag", "bulk", "filter")


def read_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of a ServiceProviderConfig."""
    told: dict[str, Any] = {}
    for name in CONFIG_FLAGS:
        supported = _part(config, name).get("supported")
        if isinstance(supported, bool):
            told[name] = supported
    if _part(config, "patch").get("supported") is False:
        told["patch"] = PatchForm.NONE
    for field, name in (("bulk_max_operations", "maxOperations"), ("bulk_max_bytes", "maxPayloadSize")):
        if told.get("bulk") and (bound := _number(_part(config, "bulk").get(name))):
            told[field] = bound
    return {**told, **_read_paging(config)}


def _read_paging(config: Mapping[str, Any]) -> dict[str, Any]:
    """Cursors come first where there are both: people who join or leave meanwhile do not move the pages."""
    paging, told = _part(config, "pagination"), {}
    if paging.get("cursor") is True:
        told["paging"] = Paging.CURSOR
    elif paging.get("index") is True:
        told["paging"] = Paging.INDEX
    bounds = [_part(config, "filter").get("maxResults"), paging.get("maxPageSize")]
    known = [bound for bound in map(_number, bounds) if bound]
    return {**told, "page_size": min(PAGE, *known)} if known else told


def read_resource_types(documents: Sequence[Any]) -> dict[str, Any]:
    """Facts of the ResourceTypes: where users and groups are found, and whether there are groups."""
    endpoints = dict(_endpoints(documents))
    if "user" not in endpoints:
        return {}
    told: dict[str, Any] = {"user_endpoint": endpoints["user"], "groups": "group" in endpoints}
    return {**told, "group_endpoint": endpoints["group"]} if told["groups"] else told


def read_schemas(documents: Sequence[Any]) -> dict[str, Any]:
    """Facts of the Schemas: which there are."""
    ids = [document["id"] for document in documents if isinstance(document, dict) and _is_text(document.get("id"))]
    return {"schemas": sorted(ids)} if ids else {}


def _endpoints(documents: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for document in documents:
        if not isinstance(document, dict):
            continue
        name, endpoint = document.get("name") or document.get("id"), document.get("endpoint")
        # Some give the whole address: what counts is its last part.
        last = LAST_PART.search(endpoint) if isinstance(endpoint, str) else None
        if isinstance(name, str) and last:
            yield name.casefold(), f"/{last[1]}"


def _part(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = config.get(name)
    return found if isinstance(found, dict) else {}


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)
