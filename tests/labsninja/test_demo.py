"""The demo tenant: a plausible history, made once, through the services, and the same as over HTTP."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from audit.actors import system_origin
from labsninja.demo import CLIENTS, TENANT, ensure_demo
from labsninja.demo.bodies import resolve
from labsninja.demo.history import Step, tell_history
from labsninja.demo.people import list_people
from labsninja.demo.player import Player, first_monday
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.models import Change, Resource
from tenants.queries import find_tenant
from tenants.services.authentication import authenticate_token
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token
from tests.labsninja.processes import last_use_writer_allowed

ENDS_AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
SECONDS = 3.0  # of this process, whatever else the machine does
MEDIA_TYPE = "application/scim+json"
NUMBERS = """
SELECT (SELECT count(*) FROM scim_resource), (SELECT count(*) FROM scim_change), (SELECT count(*) FROM audit_event),
       (SELECT count(*) FROM scim_request_log)
"""
RESOURCES = "SELECT id::text, document, version, deleted_at IS NULL FROM scim_resource"
OUTCOMES = "SELECT status, request_id FROM scim_request_log WHERE status >= 400 ORDER BY at"


@pytest.fixture(scope="module", autouse=True)
def writer(migrated_database: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The threads behind requests may work while these tests run."""
    with last_use_writer_allowed(django_db_blocker):
        yield


@pytest.fixture
def make_player(make_tenant: Callable[[], UUID]) -> Callable[[], tuple[UUID, Player]]:
    """Makes a tenant with the demo's SCIM clients, and who plays its history."""

    def make() -> tuple[UUID, Player]:
        tenant_id, origin = make_tenant(), system_origin("test")
        with tenant_context(tenant_id):
            made = {
                source: create_scim_client(name=client.name, kind=client.kind, origin=origin)
                for source, client in CLIENTS.items()
            }
        return tenant_id, _player(made)

    return make


def _player(clients: Any) -> Player:
    return Player(clients, dict.fromkeys(clients, "lnj_test"), first_monday(ENDS_AT), "http://testserver/scim/v2")


def _numbers(tenant_id: UUID) -> tuple[int, ...]:
    with tenant_context(tenant_id), tenant_scope() as scope:
        return tuple(scope.execute(NUMBERS, None).fetchone())


def _play(tenant_id: UUID, player: Player, steps: list[Step]) -> int:
    with tenant_context(tenant_id):
        return player.play(steps)


def test_history_is_the_same_each_time_and_no_two_steps_coincide() -> None:
    steps = tell_history()
    assert [repr(step) for step in steps] == [repr(step) for step in tell_history()]
    assert len({step.request_id for step in steps}) == len(steps)
    assert all(one.after < other.after for one, other in pairwise(steps))
    assert steps[-1].status < 400


def test_people_have_distinct_plain_names_at_example_com() -> None:
    people = list_people()
    assert len({person.key for person in people}) == len(people) == 200
    assert all(person.key.isascii() and person.user_name.endswith("@example.com") for person in people)


def test_whole_history_lies_before_its_end() -> None:
    for day in range(7):
        until = ENDS_AT + timedelta(days=day)
        assert all(first_monday(until) + step.after < until for step in tell_history())


def test_demo_has_people_groups_and_two_clients_and_is_there_soon(database: None, tmp_path: Path) -> None:
    began = process_time()
    token = ensure_demo(home=tmp_path)
    assert process_time() - began < SECONDS
    grant = authenticate_token(text=token, address="127.0.0.1", now=datetime.now(UTC))
    assert (grant.tenant_slug, grant.client_name) == (TENANT, "Okta")
    with tenant_context(grant.tenant_id), tenant_scope():
        live = Counter(Resource.objects.filter(deleted_at=None).values_list("resource_type", flat=True))
        newest = Change.objects.order_by("-at").values_list("at", flat=True).first()
    assert live == {"User": 198, "Group": 12}
    assert newest
    assert newest < find_tenant(slug=TENANT).created_at
    other = authenticate_token(
        text=(tmp_path / "secrets" / "demo_token_entra").read_text().strip(), address="127.0.0.1", now=datetime.now(UTC)
    )
    assert (other.tenant_slug, other.client_name, other.client_kind) == (TENANT, "Entra ID", "entra")

    before = _numbers(grant.tenant_id)
    assert ensure_demo(home=tmp_path) == token
    assert _numbers(grant.tenant_id) == before


def test_every_step_gets_the_answer_that_it_tells_of(make_player: Callable[[], tuple[UUID, Player]]) -> None:
    (tenant_id, player), steps = make_player(), tell_history()
    assert _play(tenant_id, player, steps) == len(steps)
    with tenant_context(tenant_id), tenant_scope() as scope:
        logged = scope.execute(OUTCOMES, None).fetchall()
        written = set(Change.objects.values_list("request_id", flat=True))
    assert logged == [(step.status, step.request_id) for step in steps if step.status >= 400]
    assert sorted(status for status, _ in logged) == [400, 404, 409]
    assert written == {step.request_id for step in steps if step.status < 400}
    assert _numbers(tenant_id)[3] == len(steps)


def test_history_that_broke_off_is_completed_and_adds_nothing_twice(
    make_player: Callable[[], tuple[UUID, Player]],
) -> None:
    whole_id, whole = make_player()
    half_id, half = make_player()
    steps = tell_history()
    refused = next(place for place, step in enumerate(steps) if step.status == 409)
    _play(whole_id, whole, steps)
    for length in (3, refused + 1):
        _play(half_id, _player(half.clients), steps[:length])
    assert _play(half_id, _player(half.clients), steps) == len(steps) - refused
    assert _numbers(half_id) == _numbers(whole_id)
    assert _play(half_id, _player(half.clients), steps) == 0
    assert _numbers(half_id) == _numbers(whole_id)


def test_documents_are_those_that_the_same_requests_make_over_http(
    make_player: Callable[[], tuple[UUID, Player]],
) -> None:
    (played_id, player), (sent_id, sender), steps = make_player(), make_player(), tell_history()
    _play(played_id, player, steps)
    with tenant_context(sent_id):
        issued = {
            source: issue_token(scim_client=client, scopes=SCOPES, origin=system_origin("test")).text
            for source, client in sender.clients.items()
        }
    sent_ids = _send_all(steps, issued)
    assert _documents(sent_id, sent_ids) == _documents(played_id, player.ids)


def _send_all(steps: list[Step], tokens: dict[str, str]) -> dict[str, str]:
    """The ids by key, once every step has got its answer over HTTP."""
    ids: dict[str, str] = {}
    for step in steps:
        path = f"/scim/v2/{step.resource_type}s" + ("" if step.method == "POST" else f"/{ids[step.target]}")
        body = json.dumps(resolve(step.body, ids)) if step.body else b""
        headers = {"Authorization": f"Bearer {tokens[step.source]}"}
        answer = Client().generic(step.method, path, body, content_type=MEDIA_TYPE, headers=headers)
        assert answer.status_code == step.status, (step, answer.content)
        if step.status == 201:
            ids[step.target] = answer.json()["id"]
    return ids


def _documents(tenant_id: UUID, ids: dict[str, str]) -> dict[str, tuple[Any, ...]]:
    """Everything that is stored, by key; ids are replaced by keys."""
    keys = {value: key for key, value in ids.items()}
    with tenant_context(tenant_id), tenant_scope() as scope:
        rows = scope.execute(RESOURCES, None).fetchall()
        members = scope.execute("SELECT group_id::text, value FROM scim_member", None).fetchall()
    names = {key: sorted(keys[value] for group, value in members if keys[group] == key) for key in keys.values()}
    return {keys[one]: (_named(json.loads(text), keys), *rest, names[keys[one]]) for one, text, *rest in rows}


def _named(value: Any, keys: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _named(held, keys) for name, held in value.items()}
    if isinstance(value, list):
        return [_named(held, keys) for held in value]
    return keys.get(value, value) if isinstance(value, str) else value
