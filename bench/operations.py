"""The operations that are measured, and the goal of each as a share of D."""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import orjson

from bench.seeding import group_body, group_id, user_body, user_id
from scim.protocol import urns

GATE: Final = 0.7  # of the goal, or of what is reached
# What stands in the way of goals.
FRAMEWORK: Final = "framework"
STATEMENTS: Final = "statements"
LOOK_UPS: Final = "look-ups"
Ask = tuple[str, str, bytes]  # method, path below /scim/v2, body


@dataclass(frozen=True)
class Operation:
    """`ask` gives the next request. `goal` is the share of D that the design wants.

    Where it is not reached `reached` says what is, with 100,000 users on a quiet machine, and `hindrance` what stands
    in its way: docs/performance.md tells more of it.
    """

    name: str
    goal: float
    ask: Callable[[], Ask]
    connections: int = 8
    reached: float | None = None
    hindrance: str = ""

    @property
    def gate(self) -> float:
        """The share below which it has become slower: so far below that the moods of a machine are no reason."""
        return GATE * min(self.goal, self.reached or self.goal)


def list_operations(*, users: int, biggest: int) -> list[Operation]:
    """In the order of measuring: reads first, since writes leave rows to vacuum."""
    drawn = random.Random(users)  # noqa: S311  # repeatable, not secret
    numbers = itertools.count(1)

    def somebody() -> int:
        return drawn.randint(1, users)

    def look_up() -> Ask:
        condition = f'userName eq "user{somebody():07}@bench.example"'
        return "GET", f"/Users?filter={quote(condition)}", b""

    def put() -> Ask:
        number = somebody()
        body = {**user_body(f"{number:07}"), "title": f"Engineer {next(numbers)}"}
        return "PUT", f"/Users/{user_id(number)}", orjson.dumps(body)

    def post_group() -> Ask:
        return "POST", "/Groups", orjson.dumps(group_body(f"new {next(numbers)}"))

    def patch_active() -> Ask:
        value = next(numbers) % 2 == 0
        operation = {"op": "replace", "path": "active", "value": value}
        return "PATCH", f"/Users/{user_id(somebody())}", _patch(operation)

    def post_user() -> Ask:
        return "POST", "/Users", orjson.dumps(user_body(f"9{next(numbers):09}"))

    last = f"/Users?startIndex={max(users - 99, 1)}&count=100"
    mixed = quote('emails.value co "00123" and active eq true')
    whole = f"/Groups/{group_id(biggest)}?excludedAttributes=members"
    return [
        Operation("lookup `userName eq`", 0.75, look_up, reached=0.44, hindrance=FRAMEWORK),
        Operation(
            "GET user", 0.80, lambda: ("GET", f"/Users/{user_id(somebody())}", b""), reached=0.55, hindrance=FRAMEWORK
        ),
        Operation(f"GET group of {biggest:,} without members", 0.34, lambda: ("GET", whole, b"")),
        Operation(
            "list of 100, first page", 0.20, lambda: ("GET", "/Users?count=100", b""), reached=0.11, hindrance=LOOK_UPS
        ),
        Operation("list of 100, last page", 0.18, lambda: ("GET", last, b""), reached=0.14, hindrance=LOOK_UPS),
        Operation("filter on e-mail part and activity", 0.035, lambda: ("GET", f"/Users?filter={mixed}", b"")),
        Operation("POST user", 0.40, post_user, reached=0.18, hindrance=STATEMENTS),
        Operation("PATCH active", 0.42, patch_active, reached=0.17, hindrance=STATEMENTS),
        Operation("PUT user", 0.42, put, reached=0.17, hindrance=STATEMENTS),
        Operation("POST group", 0.42, post_group, reached=0.20, hindrance=STATEMENTS),
        Operation("one member, group of 10", 0.24, _members(10), 1, reached=0.19, hindrance=STATEMENTS),
        Operation(f"one member, group of {biggest:,}", 0.24, _members(biggest), 1, reached=0.19, hindrance=STATEMENTS),
    ]


def _members(size: int) -> Callable[[], Ask]:
    """User 1 leaves and comes back, in turns."""
    turns, member = itertools.count(), str(user_id(1))
    leave = {"op": "remove", "path": f'members[value eq "{member}"]'}
    come = {"op": "add", "path": "members", "value": [{"value": member}]}

    def ask() -> Ask:
        return "PATCH", f"/Groups/{group_id(size)}", _patch(come if next(turns) % 2 else leave)

    return ask


def _patch(operation: dict[str, Any]) -> bytes:
    return orjson.dumps({"schemas": [urns.PATCH_OP], "Operations": [operation]})
