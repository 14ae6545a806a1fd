"""Measures the console's lists beside the same question in plain SQL: how many, and the first fifty.

usage: make bench-console [N=100000]

Starts a throw-away home and seeds N users and groups. With GATE=1 it fails when a list takes 300 ms or more.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bench.home import Customer, make_customer, open_home

LIMIT_MS = 300
REPEATS = 7
LOCATIONS = {"User": "https://bench.example/scim/v2/Users/", "Group": "https://bench.example/scim/v2/Groups/"}
LIVE = "FROM scim_resource WHERE tenant_id = %s AND resource_type = 'User' AND deleted_at IS NULL"
SOUGHT = """(strpos(user_name, '9876') > 0 OR strpos(display_name, '9876') > 0 OR id IN (
    SELECT resource_id FROM scim_resource_index
    WHERE tenant_id = current_setting('app.tenant_id')::uuid AND resource_type = 'User'
    AND path = 'emails.value' AND strpos(value, '9876') > 0))"""


@dataclass(frozen=True)
class Look:
    """A list as an operator opens it, and the same question as SQL: the condition and the order."""

    name: str
    asked: dict[str, str]
    condition: str = ""
    order: str = "user_name"

    @property
    def statements(self) -> tuple[str, str]:
        """How many there are, and the first of them."""
        rows = f"{LIVE} {self.condition}"
        return f"SELECT count(*) {rows}", f"SELECT id, document {rows} ORDER BY {self.order} LIMIT 50"  # our own texts


LOOKS = (
    Look("all, by name", {}),
    Look("all, newest change first", {"sort": "-changed"}, order="modified_at DESC, id"),
    Look("active, by name", {"state": "active"}, "AND active"),
    Look("text in name or e-mail", {"text": "9876"}, f"AND {SOUGHT}"),
    Look(
        "SCIM filter on a title",
        {"condition": 'title eq "Engineer"'},
        "AND lower(document::json ->> 'title') = 'engineer'",
    ),
)


def main() -> None:
    """Seed, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--gate", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lnbench") as home:
        open_home(home)
        slow = _measure(make_customer(), options.users)
    if options.gate and slow:
        sys.exit(f"{LIMIT_MS} ms or more: {', '.join(slow)}")


def _measure(customer: Customer, users: int) -> list[str]:
    from django.db import connections, transaction

    from bench.run import _seed as seed  # the same directory as the wire's bench has
    from labsninja.kernel.isolation import tenant_context
    from scim.queries.directory import DirectoryQuery, list_directory

    seed(customer, users)
    slow = []
    for look in LOOKS:
        wanted = DirectoryQuery(**look.asked)

        def show(wanted: Any = wanted) -> None:
            with tenant_context(customer.tenant_id):
                list_directory(type_name="User", wanted=wanted, cursor="", at=datetime.now(UTC), locations=LOCATIONS)

        def ask(statements: tuple[str, str] = look.statements) -> None:
            with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
                cursor.execute("SELECT set_config('app.tenant_id', %s, true)", [str(customer.tenant_id)])
                for statement in statements:
                    cursor.execute(statement, [customer.tenant_id])
                    cursor.fetchall()

        ours, plain = _time(show), _time(ask)
        print(f"{look.name:28} {ours:7.1f} ms   SQL {plain:7.1f} ms   ratio {ours / plain:5.2f}", flush=True)
        if ours >= LIMIT_MS:
            slow.append(look.name)
    return slow


def _time(act: Callable[[], None]) -> float:
    """Milliseconds, the median of REPEATS after two that are not counted."""
    taken = []
    for number in range(REPEATS + 2):
        started = time.perf_counter()
        act()
        if number > 1:
            taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
