"""The deprovisioning breaker: when many people leave at once, the wire reads what was written and connectors wait."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from audit.actors import Origin, system_origin
from audit.queries import list_events_of
from bench.round_trips import count_round_trips
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.queries.holds import HoldFilter, count_held, find_held, find_held_members, list_holds
from scim.services.holds import HoldsAttendant, release_holds, tell_of_holds, undo_holds
from scim.services.trash import restore_resource
from scim.store.holds import forget_departures
from tenants.models import Role
from tenants.realms import CONSOLE
from tenants.services.lifecycle import change_lifecycle
from tenants.services.roles import RoleRefusedError
from tests.portal.signing_in import make_member
from tests.scim.answers import body_of, create_group, members_of, operation, patch, read, refusal
from tests.scim.conftest import Provider
from tests.tenants.people import origin_of

pytestmark = pytest.mark.capability("breaker")
SYSTEM = system_origin("test")


def choose(provider: Provider, **values: int) -> None:
    with tenant_context(provider.tenant_id):
        change_lifecycle(values={"breaker_count": 5, **values}, origin=SYSTEM)


def hire(provider: Provider, number: int, first: int = 0) -> list[str]:
    return [provider.create(f"user{n:03}", active=True)["id"] for n in range(first, first + number)]


def leave(provider: Provider, resource_id: str, *, active: Any = False) -> None:
    answer = patch(provider, f"/Users/{resource_id}", operation("replace", "active", value=active))
    assert body_of(answer)["active"] is active


def delete(provider: Provider, resource_id: str) -> None:
    assert provider.send("DELETE", f"/Users/{resource_id}").status_code == 204


def held(provider: Provider, people: list[str]) -> dict[str, str]:
    with tenant_context(provider.tenant_id):
        return {str(one): kind for one, kind in find_held(resource_ids=[UUID(person) for person in people]).items()}


def settle(
    provider: Provider, service: Callable[..., Any], people: list[str] | None, origin: Origin | None = None
) -> Any:
    with tenant_context(provider.tenant_id):
        rows = list_holds(wanted=HoldFilter()).rows
        chosen = None if people is None else [row.id for row in rows if str(row.resource_id) in people]
        return service(hold_ids=chosen, origin=origin or system_origin("test"))


def test_people_beyond_count_and_share_are_held_and_read_as_they_were_written(provider: Provider) -> None:
    choose(provider, breaker_percent=20)
    people = hire(provider, 30)
    for person in people[:4]:
        leave(provider, person)
    for person in people[4:9]:
        delete(provider, person)
    assert held(provider, people) == dict.fromkeys(people[6:9], "deletion")  # 20 % of 30 may leave
    leave(provider, people[9])
    assert held(provider, people) == {**dict.fromkeys(people[6:9], "deletion"), people[9]: "deactivation"}
    assert read(provider, f"/Users/{people[9]}")["active"] is False
    assert refusal(provider.send("GET", f"/Users/{people[8]}"), 404)


def test_nobody_is_held_below_the_count_or_the_share_or_while_the_breaker_is_off(provider: Provider) -> None:
    choose(provider, breaker_percent=50)
    people = hire(provider, 20)
    for person in people[:10]:
        leave(provider, person)
    assert held(provider, people) == {}
    choose(provider, breaker_percent=1, breaker_count=11)
    leave(provider, people[10])
    choose(provider, breaker_on=False, breaker_count=5)
    leave(provider, people[11])
    assert held(provider, people) == {}


def test_single_leaver_is_never_held_by_what_every_tenant_begins_with(provider: Provider) -> None:
    person = hire(provider, 1)[0]
    for _ in range(3):
        leave(provider, person)
        leave(provider, person, active=True)
    delete(provider, person)
    assert held(provider, [person]) == {}


def test_window_rolls_on(provider: Provider) -> None:
    choose(provider, breaker_percent=1, breaker_minutes=5)
    people = hire(provider, 10)
    for person in people[:6]:
        leave(provider, person)
    with tenant_context(provider.tenant_id), tenant_scope() as scope:
        scope.execute("UPDATE scim_departure SET minute = minute - interval '6 minutes'", None)
    leave(provider, people[6])
    assert held(provider, people) == {people[5]: "deactivation"}


def test_who_comes_back_is_held_no_longer_and_who_is_deleted_then_is_held_as_deleted(provider: Provider) -> None:
    choose(provider, breaker_percent=1)
    people = hire(provider, 9)
    for person in people[:8]:
        leave(provider, person)
    leave(provider, people[7], active=True)
    delete(provider, people[6])
    assert held(provider, people) == {people[5]: "deactivation", people[6]: "deletion"}


def test_inactive_person_who_is_deleted_is_held_while_too_many_leave_and_not_counted(provider: Provider) -> None:
    choose(provider, breaker_percent=1)
    people = hire(provider, 8)
    leave(provider, people[0])
    for person in people[1:5]:
        leave(provider, person)
    delete(provider, people[0])
    assert held(provider, people) == {}
    leave(provider, people[5])
    delete(provider, people[1])
    assert held(provider, people) == {people[5]: "deactivation", people[1]: "deletion"}


def test_operators_and_groups_are_not_counted(provider: Provider) -> None:
    choose(provider, breaker_percent=1)
    people = hire(provider, 8)
    groups = [create_group(provider, f"Group {n}", people[0]) for n in range(8)]
    for group in groups[1:]:
        assert provider.send("DELETE", f"/Groups/{group['id']}").status_code == 204
    for person in people[:6]:
        delete(provider, person)
        with tenant_context(provider.tenant_id):
            restore_resource(resource_id=UUID(person), origin=SYSTEM)
            forget_all()
    assert held(provider, people) == {}


def forget_all() -> None:
    with tenant_scope():
        forget_departures(before=datetime.now(UTC) + timedelta(minutes=2))


def test_writers_at_the_same_time_let_exactly_as_many_through_as_one_after_the_other(provider: Provider) -> None:
    choose(provider, breaker_percent=20)
    people = hire(provider, 30)

    def leave_in_thread(person: str) -> None:
        try:
            leave(provider, person)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(leave_in_thread, people[:18]))
    assert len(held(provider, people)) == 12


def test_leaving_takes_no_round_trip_more(provider: Provider) -> None:
    choose(provider, breaker_percent=1)
    people = hire(provider, 10)
    leave(provider, people[0])
    for person in people[1:8]:
        with count_round_trips() as counted:
            leave(provider, person)
        assert counted.number == 2, counted.told
    assert len(held(provider, people)) == 3


def test_undo_brings_all_back_as_they_were(provider: Provider) -> None:
    choose(provider, breaker_percent=1)
    people = hire(provider, 9)
    group = create_group(provider, "Engineers", *people)
    for person in people[:5]:
        leave(provider, person)
    leave(provider, people[5])
    leave(provider, people[6])
    delete(provider, people[6])
    delete(provider, people[7])
    with tenant_context(provider.tenant_id):
        assert find_held_members(group_id=UUID(group["id"])) == {UUID(one) for one in people[6:8]}
        operator = origin_of(CONSOLE, make_member(CONSOLE, provider.tenant_id))
    done = settle(provider, undo_holds, None, operator)
    assert (done.number, list(done.refused), done.left) == (3, [], 0)
    assert [read(provider, f"/Users/{person}")["active"] for person in people[4:]] == [False, True, True, True, True]
    assert set(members_of(provider, group)) == set(people)
    assert held(provider, people) == {}
    with tenant_context(provider.tenant_id):
        undone = list_holds(wanted=HoldFilter(state="undone", by_name=True)).rows
        told = [event.action for event in list_events_of(target_id=provider.tenant_id)]
    assert [(row.name, row.settled_by) for row in undone] == [(f"user{n:03}", operator.actor.label) for n in (5, 6, 7)]
    assert told[-1] == "scim.holds.undone"


def test_undo_of_some_leaves_the_rest_and_tells_who_cannot_come_back(provider: Provider) -> None:
    choose(provider, breaker_percent=1)
    people = hire(provider, 8)
    for person in people:
        delete(provider, person)
    provider.create("user006")
    done = settle(provider, undo_holds, people[6:])
    assert (done.number, [name for name, _ in done.refused]) == (1, ["user006"])
    assert "userName" in done.refused[0][1]
    assert held(provider, people) == dict.fromkeys(people[5:7], "deletion")


def test_undo_that_takes_too_long_tells_how_many_are_left(provider: Provider) -> None:
    choose(provider, breaker_percent=1)
    for person in hire(provider, 8):
        leave(provider, person)
    with tenant_context(provider.tenant_id):
        done = undo_holds(hold_ids=None, origin=SYSTEM, seconds=0)
    assert (done.number, done.left) == (0, 3)


def test_release_of_all_lets_them_go_and_counts_anew(provider: Provider) -> None:
    choose(provider, breaker_percent=1)
    people = hire(provider, 14)
    for person in people[:8]:
        leave(provider, person)
    assert settle(provider, release_holds, people[7:8]) == 1
    leave(provider, people[8])
    assert set(held(provider, people)) == {people[5], people[6], people[8]}
    assert settle(provider, release_holds, None) == 3
    for person in people[9:]:
        leave(provider, person)
    assert held(provider, people) == {}
    with tenant_context(provider.tenant_id):
        assert [event.action for event in list_events_of(target_id=provider.tenant_id)][-1] == "scim.holds.released"


@pytest.mark.parametrize("service", [release_holds, undo_holds])
def test_viewer_may_not_decide(provider: Provider, service: Callable[..., Any]) -> None:
    viewer = origin_of(CONSOLE, make_member(CONSOLE, provider.tenant_id, role=Role.VIEWER))
    with pytest.raises(RoleRefusedError):
        settle(provider, service, None, viewer)


def test_another_tenants_holds_are_out_of_reach(provider: Provider, make_provider: Callable[[], Provider]) -> None:
    choose(provider, breaker_percent=1)
    people = hire(provider, 6)
    for person in people:
        leave(provider, person)
    with tenant_context(provider.tenant_id):
        hold_id = list_holds(wanted=HoldFilter()).rows[0].id
    with tenant_context(make_provider().tenant_id):
        assert release_holds(hold_ids=[hold_id], origin=SYSTEM) == 0
        assert undo_holds(hold_ids=[hold_id], origin=SYSTEM).number == 0
        assert find_held(resource_ids=[UUID(people[5])]) == {}


def test_operators_are_told_once_by_mail_and_each_time_in_the_history(provider: Provider) -> None:
    choose(provider, breaker_percent=1)
    person = make_member(CONSOLE, provider.tenant_id, role=Role.ADMIN)
    make_member(CONSOLE, provider.tenant_id, role=Role.VIEWER)
    people = hire(provider, 9)
    numbers = []
    for one in people:
        leave(provider, one)
        with tenant_context(provider.tenant_id):
            numbers.append(tell_of_holds(origin=replace(SYSTEM, at=datetime.now(UTC))))
    assert numbers == [0, 0, 0, 0, 0, 1, 1, 1, 1]
    sent = CONSOLE.notification.objects.filter(kind="people_held", details__tenant__isnull=False, person=person)
    assert sent.count() == 1
    with tenant_context(provider.tenant_id):
        assert count_held() == 4
        told = [event.action for event in list_events_of(target_id=provider.tenant_id)]
    assert told.count("scim.people.held") == 4


def test_ledger_tells_of_every_tenant(provider: Provider) -> None:
    choose(provider, breaker_percent=1)
    for person in hire(provider, 6):
        leave(provider, person)
    attendant, told = HoldsAttendant(), 0
    for _ in range(20):  # a go lasts a second, and there are the tenants of other tests
        told = told or attendant.tell_some()
    assert told >= 1
