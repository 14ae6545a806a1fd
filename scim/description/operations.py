"""What can be asked, one row an operation. Rows of a resource type stand for every type that a tenant has."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scim.protocol.schemas.definitions import ResourceType

READ, WRITE, NONE = "scim:read", "scim:write", ""
LIST_PARAMETERS: Final = (
    *("filter", "sortBy", "sortOrder", "startIndex", "count", "cursor"),
    *("attributes", "excludedAttributes"),
)
PROJECTION: Final = ("attributes", "excludedAttributes")
# Statuses that any request with a token may get: who is it, may they, how often, and can it be asked now.
GUARDED: Final = (400, 401, 403, 429, 503)
WRITTEN: Final = (409, 413, 415)
TYPE: Final = "{type}"


@dataclass(frozen=True)
class Operation:
    """One method of one path. `{type}` stands for a resource type: in `path` for its endpoint, elsewhere for its name.

    `sends` and `answers` name schemas of components; `statuses` are those of success, `refusals` all others.
    """

    method: str
    path: str
    id: str
    summary: str
    scope: str = READ
    parameters: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    sends: str = ""
    answers: str = ""
    statuses: tuple[int, ...] = (200,)
    refusals: tuple[int, ...] = ()
    types: tuple[str, ...] = ()
    tag: str = ""

    def of_type(self, resource_type: ResourceType) -> "Operation":
        """The row for one resource type. A Group is patched without an answer, unless attributes are asked for."""
        name = resource_type.name
        told = {field: getattr(self, field).replace(TYPE, name) for field in ("id", "summary", "sends", "answers")}
        statuses = (200, 204) if self.method == "PATCH" and name == "Group" else self.statuses
        path = self.path.replace(f"/{TYPE}", resource_type.endpoint)
        return replace(self, path=path, statuses=statuses, tag=name, **told)


def _at_id(method: str, name: str, summary: str, **more: object) -> Operation:
    refusals = (*GUARDED, 404, *(WRITTEN if "sends" in more else ()), *((412,) if method != "GET" else ()))
    fields: dict[str, object] = {"answers": TYPE, "parameters": PROJECTION, "refusals": refusals, **more}
    return Operation(method, "/{type}/{id}", f"{name}{TYPE}", summary, **fields)  # type: ignore[arg-type]  # rows of a table


OPERATIONS: Final = (
    Operation(
        *("GET", "/{type}", "list{type}s", "List {type} resources"),
        parameters=LIST_PARAMETERS,
        answers="{type}List",
        refusals=(*GUARDED, 404),
    ),
    Operation(
        *("POST", "/{type}", "create{type}", "Create a {type}", WRITE),
        parameters=PROJECTION,
        sends="New{type}",
        answers=TYPE,
        statuses=(201,),
        refusals=(*GUARDED, 404, *WRITTEN),
    ),
    Operation(
        *("POST", "/{type}/.search", "search{type}s", "List {type} resources by a search in the body"),
        sends="SearchRequest",
        answers="{type}List",
        refusals=(*GUARDED, 404, 413, 415),
    ),
    _at_id("GET", "get", "Read a {type}", headers=("If-None-Match",), statuses=(200, 304)),
    _at_id("PUT", "replace", "Replace a {type}", scope=WRITE, headers=("If-Match",), sends="New{type}"),
    _at_id("PATCH", "patch", "Change parts of a {type}", scope=WRITE, headers=("If-Match",), sends="PatchOp"),
    _at_id(
        *("DELETE", "delete", "Delete a {type}"),
        scope=WRITE,
        headers=("If-Match",),
        statuses=(204,),
        answers="",
        parameters=(),
    ),
    Operation(
        *("GET", "/Groups/{id}/members", "listGroupMembers", "List the members of a Group, an extension of ours"),
        parameters=("filter", "startIndex", "count", "cursor"),
        answers="MemberList",
        refusals=(*GUARDED, 404),
        tag="Group",
    ),
    Operation(
        *("POST", "/Groups/{id}/members/.search", "searchGroupMembers", "List the members by a search in the body"),
        sends="SearchRequest",
        answers="MemberList",
        refusals=(*GUARDED, 404, 413, 415),
        tag="Group",
    ),
    Operation(
        *("GET", "/", "listAll", "List resources of every type"),
        parameters=LIST_PARAMETERS,
        answers="ResourceList",
        refusals=GUARDED,
        tag="All types",
    ),
    Operation(
        *("POST", "/.search", "searchAll", "List resources of every type by a search in the body"),
        sends="SearchRequest",
        answers="ResourceList",
        refusals=(*GUARDED, 413, 415),
        tag="All types",
    ),
    Operation(
        *("POST", "/Bulk", "processBulk", "Do up to 1,000 operations in one request", WRITE),
        sends="BulkRequest",
        answers="BulkResponse",
        refusals=(*GUARDED, 409, 413, 415),
        tag="All types",
    ),
    *(
        Operation(
            *(method, "/Me", f"{word}Me", f"{says} the User that the SCIM client is bound to"),
            scope=READ if method == "GET" else WRITE,
            parameters=() if method == "DELETE" else PROJECTION,
            headers=("If-None-Match",) if method == "GET" else ("If-Match",),
            sends=sends,
            answers="" if method == "DELETE" else "User",
            statuses={"GET": (200, 304), "DELETE": (204,)}.get(method, (200,)),
            refusals=(*GUARDED, 404, *WRITTEN, 412, 501),
            tag="User",
        )
        for method, word, says, sends in (
            ("GET", "get", "Read", ""),
            ("PUT", "replace", "Replace", "NewUser"),
            ("PATCH", "patch", "Change", "PatchOp"),
            ("DELETE", "delete", "Delete", ""),
        )
    ),
    *(
        Operation(
            *("GET", path, name, summary, NONE),
            answers=answers,
            refusals=(400, *refusals, 429, 503),
            tag="Discovery",
        )
        for path, name, summary, answers, refusals in (
            ("/ServiceProviderConfig", "getConfig", "Read what is supported", "ServiceProviderConfig", ()),
            ("/Schemas", "listSchemas", "List the schemas", "SchemaList", (403,)),
            ("/Schemas/{name}", "getSchema", "Read a schema", "Schema", (403, 404)),
            ("/ResourceTypes", "listResourceTypes", "List the resource types", "ResourceTypeList", (403,)),
            ("/ResourceTypes/{name}", "getResourceType", "Read a resource type", "ResourceType", (403, 404)),
        )
    ),
)


def list_operations(resource_types: Iterable[ResourceType]) -> Sequence[Operation]:
    """Every operation with these resource types."""
    return list(_expand(list(resource_types)))


def _expand(resource_types: Sequence[ResourceType]) -> Iterator[Operation]:
    for resource_type in resource_types:
        yield from (row.of_type(resource_type) for row in OPERATIONS if f"/{TYPE}" in row.path)
    yield from (row for row in OPERATIONS if f"/{TYPE}" not in row.path)
