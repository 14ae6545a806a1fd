"""Every route that may change something leaves its events, in the transaction of the change; so does who is denied."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from audit.actions import Action
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_context, tenant_scope
from scim.api.views.base import NothingView
from scim.services.request_log import flush_requests
from tenants.models import ClientToken
from tenants.realms import REALMS
from tests.completeness.acts import HARMLESS, ROUTES, TOKEN_ROUTE, Route, World, fetch_token
from tests.completeness.watching import read_state, watched
from tests.scim.conftest import Provider
from tests.scim.oauth import GRANT, ask, basic
from tests.scim.recorded import details_of, events_of

TOKENS = "tenants_client_token"  # a thread writes when they were used last
MUTATING = ("POST", "PUT", "PATCH", "DELETE")
BY_ID = [route for route in ROUTES if "resource_id" in route.pattern]
pytestmark = pytest.mark.usefixtures("settled")
NAMES = [f"{route.method} {route.pattern} {route.actions[-1]}" for route in ROUTES]


@pytest.fixture(name="world")
def _world(provider: Provider, tmp_path: Path) -> World:
    return World(provider, tmp_path)


# Pages behind a sign-in have tests/completeness/test_pages.py, the admin's tests/labsninja.
# And behind a link, tests/portal/test_setup_pages.py.
PAGES = (*(realm.prefix[1:-1] for realm in REALMS.values()), "setup")


def _walk(patterns: list[Any]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if str(pattern.pattern).startswith(PAGES):
            continue
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns)
        else:
            yield pattern


def _list_methods(pattern: URLPattern) -> list[str]:
    """The methods by which something may be changed that the view takes."""
    view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
    if view is not None:
        return [] if view is NothingView else [method for method in MUTATING if hasattr(view, method.lower())]
    requests = [(method, getattr(RequestFactory(), method.lower())("/")) for method in MUTATING]
    return [method for method, request in requests if pattern.callback(request).status_code != 405]


def test_every_route_that_may_change_something_is_listed_with_its_events() -> None:
    found = {
        (str(pattern.pattern), method)
        for pattern in _walk(get_resolver().url_patterns)
        for method in _list_methods(pattern)
    }
    assert found == {(route.pattern, route.method) for route in ROUTES} | HARMLESS | {(TOKEN_ROUTE, "POST")}


@pytest.mark.capability("audit")
@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_write_leaves_its_events_in_the_transaction_of_the_change(world: World, route: Route) -> None:
    route.prepare(world)
    with watched(world.tenant_id, TOKENS) as traces:
        answer = route.send(world)
    assert answer.status_code in {200, 201, 204}, answer.content
    assert traces.done == [str(action) for action in route.actions]
    assert traces.unrecorded == {}


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_write_whose_event_is_refused_changes_nothing(
    world: World, route: Route, refuse: Callable[[str, str], None]
) -> None:
    route.prepare(world)
    before = read_state(world.tenant_id, TOKENS)
    refuse("audit_event", f"action <> '{route.actions[-1]}'")
    answer = route.send(world)
    assert answer.status_code == 500 or b'"status":"500"' in answer.content, answer.content
    assert read_state(world.tenant_id, TOKENS) == before


def test_token_leaves_its_event_in_the_transaction_of_the_change(world: World) -> None:
    _ = world.secret
    with watched(world.tenant_id, TOKENS) as traces:
        assert fetch_token(world).status_code == 200
    assert (traces.done, traces.unrecorded) == ([Action.ACCESS_TOKEN_ISSUED], {})


def test_token_whose_event_is_refused_is_not_issued(world: World, refuse: Callable[[str, str], None]) -> None:
    _ = world.secret
    refuse("audit_event", f"action <> '{Action.ACCESS_TOKEN_ISSUED}'")
    assert fetch_token(world).status_code == 500
    with tenant_context(world.tenant_id), tenant_scope():
        assert ClientToken.objects.filter(kind=ClientToken.Kind.ACCESS).count() == 0


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_stranger_is_denied_and_leaves_an_event_in_the_deployment(world: World, route: Route) -> None:
    route.prepare(world)
    with watched(world.tenant_id, TOKENS) as traces:
        answer = route.send(world, Authorization="Bearer nobodys")
        flush_requests(at_once=True)
    assert answer.status_code == 401
    assert (traces.done, traces.denied, traces.unrecorded) == ([], [], {})
    told = details_of(events_of(DEPLOYMENT_TENANT_ID, Action.ACCESS_DENIED)[-1])
    assert (told["method"], told["path"]) == (route.method, f"/scim/v2{route.target(world)}")


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_token_that_may_only_read_is_denied_and_leaves_an_event(world: World, route: Route) -> None:
    route.prepare(world)
    reader = world.provider.holds(scopes=["scim:read"])
    with watched(world.tenant_id, TOKENS) as traces:
        answer = route.send(world, reader)
        flush_requests(at_once=True)
    assert answer.status_code == 403
    assert (traces.done, traces.denied, traces.unrecorded) == ([], [Action.ACCESS_DENIED], {})


@pytest.mark.parametrize("route", BY_ID, ids=[f"{route.method} {route.actions[-1]}" for route in BY_ID])
def test_id_of_another_tenant_leaves_an_event_with_who_tried_it_and_none_with_whose_it_is(
    world: World, route: Route, make_provider: Callable[[], Provider]
) -> None:
    """It is an id that nobody knows: the database tells no more to the role that serves."""
    route.prepare(world)
    stranger = make_provider()
    World(stranger, world.folder).defined  # noqa: B018  # so that the type is known there, too
    with watched(world.tenant_id, TOKENS) as owner, watched(stranger.tenant_id, TOKENS) as traces:
        answer = route.send(world, stranger)
        flush_requests(at_once=True)
    assert answer.status_code == 404
    assert (traces.done, traces.denied, traces.unrecorded) == ([], [Action.ACCESS_DENIED], {})
    assert (owner.done, owner.denied, owner.unrecorded) == ([], [], {})
    assert details_of(events_of(stranger.tenant_id, Action.ACCESS_DENIED)[-1])["reason"] == "unknown id"


def test_wrong_secret_is_denied_and_leaves_an_event(world: World) -> None:
    answer = ask(GRANT, **basic(world.provider.scim_client.id, "nobodys"))
    flush_requests(at_once=True)
    assert answer.status_code == 401
    assert details_of(events_of(DEPLOYMENT_TENANT_ID, Action.ACCESS_DENIED)[-1])["path"] == "/oauth2/token"
