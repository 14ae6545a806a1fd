"""Indexes that a definition asks for are built in the background, exactly, whatever goes on meanwhile."""

import threading
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.db import connections

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from scim.protocol.schemas.tenant import IndexState
from scim.queries import find_present_schemas, list_attribute_indexes
from scim.services.index_builds import IndexBuilder, build_batch, retry_indexes
from scim.services.schemas import SchemaInUseError
from scim.store.attribute_indexes import AttributeIndex
from scim.store.index import index_rows
from scim.store.pipeline import pipelined_scope
from scim.store.reshaping import walk_documents
from scim.store.unique import unique_rows
from tests.scim.answers import body_of, events_about, operation, patch, read, refusal
from tests.scim.conftest import Provider
from tests.scim.defining import LAB, NUMBER, OFFICE, create_badged, extend, remove

ORIGIN = system_origin("test")
INDEXED, UNIQUE = {**OFFICE, "indexed": True}, {**OFFICE, "uniqueness": "server"}
PATH = f"{LAB}:office"
ROWS = "SELECT path, value, resource_id FROM scim_resource_index WHERE tenant_id = %s AND path LIKE 'urn:example%%'"
VALUES = "SELECT path, digest, resource_id FROM scim_unique_value WHERE tenant_id = %s"


def build(provider: Provider, *, limit: int = 3, batches: int | None = None) -> int:
    """Batches until nothing is left, or so many; gives how many there were."""
    done = 0
    with tenant_context(provider.tenant_id):
        while done != batches and build_batch(origin=ORIGIN, limit=limit):
            done += 1
    return done


def state_of(provider: Provider, path: str = PATH) -> AttributeIndex:
    with tenant_context(provider.tenant_id):
        (found,) = [one for one in list_attribute_indexes() if one.path == path]
    return found


def office(provider: Provider, value: str) -> list[str]:
    """Who is found in that office."""
    found = read(provider, f"/Users?filter={quote(f'{PATH} eq {chr(34)}{value}{chr(34)}')}&count=1000")
    return sorted(one["userName"] for one in found["Resources"])


def assert_exact(provider: Provider) -> None:
    """Rows are those that the documents have, none more and none less."""
    with tenant_context(provider.tenant_id):
        user = find_present_schemas().resource_type("User")
        assert user is not None
        with pipelined_scope() as scope:
            documents = list(walk_documents(resource_type="User", urns=None))
            stored = {tuple(row) for row in scope.execute(ROWS, [scope.tenant_id]).fetchall()}
            unique = {(path, bytes(digest), who) for path, digest, who in scope.execute(VALUES, [scope.tenant_id])}
    assert stored == {(*row, who) for who, document in documents for row in index_rows(user, document) if LAB in row[0]}
    assert unique == {(*row, who) for who, document in documents for row in unique_rows(user, document)}


def fill(provider: Provider, count: int, **held: Any) -> list[dict[str, Any]]:
    return [create_badged(provider, f"user{number}", office=f"o{number}", **held) for number in range(count)]


@pytest.mark.capability("custom-schemas")
def test_index_is_built_batch_by_batch_and_then_ready(provider: Provider) -> None:
    extend(provider)
    assert state_of_none(provider)
    fill(provider, 7)
    provider.create("without")
    extend(provider, NUMBER, INDEXED)
    assert state_of(provider).state is IndexState.BUILDING
    assert office(provider, "O3") == ["user3"]
    build(provider, batches=1)
    assert (state_of(provider).state, state_of(provider).seen) == (IndexState.BUILDING, 3)
    assert office(provider, "O6") == ["user6"]
    build(provider)
    assert (state_of(provider).state, state_of(provider).seen) == (IndexState.READY, 8)
    assert office(provider, "O6") == ["user6"]
    assert_exact(provider)
    assert [event["action"] for event in events_about(provider, f"User {PATH}")] == ["scim.index.built"]


def state_of_none(provider: Provider) -> bool:
    with tenant_context(provider.tenant_id):
        return list_attribute_indexes() == []


def test_index_without_anything_to_build_from_is_ready_at_once(provider: Provider) -> None:
    provider.create("ada")
    extend(provider, NUMBER, INDEXED)
    assert state_of(provider).state is IndexState.READY
    assert build(provider) == 0


def test_ledger_builds_what_waits_in_any_tenant(provider: Provider) -> None:
    extend(provider)
    fill(provider, 3)
    extend(provider, NUMBER, UNIQUE)
    builder = IndexBuilder()
    while state_of(provider).state is IndexState.BUILDING:
        assert builder.build_some() > 0
    assert_exact(provider)


@pytest.mark.parametrize("batches", [0, 1, 2])
def test_value_is_unique_for_new_writes_while_the_index_is_built(provider: Provider, batches: int) -> None:
    extend(provider)
    people = fill(provider, 5)
    extend(provider, NUMBER, UNIQUE)
    build(provider, limit=2, batches=batches)
    for taken in ("O0", "o4"):
        answer = provider.send("POST", "/Users", {"userName": f"new{taken}", LAB: {"office": taken}})
        assert PATH in refusal(answer, 409, "uniqueness")
        answer = patch(provider, f"/Users/{people[2]['id']}", operation("replace", PATH, value=taken))
        refusal(answer, 409, "uniqueness")
    body_of(patch(provider, f"/Users/{people[4]['id']}", operation("replace", PATH, value="new")))
    create_badged(provider, "heir", office="O4")
    build(provider)
    assert state_of(provider).state is IndexState.READY
    assert_exact(provider)


def test_values_that_occur_twice_make_it_fail_with_their_count_and_examples(provider: Provider) -> None:
    extend(provider)
    people = [create_badged(provider, name, office="Same") for name in ("ada", "bob", "eve")]
    fill(provider, 4)
    extend(provider, NUMBER, UNIQUE)
    build(provider)
    failed = state_of(provider)
    assert (failed.state, failed.obstacles) == (IndexState.FAILED, 2)
    first, *others = [UUID(one["id"]) for one in people]
    assert sorted(failed.examples) == [(one, first) for one in sorted(others)]
    assert office(provider, "same") == ["ada", "bob", "eve"]
    # What the values are taken by stays refused for others, also when the one that has the row goes.
    provider.send("DELETE", f"/Users/{first}")
    refusal(provider.send("POST", "/Users", {"userName": "new", LAB: {"office": "SAME"}}), 409, "uniqueness")
    body_of(patch(provider, f"/Users/{others[0]}", operation("replace", PATH, value="another")))
    with tenant_context(provider.tenant_id):
        assert retry_indexes(origin=ORIGIN) == 1
    build(provider)
    assert state_of(provider).state is IndexState.READY
    assert_exact(provider)
    actions = [event["action"] for event in events_about(provider, f"User {PATH}")]
    assert actions == ["scim.index.failed", "scim.index.restarted", "scim.index.built"]


def test_definition_that_is_given_again_builds_what_failed_anew(provider: Provider) -> None:
    extend(provider)
    ada, _ = create_badged(provider, "ada", office="x"), create_badged(provider, "eve", office="X")
    extend(provider, NUMBER, UNIQUE)
    build(provider)
    body_of(patch(provider, f"/Users/{ada['id']}", operation("remove", PATH)))
    extend(provider, NUMBER, UNIQUE)
    assert state_of(provider).state is IndexState.BUILDING
    build(provider)
    assert state_of(provider).state is IndexState.READY


@pytest.mark.parametrize("value", ["x" * 1025, "\ufdfa" * 300])
def test_value_that_is_too_long_for_an_index_stands_in_its_way(provider: Provider, value: str) -> None:
    extend(provider)
    create_badged(provider, "ada", office=value)
    create_badged(provider, "eve", office="short")
    with pytest.raises(SchemaInUseError, match="longer than 1024") as caught:
        extend(provider, NUMBER, INDEXED)
    assert caught.value.count == 1


def test_index_that_is_no_longer_wanted_leaves_no_rows(provider: Provider) -> None:
    extend(provider, NUMBER, UNIQUE)
    ada = create_badged(provider, "ada", office="x")
    extend(provider, NUMBER, OFFICE)
    with tenant_context(provider.tenant_id), pipelined_scope() as scope:
        assert scope.execute(ROWS, [scope.tenant_id]).fetchall() == []
        assert scope.execute(VALUES, [scope.tenant_id]).fetchall() == []
    create_badged(provider, "eve", office="x")
    body_of(patch(provider, f"/Users/{ada['id']}", operation("remove", LAB)))


def test_definition_may_change_and_go_in_the_middle_of_a_build(provider: Provider) -> None:
    extend(provider)
    people = fill(provider, 5)
    extend(provider, NUMBER, INDEXED)
    build(provider, batches=1)
    extend(provider, {**NUMBER, "indexed": True}, UNIQUE)
    for person in people:
        body_of(patch(provider, f"/Users/{person['id']}", operation("add", f"{LAB}:number", value=len(people))))
    build(provider, batches=1)
    build(provider)
    assert_exact(provider)
    extend(provider)
    extend(provider, NUMBER, INDEXED)
    build(provider, batches=1)
    for person in people:
        body_of(patch(provider, f"/Users/{person['id']}", operation("remove", LAB)))
    remove(provider, LAB)
    assert build(provider) == 0


def test_no_duplicate_slips_in_and_no_row_goes_astray_beside_concurrent_writers(provider: Provider) -> None:
    """Eight writers fight for few values, moving, deleting and creating, while the index is built in small batches."""
    extend(provider)
    people = fill(provider, 40)
    extend(provider, NUMBER, UNIQUE)
    stop = threading.Event()
    statuses: list[int] = []

    def write(seed: int) -> None:
        number = seed
        try:
            while not stop.is_set():
                number = (number * 31 + 7) % 97
                person = people[number % len(people)]["id"]
                if number % 5 == 0:
                    body = {"userName": f"n{seed}-{len(statuses)}", LAB: {"office": f"o{number % 60}"}}
                    statuses.append(provider.send("POST", "/Users", body).status_code)
                elif number % 11 == 0:
                    statuses.append(provider.send("DELETE", f"/Users/{person}").status_code)
                else:
                    moved = operation("replace", PATH, value=f"o{number % 60}")
                    statuses.append(patch(provider, f"/Users/{person}", moved).status_code)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(1, 9)]
    for writer in writers:
        writer.start()
    try:
        for is_exact in (False, True) * 2:  # another kind of index each time, unique all the while
            extend(provider, NUMBER, {**UNIQUE, "caseExact": is_exact})
            build(provider, limit=2)
            assert state_of(provider).state is IndexState.READY
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert set(statuses) <= {200, 201, 204, 404, 409, 503}, set(statuses)  # 503 where definitions change too fast
    assert {200, 201, 204, 409} <= set(statuses)
    found = [one[LAB]["office"] for one in read(provider, "/Users?count=1000")["Resources"]]
    assert len(found) == len(set(found))
    assert_exact(provider)
