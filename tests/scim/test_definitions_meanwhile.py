"""Definitions that change in the middle of a Bulk request, or beside others: each operation obeys one of them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from scim.queries import find_schemas, list_attribute_indexes
from scim.services.index_builds import build_batch
from tests.labsninja.processes import wait_for
from tests.scim.answers import read
from tests.scim.bulk import post, send_bulk, statuses
from tests.scim.conftest import Provider
from tests.scim.defining import DEVICE, DEVICES, LAB, NUMBER, OFFICE, define, extend, post_device
from tests.scim.test_index_builds import assert_exact

OPERATIONS = 150


def _badged(name: str, **held: Any) -> dict[str, Any]:
    """The operation that creates a user with a badge."""
    return post(name, "/Users", userName=name, **{LAB: held})


def _in_the_middle(provider: Provider, change: Callable[[], Any], *operations: Any) -> list[dict[str, Any]]:
    """The results of a Bulk request that creates many users, during which the change comes, and then does the rest."""
    answers: list[list[dict[str, Any]]] = []
    users = [_badged(f"user{n}", number=n, office=f"o{n}") for n in range(OPERATIONS)]

    def send() -> None:
        try:
            answers.append(send_bulk(provider, *users, *operations))
        finally:
            connections.close_all()

    sender = threading.Thread(target=send)
    sender.start()
    wait_for(lambda: read(provider, "/Users?count=0")["totalResults"] > 5, seconds=10)
    change()
    there = read(provider, "/Users?count=0")["totalResults"]
    sender.join()
    assert there < OPERATIONS, "the change came too late"
    return answers[0]


@pytest.mark.capability("custom-schemas")
def test_operations_behind_a_change_are_done_by_the_new_definition(provider: Provider) -> None:
    results = _in_the_middle(
        provider,
        lambda: extend(provider, NUMBER, {**OFFICE, "uniqueness": "server"}),
        _badged("taken", number=1, office="O1"),
        _badged("wrong", number="one"),
    )
    assert statuses(results) == [*["201"] * OPERATIONS, "409", "400"]
    assert results[-2]["response"]["scimType"] == "uniqueness"
    with tenant_context(provider.tenant_id):
        while build_batch(origin=system_origin("test")):
            pass
        assert {one.state.value for one in list_attribute_indexes()} == {"ready"}
    assert_exact(provider)


def test_operation_may_use_a_type_that_was_defined_meanwhile(provider: Provider) -> None:
    device = post("device", "/Devices", serial="A1")
    device["data"]["schemas"] = [DEVICE]
    results = _in_the_middle(provider, lambda: define(provider, *DEVICES), device)
    assert statuses(results) == ["201"] * (OPERATIONS + 1)
    assert results[-1]["location"].startswith("http://testserver/scim/v2/Devices/")


@contextmanager
def _changing(provider: Provider, *definitions: Callable[[], Any]) -> Iterator[None]:
    """Definitions come into force in turn while the block runs."""
    stop = threading.Event()

    def change() -> None:
        try:
            while not stop.is_set():
                for one in definitions:
                    one()
                    stop.wait(0.02)
        finally:
            connections.close_all()

    changer = threading.Thread(target=change)
    changer.start()
    try:
        yield
    finally:
        stop.set()
        changer.join()


def test_requests_beside_changes_are_done_by_one_of_the_definitions(provider: Provider) -> None:
    """The serial matters in one and not in the other: never is a value of the one left under the other."""
    schema, kind = DEVICES
    plain = {**schema, "attributes": [{**one, "uniqueness": "none"} for one in schema["attributes"]]}
    define(provider, schema, kind)
    seen: list[int] = []
    with _changing(provider, lambda: define(provider, plain, kind), lambda: define(provider, schema, kind)):
        for number in range(60):
            seen.append(post_device(provider, serial=f"S{number}").status_code)
            found = read(provider, f"/Devices?filter=serial%20eq%20%22S{number}%22")
            assert found["totalResults"] == (seen[-1] == 201)
    assert set(seen) <= {201, 503}
    assert seen.count(201) > 30
    with tenant_context(provider.tenant_id):
        assert find_schemas().resource_type("Device") is not None


@pytest.mark.parametrize("name", ["number", "office"])
def test_change_that_stands_refused_leaves_a_bulk_alone(provider: Provider, name: str) -> None:
    extend(provider)
    refusals: list[Exception] = []

    def narrow() -> None:
        try:
            extend(provider, {**NUMBER, "name": "other"})
        except Exception as error:  # noqa: BLE001  # told below
            refusals.append(error)

    results = _in_the_middle(provider, narrow)
    assert statuses(results) == ["201"] * OPERATIONS
    assert f"{LAB}:{name} is not defined in this spelling" in str(refusals[0])
