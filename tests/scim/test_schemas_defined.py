"""Extensions that a tenant defines at run time: filled, filtered, narrowed, removed (RFC 7643 sections 3.3 and 7)."""

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connections

from scim.queries.schemas import _memory
from scim.services.schemas import SchemaInUseError
from tests.scim.answers import body_of, events_about, operation, patch, read, refusal
from tests.scim.conftest import Provider
from tests.scim.defining import DEVICE, DEVICES, LAB, NUMBER, OFFICE, create_badged, define, extend, post_device, remove

UNIQUE = {**OFFICE, "uniqueness": "server"}


def _names(provider: Provider, query: str) -> list[str]:
    return [one["userName"] for one in read(provider, f"/Users?{query}")["Resources"]]


def _filter(text: str) -> str:
    return f"filter={quote(text)}"


@pytest.mark.rfc("7643#3.3")
def test_extension_is_filled_filtered_sorted_and_projected(provider: Provider) -> None:
    extend(provider)
    ada = create_badged(provider, "ada", number=2, office="North")
    create_badged(provider, "eve", number=10, office="south")
    assert ada[LAB] == {"number": 2, "office": "North"}
    assert LAB in ada["schemas"]
    assert _names(provider, _filter(f"{LAB}:number gt 2")) == ["eve"]
    assert _names(provider, _filter('office eq "NORTH"')) == ["ada"]
    assert _names(provider, f"sortBy={LAB}:number&sortOrder=descending") == ["eve", "ada"]
    assert LAB not in read(provider, f"/Users/{ada['id']}?excludedAttributes={LAB}:number,{LAB}:office")
    patched = body_of(patch(provider, f"/Users/{ada['id']}", operation("replace", f"{LAB}:number", value=11)))
    assert patched[LAB]["number"] == 11
    detail = refusal(
        provider.send("PUT", f"/Users/{ada['id']}", {"userName": "ada", LAB: {"number": "x"}}), 400, "invalidValue"
    )
    assert f"{LAB}:number" in detail


@pytest.mark.rfc("7643#7")
def test_extension_is_published_to_its_tenant_alone(make_provider: Callable[[], Provider]) -> None:
    provider, neighbor = make_provider(), make_provider()
    extend(provider)
    define(provider, *DEVICES)
    assert read(provider, f"/Schemas/{LAB}")["attributes"][0]["name"] == "number"
    types = {one["id"]: one for one in read(provider, "/ResourceTypes")["Resources"]}
    assert {"schema": LAB, "required": False} in types["User"]["schemaExtensions"]
    assert types["Device"]["endpoint"] == "/Devices"
    for stranger, headers in ((neighbor, {}), (provider, {"Authorization": ""})):
        assert stranger.send("GET", f"/Schemas/{LAB}", **headers).status_code == 404
        assert len(body_of(stranger.send("GET", "/ResourceTypes", **headers))["Resources"]) == 2
    refusal(neighbor.send("GET", f"/Users?{_filter(f'{LAB}:number eq 1')}"), 400, "invalidFilter")


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        pytest.param([NUMBER], f"{LAB}:office is not defined in this spelling", id="attribute removed"),
        pytest.param([{**NUMBER, "type": "boolean"}, OFFICE], "true or false", id="type changed"),
        pytest.param([NUMBER, {**OFFICE, "multiValued": True}], "an array", id="single to several"),
        pytest.param([{**NUMBER, "required": True}, OFFICE], f"{LAB}:number is required", id="required"),
        pytest.param([NUMBER, {**OFFICE, "caseExact": True}], "case would begin to matter", id="case"),
        pytest.param([NUMBER, {**OFFICE, "mutability": "readOnly"}], "may not hold", id="read-only"),
    ],
)
def test_narrowing_is_refused_with_the_count_of_what_stands_in_the_way(
    provider: Provider, attributes: list[dict[str, Any]], reason: str
) -> None:
    extend(provider)
    create_badged(provider, "ada", number=1, office="North")
    create_badged(provider, "eve", office="north")
    with pytest.raises(SchemaInUseError, match=reason) as caught:
        extend(provider, *attributes)
    assert caught.value.count in {1, 2}
    assert _names(provider, _filter('office eq "north"')) == ["ada", "eve"]


def test_narrowing_is_allowed_when_nothing_stands_in_the_way_and_widening_always(provider: Provider) -> None:
    extend(provider)
    ada = create_badged(provider, "ada", number=1)
    extend(provider, NUMBER, {**OFFICE, "type": "boolean"})
    extend(provider, NUMBER, OFFICE, {"name": "floor", "type": "decimal"})
    assert read(provider, f"/Users/{ada['id']}")[LAB] == {"number": 1}
    assert (
        body_of(patch(provider, f"/Users/{ada['id']}", operation("add", f"{LAB}:floor", value=1.5)))[LAB]["floor"]
        == 1.5
    )


def test_extension_is_emptied_and_removed(provider: Provider) -> None:
    extend(provider)
    ada = create_badged(provider, "ada", number=1)
    with pytest.raises(SchemaInUseError, match="1 resources of type User") as caught:
        remove(provider, LAB)
    assert caught.value.count == 1
    body_of(patch(provider, f"/Users/{ada['id']}", operation("remove", LAB)))
    remove(provider, LAB)
    assert provider.send("GET", f"/Schemas/{LAB}").status_code == 404
    refusal(provider.send("GET", f"/Users?{_filter('number eq 1')}"), 400, "invalidFilter")
    assert [event["action"] for event in events_about(provider, LAB)] == ["scim.schema.defined", "scim.schema.removed"]


def test_values_from_before_the_definition_become_visible_under_it(provider: Provider) -> None:
    create_badged(provider, "ada", number=1, office="North")
    extend(provider, NUMBER, {**UNIQUE, "indexed": True})
    assert _names(provider, _filter(f'{LAB}:office eq "NORTH"')) == ["ada"]
    taken = provider.send("POST", "/Users", {"userName": "eve", LAB: {"office": "north"}})
    assert f"{LAB}:office" in refusal(taken, 409, "uniqueness")


def test_values_that_do_not_fit_the_definition_stand_in_its_way(provider: Provider) -> None:
    create_badged(provider, "ada", number="one", Office="North")
    with pytest.raises(SchemaInUseError, match="1 resources") as caught:
        extend(provider)
    assert len(caught.value.reasons) == 2


def test_attribute_whose_case_no_longer_matters_is_found_whatever_its_case(provider: Provider) -> None:
    extend(provider, {**OFFICE, "caseExact": True})
    create_badged(provider, "ada", office="North")
    assert _names(provider, _filter('office eq "north"')) == []
    extend(provider, {**OFFICE, "caseExact": False})
    assert _names(provider, _filter('office eq "north"')) == ["ada"]


def test_required_extension_is_asked_of_each_new_resource(provider: Provider) -> None:
    provider.create("ada")
    with pytest.raises(SchemaInUseError, match=f"{LAB} is required"):
        extend(provider, required=True)
    provider.send("DELETE", f"/Users/{read(provider, '/Users')['Resources'][0]['id']}")
    extend(provider, required=True)
    assert LAB in refusal(provider.send("POST", "/Users", {"userName": "eve"}), 400, "invalidValue")


def test_unique_value_is_free_again_after_a_change_and_a_deletion(provider: Provider) -> None:
    extend(provider, UNIQUE)
    ada = create_badged(provider, "ada", office="North")
    body = {"userName": "eve", LAB: {"office": "NORTH"}}
    refusal(provider.send("POST", "/Users", body), 409, "uniqueness")
    body_of(patch(provider, f"/Users/{ada['id']}", operation("replace", f"{LAB}:office", value="South")))
    eve = body_of(provider.send("POST", "/Users", body), 201)
    provider.send("DELETE", f"/Users/{eve['id']}")
    create_badged(provider, "bob", office="north")


def test_of_concurrent_writers_of_one_unique_value_one_succeeds(provider: Provider) -> None:
    define(provider, *DEVICES)
    statuses: list[int] = []

    def write() -> None:
        try:
            statuses.append(post_device(provider, serial="A1").status_code)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(statuses) == [201, *[409] * 7]


def test_process_that_has_not_heard_of_a_change_obeys_it_at_once(provider: Provider) -> None:
    """What this process remembers is put back to the state before, as in a process that did nothing meanwhile."""
    read(provider, "/Users")
    before = _memory[provider.tenant_id]
    extend(provider, UNIQUE)
    define(provider, *DEVICES)

    def forget() -> Provider:
        _memory[provider.tenant_id] = before
        return provider

    create_badged(forget(), "ada", office="North")
    refusal(forget().send("POST", "/Users", {"userName": "eve", LAB: {"office": "north"}}), 409, "uniqueness")
    assert _names(forget(), _filter('office eq "NORTH"')) == ["ada"]
    assert post_device(forget(), serial="A1").status_code == 201
    assert LAB in [one["id"] for one in read(forget(), "/Schemas")["Resources"]]
    assert _memory[provider.tenant_id].revision == 2
    assert DEVICE in [schema.id for schema in _memory[provider.tenant_id].schemas]
