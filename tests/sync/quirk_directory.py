"""The directory behind the quirk server: users and groups in memory, with as much SCIM as a plain target has."""

import itertools
import re
import threading
from typing import Any
from urllib.parse import parse_qs

from tests.sync.quirks import Quirks, error_body

Reply = tuple[int, dict[str, str], Any]
KEYS = {"Users": "userName", "Groups": "displayName"}
TYPES = {"Users": "User", "Groups": "Group"}
INDEXED = ("userName", "displayName", "externalId")
FILTER = re.compile(r'([\w.:$\-]+(?:\[[^\]]*\])?(?:\.\w+)?) eq "((?:[^"\\]|\\.)*)"')
VALUE_PATH = re.compile(r'([\w.:]+)\[(\w+) eq "([^"]*)"\](?:\.(\w+))?')


class QuirkDirectory:
    """Resources by endpoint and id. A call is one reply: status, headers, body."""

    def __init__(self, quirks: Quirks) -> None:
        self.quirks, self.lock = quirks, threading.RLock()
        self.resources: dict[str, dict[str, dict[str, Any]]] = {"Users": {}, "Groups": {}}
        self._ids = itertools.count(1)
        self._unseen: dict[str, int] = {}
        self._versions: dict[str, int] = {}
        self._index: dict[tuple[str, str, str], list[str]] = {}

    def answer(self, method: str, path: str, query: str, body: Any) -> Reply:
        endpoint, _, remote_id = path.strip("/").partition("/")
        with self.lock:
            if endpoint not in self.resources:
                return self._discover(endpoint)
            if not remote_id:
                return self._create(endpoint, body) if method == "POST" else self._list(endpoint, parse_qs(query))
            if method == "PATCH" and not self.quirks.patch:
                return 501, {}, error_body(501, "PATCH is not supported")
            if remote_id not in self.resources[endpoint]:
                return 404, {}, error_body(404, f"Resource {remote_id} not found")
            return self._change(method, endpoint, remote_id, body)

    def _create(self, endpoint: str, body: dict[str, Any]) -> Reply:
        name = str(body.get(KEYS[endpoint], ""))
        if refusal := self._refuse(endpoint, name, ""):
            return refusal
        remote_id = f"q{next(self._ids)}"
        self._unseen[remote_id] = self.quirks.blind_reads
        self._keep(endpoint, remote_id, {**body, "id": remote_id})
        if self.quirks.no_content:
            return 204, {}, None
        shown = self._show(endpoint, remote_id)
        if self.quirks.without_id:
            return 201, {}, {name: value for name, value in shown.items() if name not in {"id", "meta"}}
        return 201, {"location": f"/{endpoint}/{remote_id}"}, shown

    def _refuse(self, endpoint: str, name: str, own_id: str) -> Reply | None:
        if name in self.quirks.poisoned:
            return 400, {}, error_body(400, f"Value '{name}' of department is too long", "invalidValue")
        if not self.quirks.unique or not {*self._find(endpoint, KEYS[endpoint], name)} - {own_id}:
            return None
        status = self.quirks.typeless_conflict
        return status or 409, {}, error_body(status or 409, f"{name} already exists", None if status else "uniqueness")

    def _change(self, method: str, endpoint: str, remote_id: str, body: Any) -> Reply:
        if method == "DELETE":
            del self.resources[endpoint][remote_id]
            return 204, {}, None
        if method == "GET":
            return 200, {}, self._show(endpoint, remote_id)
        document = {**body, "id": remote_id}
        if method == "PATCH":
            if refusal := self._refuse_patch(body):
                return refusal
            document = copy_objects(self.resources[endpoint][remote_id])
            for operation in body["Operations"]:
                apply_operation(document, operation)
        if refusal := self._refuse(endpoint, str(document.get(KEYS[endpoint], "")), remote_id):
            return refusal
        self._keep(endpoint, remote_id, document)
        self._versions[remote_id] = self._versions.get(remote_id, 1) + 1
        return (204, {}, None) if self.quirks.no_content else (200, {}, self._show(endpoint, remote_id))

    def _refuse_patch(self, body: dict[str, Any]) -> Reply | None:
        count = sum(map(count_members, body["Operations"]))
        if self.quirks.max_members is not None and count > self.quirks.max_members:
            return 400, {}, error_body(400, "Request is unparsable, syntactically incorrect, or violates schema.")
        return None

    def _list(self, endpoint: str, query: dict[str, list[str]]) -> Reply:
        quirks, found = self.quirks, list(self.resources[endpoint])
        if "filter" in query and quirks.filter == "refused":
            return 400, {}, error_body(400, "Filters are not supported", "invalidFilter")
        if "filter" in query and quirks.filter == "missing":
            return 404, {}, error_body(404, "Nobody found")
        if "filter" in query and quirks.filter == "on":
            found = self._filter(endpoint, query["filter"][0])
        cursor = query.get("cursor", [""])[0]
        start = int(cursor or query.get("startIndex", ["1"])[0]) - 1
        count = min(int(query.get("count", [str(quirks.page_limit)])[0]), quirks.page_limit)
        if quirks.paging == "none":
            start, count = 0, len(found)
        shown = [self._show(endpoint, remote_id) for remote_id in found[start : start + count]]
        total = len(found) if quirks.total is None else quirks.total
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": total}
        if quirks.paging == "cursor" and start + count < len(found):
            body["nextCursor"] = str(start + count + 1)
        return 200, {}, {**body, "itemsPerPage": len(shown), "startIndex": start + 1, "Resources": shown}

    def _filter(self, endpoint: str, text: str) -> list[str]:
        parsed = FILTER.fullmatch(text)
        wanted = re.sub(r"\\(.)", r"\1", parsed[2]).casefold() if parsed else ""
        found = []
        for remote_id in self._find(endpoint, parsed[1], wanted) if parsed else []:
            self._unseen[remote_id] = self._unseen.get(remote_id, 0) - 1
            if self._unseen[remote_id] < 0:
                found.append(remote_id)
        return found

    def _keep(self, endpoint: str, remote_id: str, document: dict[str, Any]) -> None:
        """Documents are replaced and never changed, for one may be on its way to a client."""
        self.resources[endpoint][remote_id] = document
        for attribute in INDEXED:
            if attribute in document:
                self._index.setdefault((endpoint, attribute, str(document[attribute]).casefold()), []).append(remote_id)

    def _find(self, endpoint: str, attribute: str, value: str) -> list[str]:
        """Ids of those that have a value, case aside; by the index where there is one, or thousands would take long."""
        resources, wanted = self.resources[endpoint], value.casefold()
        keys = re.sub(r"\[[^\]]*\]", "", attribute).split(".")
        asked = self._index.get((endpoint, attribute, wanted), []) if attribute in INDEXED else list(resources)
        known = (remote_id for remote_id in dict.fromkeys(asked) if remote_id in resources)
        return [
            found for found in known if any(str(held).casefold() == wanted for held in walk(resources[found], keys))
        ]

    def etag(self, remote_id: str) -> str:
        return f'W/"{self._versions.get(remote_id, 1)}"'

    def _show(self, endpoint: str, remote_id: str) -> dict[str, Any]:
        meta: dict[str, Any] = {"resourceType": TYPES[endpoint], "location": f"/{endpoint}/{remote_id}"}
        if self.quirks.etag:
            meta["version"] = self.etag(remote_id)
        return {**self.resources[endpoint][remote_id], "meta": meta}

    def _discover(self, endpoint: str) -> Reply:
        if not self.quirks.discovery or endpoint not in {"ServiceProviderConfig", "ResourceTypes", "Schemas"}:
            return 404, {}, error_body(404, "Not found")
        if endpoint == "ServiceProviderConfig":
            return 200, {}, self._config()
        types = [
            {"id": kind, "name": kind, "endpoint": f"/{end}", "schema": f"urn:{kind}"} for end, kind in TYPES.items()
        ]
        found = types if endpoint == "ResourceTypes" else [{"id": f"urn:{kind}"} for kind in TYPES.values()]
        return 200, {}, {"totalResults": len(found), "Resources": found}

    def _config(self) -> dict[str, Any]:
        on = {"patch": self.quirks.patch, "etag": self.quirks.etag, "bulk": False, "sort": False}
        flags: dict[str, Any] = {name: {"supported": value} for name, value in on.items()}
        cursor = self.quirks.paging == "cursor"
        paging = {"cursor": cursor, "index": not cursor, "maxPageSize": self.quirks.page_limit}
        return {**flags, "filter": {"supported": True, "maxResults": self.quirks.page_limit}, "pagination": paging}


def walk(value: Any, keys: list[str]) -> list[Any]:
    """The values at a path, through arrays."""
    if isinstance(value, list):
        return [found for element in value for found in walk(element, keys)]
    if not keys:
        return [value.get("value") if isinstance(value, dict) else value]
    return walk(value[keys[0]], keys[1:]) if isinstance(value, dict) and keys[0] in value else []


def copy_objects(value: Any) -> Any:
    """A copy of objects within objects; arrays are replaced by whoever changes them."""
    return {name: copy_objects(inner) for name, inner in value.items()} if isinstance(value, dict) else value


def count_members(operation: dict[str, Any]) -> int:
    path = str(operation.get("path", ""))
    value = operation.get("value")
    return len(value) if path == "members" and isinstance(value, list) else int(path.startswith("members["))


def apply_operation(document: dict[str, Any], operation: dict[str, Any]) -> None:
    """Just as much of PATCH as the tests send: plain paths, paths into an extension, elements by one comparison."""
    op, path = operation["op"].lower(), operation.get("path")
    value: Any = operation.get("value")
    if path is None:
        for name, inner in value.items():
            apply_operation(document, {"op": op, "path": name, "value": inner})
    elif chosen := VALUE_PATH.fullmatch(path):
        _apply_to_elements(document, op, chosen, value)
    else:
        urn, _, local = str(path).rpartition(":")
        *outer, last = [name for name in (urn, *local.split(".")) if name]
        place = document
        for name in outer:
            place = place.setdefault(name, {})
        _apply_to_member(place, op, last, value)


def _apply_to_member(place: dict[str, Any], op: str, name: str, value: Any) -> None:
    held = place.get(name)
    if op == "remove" and isinstance(held, list) and isinstance(value, list):
        gone = {element["value"] for element in value}
        place[name] = [element for element in held if element["value"] not in gone]
    elif op == "remove" or value is None:
        place.pop(name, None)
    elif op == "add" and isinstance(held, list):
        known = {element.get("value") for element in held}
        place[name] = held + [element for element in value if element.get("value") not in known]
    else:
        place[name] = value


def _apply_to_elements(document: dict[str, Any], op: str, chosen: re.Match[str], value: Any) -> None:
    name, sub, wanted, last = chosen.groups()
    held: list[dict[str, Any]] = [*document.get(name, [])]
    matching = [element for element in held if element.get(sub) == wanted]
    document[name] = [element for element in held if element not in matching]
    if op == "remove" and not last:
        return
    for element in matching or [{sub: wanted}]:
        changed = {**element, **({} if last else value)}
        if last:
            _apply_to_member(changed, op, last, value)
        document[name].append(changed)
