"""What a request costs in round trips, all of it counted: a read one, a write at most three."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import connections

from bench.home import Customer
from bench.in_process import Inspector
from bench.operations import Ask, Operation, list_operations
from bench.seeding import group_id, seed_directory, user_id
from labsninja.kernel.isolation import tenant_context
from scim.protocol import urns
from scim.store.page_anchors import STRETCH
from tests.scim.conftest import Provider

USERS = 3_000
READ, WRITE = 1, 2
MEMBERS = 3  # who is named has to be known before the group's version is told


def _reads() -> list[tuple[str, Callable[[], Ask]]]:
    user, group = f"/Users/{user_id(7)}", f"/Groups/{group_id(10)}"
    asked = b'{"schemas":["%s"],"filter":"title pr","count":5}' % urns.SEARCH_REQUEST.encode()
    paths = (
        *(group, f"{user}?attributes=userName", f"{group}/members", f"{group}/members?filter=value%20pr"),
        *("/Users?sortBy=userName&count=5", "/Users?cursor&count=5", "/Users?count=0", "/Groups?count=5"),
        *("/?count=5", "/Groups?filter=displayName%20eq%20%22Group%200000010%22"),
    )
    gets = [(path, partial(_ask, "GET", path, b"")) for path in paths]
    return [*gets, *((path, partial(_ask, "POST", path, asked)) for path in ("/Users/.search", "/.search"))]


def _ask(method: str, path: str, body: bytes) -> Ask:
    return method, path, body


@pytest.fixture(name="customer")
def _customer(provider: Provider) -> Customer:
    with tenant_context(provider.tenant_id):
        seed_directory(users=USERS)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE scim_resource, scim_member, scim_resource_index")
    return Customer(provider.tenant_id, provider.issued.text)


def test_operations_take_as_many_round_trips_as_they_may(customer: Customer) -> None:
    inspector, found = Inspector(customer), {}
    operations = list_operations(users=USERS, biggest=1_000)
    more = [Operation(name, 1, ask) for name, ask in _reads()]
    deleted = iter(range(500, 600))
    delete = Operation("DELETE user", 1, lambda: _ask("DELETE", f"/Users/{user_id(next(deleted))}", b""))
    for operation in (*operations, *more, delete):
        found[operation.name] = inspector.inspect(operation)["round_trips"]
    allowed = {operation.name: _most(operation) for operation in (*operations, *more, delete)}
    assert {name: trips for name, trips in found.items() if trips > allowed[name]} == {}


def _most(operation: Operation) -> int:
    method, path, _body = operation.ask()
    if method == "GET" or path.endswith("/.search"):
        return READ
    return MEMBERS if operation.name.startswith("one member") else WRITE


def test_last_page_reads_little_more_than_the_first(customer: Customer) -> None:
    """Anchors stand before it."""
    inspector, rows = Inspector(customer), []
    for start in (1, USERS - 99):
        page = partial(_ask, "GET", f"/Users?startIndex={start}&count=100", b"")
        rows.append(inspector.inspect(Operation(str(start), 1, page))["rows"])
    assert rows[1] <= rows[0] + STRETCH
