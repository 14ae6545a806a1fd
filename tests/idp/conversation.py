"""Recorded conversations of identity providers: what they send, and what has to come back.

A case is JSON: `setup` requests that prepare a directory, one `request` with what it `expect`s, and what has to hold
`then`. `{{name}}` stands for a value that an earlier answer gave (`save`), or for a token; `{{generate: ...}}` for a
value that is too long to be written down.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from tests.scim.conftest import MEDIA_TYPE, USER

ABSENT: Final = object()
PLACEHOLDER: Final = re.compile(r"\{\{\s*(.+?)\s*\}\}")
# One step of a path: .name, ['name'], [0] or [?(@.key == 'value')]
STEPS: Final = re.compile(
    r"\.(?P<name>[\w$-]+)|\['(?P<quoted>[^']+)'\]|\[(?P<index>\d+)\]"
    r"|\[\?\(@\.(?P<key>\w+) *== *'?(?P<wanted>[^')]*)'?\)\]"
)
LARGE_BODY: Final = "x" * (5 * 1024 * 1024 + 1)
TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
MATCHERS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "$absent": lambda found, wanted: (found is ABSENT or found is None) is wanted,
    "$any_of": lambda found, wanted: any(meets(found, one) for one in wanted),
    "$contains": lambda found, wanted: wanted in found if isinstance(found, str) else _holds(found, wanted),
    "$gte": lambda found, wanted: found is not ABSENT and found >= wanted,
    "$len": lambda found, wanted: len([] if found is ABSENT else found) == wanted,
    "$lte": lambda found, wanted: found is not ABSENT and found <= wanted,
    "$not": lambda found, wanted: not meets(found, wanted),
    "$type": lambda found, wanted: (
        isinstance(found, TYPES[wanted]) and isinstance(found, bool) is (wanted == "boolean")
    ),
}


def look_up(document: Any, path: str) -> Any:
    """The value at a path such as $.emails[0].value, ABSENT where there is none."""
    position = 1
    while position < len(path):
        step = STEPS.match(path, position)
        assert step, f"{path} is no path from {position} on"
        position, document = step.end(), _step(document, step)
    return document


def meets(found: Any, wanted: Any) -> bool:
    """Whether a value is as wanted: equal, with further members in objects allowed, or as matchers say."""
    if isinstance(wanted, dict) and wanted and wanted.keys() <= MATCHERS.keys():
        return all(MATCHERS[name](found, argument) for name, argument in wanted.items())
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(meets(found.get(name, ABSENT), wanted[name]) for name in wanted)
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(meets, found, wanted))
    return type(found) is type(wanted) and bool(found == wanted)


@dataclass
class Conversation:
    """One identity provider with the server at `http`; `known` are the values of placeholders, `token` among them."""

    http: httpx.Client
    known: dict[str, Any]
    generated: list[str] = field(default_factory=list)

    def play(self, case: Mapping[str, Any]) -> list[str]:
        """What was not as the case has it; nothing when it passes."""
        for step in case.get("setup", ()):
            if "generate" in step:
                self._generate(step["generate"])
                continue
            problems = list(self._exchange(step, {"status": step.get("expect_status")}, step.get("save")))
            if problems:
                return problems
        steps = [case, *case.get("then", ())]
        return [problem for step in steps for problem in self._play(step)]

    def _play(self, step: Mapping[str, Any]) -> Iterator[str]:
        request = step.get("request", step)
        yield from self._exchange(request, step.get("expect", {}), request.get("save") or step.get("save"))

    def _exchange(
        self, request: Mapping[str, Any], expected: Mapping[str, Any], saved: Mapping[str, str] | None
    ) -> Iterator[str]:
        answer = self.send(request)
        problems = list(compare(answer, self._fill(expected)))
        yield from (f"{request['method']} {request['path']}: {problem}" for problem in problems)
        if not problems:
            self.known.update({name: look_up(answer.json(), path) for name, path in (saved or {}).items()})

    def send(self, request: Mapping[str, Any], *, token: str = "token") -> httpx.Response:  # its name
        """The answer to a request of a case."""
        headers = {"authorization": f"Bearer {self.known[token]}", "accept": MEDIA_TYPE}
        if "body" in request:
            headers["content-type"] = MEDIA_TYPE
        for name, value in (request.get("headers") or {}).items():
            headers.pop(name.lower(), None)
            if value is not None:
                headers[name.lower()] = self._fill(value)
        body = self._fill(request.get("body"))
        content = body if isinstance(body, str) or body is None else json.dumps(body)
        url = f"/scim/v2{self._fill(request['path'])}"
        # What httpx would add of its own is left out.
        sent = httpx.Request(request["method"], self.http.base_url.join(url), headers=headers, content=content)
        return self.http.send(sent)

    def _generate(self, what: str) -> None:
        """`256 users`, or `400 requests` with the limited token until one is refused."""
        count, kind = what.split()
        for number in range(int(count)):
            if kind == "users":
                body = {"schemas": [USER], "userName": f"generated{number}@example.test"}
                self.generated.append(self.send({"method": "POST", "path": "/Users", "body": body}).json()["id"])
            elif self.send({"method": "GET", "path": "/Users?count=1"}, token="limited_token").is_error:
                return

    def _fill(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self._fill(name): self._fill(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._fill(inner) for inner in value]
        if isinstance(value, str) and "existing user ids" in value:
            return [{"value": user_id} for user_id in self.generated]
        return PLACEHOLDER.sub(self._name, value) if isinstance(value, str) else value

    def _name(self, match: re.Match[str]) -> str:
        return LARGE_BODY if match[1].startswith("generate: 5 MiB") else str(self.known.get(match[1], match[0]))


def compare(answer: httpx.Response, expected: Mapping[str, Any]) -> Iterator[str]:
    """What differs between an answer and what was expected of it."""
    status = expected.get("status")
    if status is not None and answer.status_code not in (status if isinstance(status, list) else [status]):
        yield f"status {answer.status_code} and not {status}: {answer.text[:200]}"
        return
    for name, pattern in (expected.get("headers") or {}).items():
        found = answer.headers.get(name)
        if (found is not None) if pattern is None else (found is None or not re.search(pattern, found)):
            yield f"header {name}: {found!r} and not {pattern!r}"
    wanted = expected.get("body_contains") or {}
    body = answer.json() if wanted else None
    for path, value in wanted.items():
        found = look_up(body, path)
        if not meets(found, value):
            yield f"{path}: {found!r} and not {value!r}"


def _step(value: Any, step: re.Match[str]) -> Any:
    if step["key"]:
        listed = value if isinstance(value, list) else []
        return next((one for one in listed if str(one.get(step["key"])).lower() == step["wanted"].lower()), ABSENT)
    if step["index"]:
        index = int(step["index"])
        return value[index] if isinstance(value, list) and index < len(value) else ABSENT
    return value.get(step["name"] or step["quoted"], ABSENT) if isinstance(value, dict) else ABSENT


def _holds(found: Any, wanted: Any) -> bool:
    return isinstance(found, list) and any(meets(one, wanted) for one in found)
