"""Requests drawn from a number: half of them mean something, the others are what no client ought to send."""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from urllib.parse import quote

from scim.protocol import urns

LONG: Final = "x" * 1025
ODD: Final[list[Any]] = [
    *(None, True, False, 0, -1, 1.5, 1e308, 2**63 - 1, 2**63, -(2**70), float("nan"), float("inf"), "", " ", "a"),
    *("\x00", "a\x00b", "\ud800", LONG, "x" * 70_000, "\ufb01", "\U0001f600", "True", "{", '{"value":"R"}', "'; --"),
    *([], {}, [[]], [None], [{}], {"value": None}, {"": ""}, {"value": []}, [["a"]], {"a": {"b": {"c": 1}}}),
]
TYPES: Final = {"Users": urns.USER, "Groups": urns.GROUP}
NAMES: Final = [
    *("userName", "USERNAME", "displayName", "externalId", "name", "name.givenName", "emails", "active", "password"),
    *("members", "groups", "id", "meta", "schemas", "roles", "title", "addresses", "x509Certificates", "shoeSize", ""),
    *(urns.ENTERPRISE_USER, f"{urns.ENTERPRISE_USER}:manager", f"{urns.ENTERPRISE_USER}.department", "urn:", "urn:a:b"),
    *("urn:a:b:c", f"{urns.USER}:userName", f"{urns.GROUP}:members", "$ref", "emails[", "a" * 300),
]
PATHS: Final = [
    *NAMES,
    *('emails[type eq "work"]', 'emails[type eq "work"].value', "emails.value", 'members[value eq "a"]', "manager"),
    *("emails[type]", "[", ".", ":", "emails[type eq work].value", 'roles[primary eq "True"]', "name[a eq 1].b"),
]
TOKENS: Final = [
    *("userName", "emails.value", "emails[", "]", "(", ")", "and", "or", "not", "eq", "co", "sw", "gt", "pr", "ne"),
    *(
        '"a"',
        '"',
        "true",
        "null",
        "1",
        "2011-05-13T04:42:34Z",
        "meta.created",
        "members",
        "groups.value",
        "id",
        "\\u0000",
    ),
    *("urn:ietf:params:scim:schemas:core:2.0:User:userName", "active", "externalId", "x", "9" * 40, "\x00", "\ud7ff"),
]
METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get"]
MEDIA_TYPES: Final = [
    "application/json",
    "",
    "text/plain",
    "application/scim+json; charset=utf-8",
    "multipart/form-data",
    ";",
]
HEADERS: Final = [
    *(
        ("HTTP_IF_MATCH", 'W/"1"'),
        ("HTTP_IF_MATCH", "*"),
        ("HTTP_IF_NONE_MATCH", "junk\xff"),
        ("HTTP_ACCEPT", "text/html"),
    ),
    *(
        ("HTTP_HOST", "evil.test"),
        ("HTTP_X_FORWARDED_FOR", "::::"),
        ("HTTP_COOKIE", "\xff="),
        ("HTTP_ACCEPT", "\x01;;"),
    ),
    *(
        ("CONTENT_LENGTH", "abc"),
        ("HTTP_USER_AGENT", "a\xffb"),
        ("HTTP_PREFER", "respond-async"),
        ("HTTP_RANGE", "bytes=0-"),
    ),
]


@dataclass(frozen=True)
class Drawn:
    """A request: `query` and `body` as they travel."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    media_type: str = "application/scim+json"
    headers: dict[str, str] = field(default_factory=dict)


def draw_body(draw: Random, ids: list[str]) -> Drawn:
    """A POST or PUT of a user or a group."""
    kind = draw.choice(list(TYPES))
    method = draw.choice(["POST", "POST", "PUT"])
    body = {"schemas": [TYPES[kind]], "userName": f"u{draw.randrange(300)}", "displayName": f"g{draw.randrange(300)}"}
    for _ in range(draw.choice([0, 1, 2, 4])):
        body[draw.choice(NAMES)] = _value(draw, ids)
    return _send(draw, method, _address(draw, kind, method, ids), _text(draw, body))


def draw_patch(draw: Random, ids: list[str]) -> Drawn:
    """A PATCH of a user or a group."""
    operations = [_operation(draw, ids) for _ in range(draw.choice([0, 1, 1, 2, 3]))]
    body = {"schemas": [urns.PATCH_OP], draw.choice(["Operations"] * 9 + ["operations"]): operations}
    return _send(draw, "PATCH", _address(draw, draw.choice(list(TYPES)), "PATCH", ids), _text(draw, body))


def draw_query(draw: Random, ids: list[str]) -> Drawn:
    """A list or a read with a filter, a sort, a page and a projection."""
    asked = {"filter": _filter(draw), "startIndex": draw.choice(["1", "0", "-1", "9" * 30, "a", "", "1.5", "\u0663"])}
    asked |= {"count": draw.choice(["1", "0", "-5", "2000", "9" * 30, "x"]), "sortBy": draw.choice(PATHS)}
    asked |= {
        "attributes": draw.choice(PATHS),
        "excludedAttributes": draw.choice(PATHS),
        "sortOrder": draw.choice("xa"),
    }
    chosen = draw.sample(sorted(asked), draw.choice([1, 1, 2, 3]))
    query = "&".join(f"{name}={quote(asked[name], safe='')}" for name in chosen)
    odd = draw.choice(
        ["", "", "", "", "%", "&&", "%ff=%00", "&filter=%c3%28", "?", "&=", "+", "&filter=", "\xe9", "&x=%u0041"]
    )
    return _send(draw, "GET", _address(draw, draw.choice(list(TYPES)), "GET", ids), b"", query + odd)


def draw_search(draw: Random, ids: list[str]) -> Drawn:
    """A list that is asked for in a body."""
    asked: dict[str, Any] = {
        "filter": _filter(draw),
        "startIndex": draw.choice([1, 0, -1, 2**70, "1", 1.5, None]),
        "count": draw.choice([1, 0, -5, 2000, "x", True]),
        "sortBy": draw.choice(PATHS),
        "sortOrder": draw.choice(["ascending", "descending", "up", 1]),
        "attributes": [draw.choice(PATHS), draw.choice([*PATHS, *ODD[:9]])],
        "excludedAttributes": draw.choice([[draw.choice(PATHS)], "title", ODD[0]]),
        "cursor": draw.choice(["", "nonsense", "A" * 300, 7]),
    }
    chosen = {name: asked[name] for name in draw.sample(sorted(asked), draw.choice([1, 1, 2, 3]))}
    if draw.random() < 0.1:
        chosen[draw.choice([*asked, "", "colour"])] = draw.choice(ODD)
    place = draw.choice(["/Users", "/Groups", "", f"/Groups/{draw.choice(ids)}/members", "/Nothing"])
    body = {"schemas": [urns.SEARCH_REQUEST], **chosen}
    return _send(draw, "POST", f"{place}/.search", _text(draw, body))


def draw_bulk(draw: Random, ids: list[str]) -> Drawn:
    """Some creations, replacements, patches and deletions in one request, now and then by bulkId."""
    operations = [_bulk_operation(draw, ids) for _ in range(draw.choice([0, 1, 2, 3, 5]))]
    body: dict[str, Any] = {"schemas": [urns.BULK_REQUEST], "Operations": operations}
    if draw.random() < 0.2:
        body["failOnErrors"] = draw.choice([1, 2, 0, -1, "1", None])
    return _send(draw, "POST", "/Bulk", _text(draw, body))


def _bulk_operation(draw: Random, ids: list[str]) -> Any:
    drawn = draw.choice([draw_body, draw_patch])(draw, ids)
    name = f"bulkId:b{draw.randrange(4)}"
    operation: dict[str, Any] = {
        "method": draw.choice([drawn.method] * 8 + ["DELETE", "GET", None]),
        "path": draw.choice([drawn.path] * 8 + [f"/Users/{name}", "/Nothing", 7]),
        "bulkId": draw.choice([f"b{draw.randrange(4)}", f"b{draw.randrange(99)}", None]),
    }
    try:
        operation["data"] = json.loads(drawn.body)
    except (ValueError, RecursionError):
        operation["data"] = draw.choice(ODD)
    if draw.random() < 0.2 and isinstance(operation["data"], dict):
        operation["data"]["members"] = [{"value": name}]
    return operation if draw.random() < 0.97 else draw.choice(ODD)


def _operation(draw: Random, ids: list[str]) -> Any:
    operation: dict[str, Any] = {"op": draw.choice(["add", "replace", "remove", "Add", "Replace", "move", None])}
    if draw.random() < 0.8:
        operation["path"] = draw.choice(PATHS)
    if draw.random() < 0.8:
        members = {draw.choice(PATHS): _value(draw, ids) for _ in range(draw.choice([0, 1, 2]))}
        operation["value"] = draw.choice([members, _value(draw, ids)])
    return operation if draw.random() < 0.97 else draw.choice(ODD)


def _value(draw: Random, ids: list[str]) -> Any:
    known = [{"value": draw.choice(ids), "type": "work"}], draw.choice(ids), {"givenName": "A"}, "text", True
    return draw.choice([*known, draw.choice(ODD), [draw.choice(ODD)], {draw.choice(NAMES): draw.choice(ODD)}])


def _filter(draw: Random) -> str:
    if draw.random() < 0.5:
        return " ".join(draw.choices(TOKENS, k=draw.randrange(1, 9)))
    term = f"{draw.choice(PATHS)} {draw.choice(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'le', 'EQ', 'xx'])} "
    term += draw.choice(['"a"', "true", "1", "null", '"2011-05-13T04:42:34Z"', '"\\u0000"', '"\\ud800"', "a", "1e999"])
    return draw.choice([term, f"not ({term})", f"{term} and {term}", "(" * draw.randrange(40) + term, term * 80])


def _address(draw: Random, kind: str, method: str, ids: list[str]) -> str:
    if draw.random() < 0.03:
        return draw.choice(
            ["", "/", "/Nothing", "/Users/\x00", "/Users/\xff", "//Users", "/Schemas/x", "/users", "/Users/../Groups"]
        )
    odd = draw.choice(["x", "\xe9", ids[0].upper(), "a" * 300, f"{urns.USER}:id"])
    one = draw.choice(ids) if draw.random() < 0.95 else odd
    return f"/{kind}" if method == "POST" or (method == "GET" and draw.random() < 0.8) else f"/{kind}/{one}"


def _text(draw: Random, body: Any) -> bytes:
    text = json.dumps(body).encode()
    if draw.random() < 0.9:
        return text
    cut, nested = draw.randrange(len(text)), draw.choice([31, 33, 2000])
    broken = [
        text[:cut],
        text + b"}",
        b"\xef\xbb\xbf" + text,
        text.decode().encode("utf-16"),
        b"\xff" + text[cut:],
        b"",
        b"null",
    ]
    broken += [
        b'{"a":' + b"[" * nested + b"]" * nested + b"}",
        b'{"a":' + b"9" * 5_000 + b"}",
        b'{"a":1,"a":2}',
        b"[" * 100_000,
    ]
    return draw.choice(broken)


def _send(draw: Random, method: str, path: str, body: bytes, query: str = "") -> Drawn:
    if draw.random() < 0.95:
        return Drawn(method, path, query, body)
    odd = dict([draw.choice(HEADERS)])
    return Drawn(draw.choice([method, draw.choice(METHODS)]), path, query, body, draw.choice(MEDIA_TYPES), odd)
