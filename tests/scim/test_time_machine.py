"""The time machine tells of any moment exactly what a model of the directory remembers of it."""

import json
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command

from audit.actors import system_origin
from audit.queries import list_events
from labsninja.kernel.isolation import tenant_context
from scim.protocol import urns
from scim.protocol.dialects.base import Reading
from scim.protocol.schemas import GROUP, USER
from scim.queries import NoSuchResourceError
from scim.services.resources import create_resource, delete_resource, patch_resource
from scim.services.writes import Writing
from scim.time_machine import compare_moments, find_resource_at, read_directory_at

START = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=1)
Snapshot = dict[UUID, tuple[Any, frozenset[str]]]


@dataclass
class Model:
    """Does random things to the bound tenant and remembers what was there after each, one a minute."""

    draw: random.Random
    users: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    groups: dict[UUID, tuple[dict[str, Any], set[str]]] = field(default_factory=dict)
    snapshots: list[Snapshot] = field(default_factory=list)

    def run(self, steps: int) -> None:
        deeds = [self.add_user, self.add_group, self.join, self.join, self.leave, self.rename, self.rename, self.delete]
        for _ in range(steps):
            self.draw.choice(deeds)()
            people = {found: (document, frozenset[str]()) for found, document in self.users.items()}
            groups = {found: (document, frozenset(members)) for found, (document, members) in self.groups.items()}
            self.snapshots.append({**people, **groups})

    def writing(self, kind: Any) -> Writing:
        at = START + STEP * len(self.snapshots)
        return Writing(kind, replace(system_origin("test"), at=at), Reading())

    def add_user(self) -> None:
        body = {"schemas": [urns.USER], "userName": f"user{len(self.snapshots)}", "nickName": "first", "active": True}
        self.users[create_resource(body=body, writing=self.writing(USER)).id] = body

    def add_group(self) -> None:
        members = self.some_users(3)
        body = {"schemas": [urns.GROUP], "displayName": f"group{len(self.snapshots)}"}
        sent = {**body, "members": [{"value": member} for member in members]}
        self.groups[create_resource(body=sent, writing=self.writing(GROUP)).id] = (body, set(members))

    def some_users(self, most: int) -> list[str]:
        return [str(found) for found in self.draw.sample(sorted(self.users), min(most, len(self.users)))]

    def patch(self, kind: Any, resource_id: UUID, **operation: Any) -> None:
        body = {"schemas": [urns.PATCH_OP], "Operations": [operation]}
        patch_resource(resource_id=resource_id, body=body, writing=self.writing(kind))

    def join(self) -> None:
        members = self.some_users(2)
        if self.groups and members:
            group = self.draw.choice(sorted(self.groups))
            self.patch(GROUP, group, op="add", path="members", value=[{"value": member} for member in members])
            self.groups[group][1].update(members)

    def leave(self) -> None:
        held = sorted((group, member) for group, (_, members) in self.groups.items() for member in members)
        if held:
            group, member = self.draw.choice(held)
            self.patch(GROUP, group, op="remove", path=f'members[value eq "{member}"]')
            self.groups[group][1].discard(member)

    def rename(self) -> None:
        if self.users:
            user, name = self.draw.choice(sorted(self.users)), f"name{len(self.snapshots)}"
            self.patch(USER, user, op="replace", path="nickName", value=name)
            self.users[user] = {**self.users[user], "nickName": name}

    def delete(self) -> None:
        if self.users and self.draw.random() < 0.7:
            user = self.draw.choice(sorted(self.users))
            delete_resource(resource_id=user, writing=self.writing(USER))
            del self.users[user]
            for _, members in self.groups.values():
                members.discard(str(user))
        elif self.groups:
            group = self.draw.choice(sorted(self.groups))
            delete_resource(resource_id=group, writing=self.writing(GROUP))
            del self.groups[group]


def _directory(at: datetime) -> Snapshot:
    return {found: (dict(state.document), state.members) for found, state in read_directory_at(at=at).items()}


@pytest.mark.parametrize("seed", range(3))
def test_directory_at_every_moment_is_what_the_model_remembers(tenant: UUID, seed: int) -> None:
    model = Model(random.Random(seed))
    model.run(50)
    assert _directory(START - STEP) == {}
    for number, snapshot in enumerate(model.snapshots):
        assert _directory(START + STEP * number + STEP / 2) == snapshot
    assert len(model.snapshots[-1]) > 3


def test_differences_between_two_moments_are_those_of_the_model(tenant: UUID) -> None:
    model = Model(random.Random(7))
    model.run(40)
    for _ in range(15):
        first, second = sorted(model.draw.sample(range(40), 2))
        before, after = model.snapshots[first], model.snapshots[second]
        found = compare_moments(earlier=START + STEP * first, later=START + STEP * second)
        assert {one.resource_id for one in found} == {
            each for each in {*before, *after} if before.get(each) != after.get(each)
        }
        for one in found:
            old, new = (snapshot.get(one.resource_id, ({}, frozenset[str]()))[1] for snapshot in (before, after))
            assert (one.added, one.removed) == (new - old, old - new)


def test_resource_at_a_moment_is_found_while_it_lived_alone(tenant: UUID) -> None:
    model = Model(random.Random(1))
    model.add_user()
    model.snapshots.append({})
    (user,) = model.users
    model.rename()
    model.snapshots.append({})
    delete_resource(resource_id=user, writing=model.writing(USER))
    told = [find_resource_at(resource_id=user, at=START + STEP * number) for number in (0, 1)]
    assert [(state.version, state.document["nickName"]) for state in told] == [(1, "first"), (2, "name1")]
    for at in (START - STEP, START + STEP * 2):
        with pytest.raises(NoSuchResourceError):
            find_resource_at(resource_id=user, at=at)


def test_later_version_with_an_earlier_time_counts_with_all_before_it(tenant: UUID) -> None:
    """Requests may overlap: what came second may have begun first."""
    model = Model(random.Random(1))
    model.add_user()
    (user,) = model.users
    model.snapshots.extend([{}] * 5)
    model.rename()
    del model.snapshots[2:]
    model.patch(USER, user, op="replace", path="title", value="Dr.")
    state = find_resource_at(resource_id=user, at=START + STEP * 3)
    assert (state.version, state.document["nickName"], state.document["title"]) == (3, "name5", "Dr.")


def test_other_tenant_sees_nothing_of_it(tenant: UUID, make_tenant: Any) -> None:
    Model(random.Random(2)).run(10)
    with tenant_context(make_tenant()):
        assert read_directory_at(at=START + STEP * 20) == {}


def test_command_shows_the_directory_of_a_moment(tenant: UUID) -> None:
    model, said = Model(random.Random(3)), StringIO()
    model.run(30)
    slug = next(event.target_display for event in list_events(newest=500) if event.action == "tenants.tenant.created")
    call_command("directory_at", slug, (START + STEP * 20).isoformat(), stdout=said)
    told = [json.loads(line) for line in said.getvalue().splitlines()]
    assert {UUID(one["id"]): (one["document"], frozenset(one.get("members", ()))) for one in told} == model.snapshots[
        20
    ]
