"""What requests cost in a directory of 100,000: rows and memory, which a busy machine does not change."""

import gc
from pathlib import Path

import pytest
from django.db import connections

from bench.home import Customer
from bench.in_process import Inspector
from bench.operations import Operation, list_operations
from bench.seeding import group_id, seed_directory
from labsninja.kernel.isolation import tenant_context
from tests.scim.conftest import Provider

pytestmark = pytest.mark.long

USERS = 100_000
TABLES = "scim_resource, scim_member, scim_resource_index, scim_page_anchor, scim_page_step"
MEBIBYTE = 1024


@pytest.fixture(name="customer")
def _customer(provider: Provider) -> Customer:
    with tenant_context(provider.tenant_id):
        seed_directory(users=USERS)
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {TABLES}")
    return Customer(provider.tenant_id, provider.issued.text)


def _memory(name: str) -> int:
    """In kB: VmRSS is what this process holds, VmHWM the most it has held."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def test_costs_do_not_follow_the_size_of_the_directory(customer: Customer) -> None:
    inspector = Inspector(customer)
    operations = {one.name: one for one in list_operations(users=USERS, biggest=USERS)}
    rows = {name: inspector.inspect(one)["rows"] for name, one in operations.items() if not name.startswith("filter")}
    print(rows)  # noqa: T201  # a measurement is read
    assert rows["one member, group of 100,000"] <= rows["one member, group of 10"] + 5
    assert rows["list of 100, last page"] <= rows["list of 100, first page"] + 3_000
    assert max(rows[name] for name in ("lookup `userName eq`", "GET user", "PATCH active", "PUT user")) <= 20
    whole = Operation("whole group", 1, lambda: ("GET", f"/Groups/{group_id(USERS)}", b""))
    inspector.inspect(Operation("small group", 1, lambda: ("GET", f"/Groups/{group_id(10)}", b"")))
    gc.collect()
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    inspector.inspect(whole)
    peak, gc_before = _memory("VmHWM") - before, gc.collect()
    left = _memory("VmRSS") - before
    print(f"peak {peak} kB, left {left} kB, {gc_before} in cycles")  # noqa: T201  # a measurement is read
    assert peak <= 120 * MEBIBYTE  # twice of it is Django's test client, which copies the answer
    assert left <= 40 * MEBIBYTE
