"""What requests cost in a directory of 100,000: rows and memory, which a busy machine does not change."""

import gc
from http import HTTPStatus
from pathlib import Path

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.http import HttpResponse
from django.test import RequestFactory

from bench.home import Customer
from bench.in_process import Inspector
from bench.operations import list_operations
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


def test_whole_group_takes_little_memory_and_gives_it_back(customer: Customer) -> None:
    """Members are there twice at most: as they came and in what is made of them."""
    _get(customer, 10)
    gc.collect()
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    size = _get(customer, USERS)
    peak, left = _memory("VmHWM") - before, _memory("VmRSS") - before
    print(f"{size} bytes, peak {peak} kB, left {left} kB")  # noqa: T201  # a measurement is read
    assert peak <= 40 * MEBIBYTE
    assert left <= 20 * MEBIBYTE


def _get(customer: Customer, size: int) -> int:
    """Bytes of the group with its members, as the server hands them over: the test client would copy them."""
    headers = {"Authorization": f"Bearer {customer.token}"}
    request = RequestFactory(headers=headers).get(f"/scim/v2/Groups/{group_id(size)}")
    answer = WSGIHandler().get_response(request)
    assert isinstance(answer, HttpResponse)
    assert answer.status_code == HTTPStatus.OK
    return len(answer.content)
