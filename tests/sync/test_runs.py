"""Runs: planned, judged, approved, done; and what people can do to one on its way."""

import pytest

from labsninja.kernel.isolation import tenant_scope
from scim.sync.errors import RefusedError
from scim.sync.planner import plan_run
from scim.sync.services.connectors import pause_connector
from scim.sync.services.runs import approve_run, cancel_run, finish_run, pause_run, request_run, resume_run
from scim.sync.store.plans import read_plan_items
from scim.sync.worker import drain_connector
from tests.sync.syncing import ORIGIN, Site

START = "00000000-0000-0000-0000-000000000000"


def _items(site: Site, run_id: object, *actions: str) -> list[tuple[str, str]]:
    with tenant_scope():
        found = read_plan_items(run_id=run_id, actions=actions, after=START, limit=100)  # type: ignore[arg-type]  # ids as text
    return sorted((item.action, item.name) for item in found)


def test_dry_run_tells_what_would_be_done_and_sends_nothing(site: Site) -> None:
    ada, _bob = site.hire("ada", "bob")
    site.form("all", [ada])
    run = site.run("dry_run")
    assert (run.state, run.to_do, run.seen) == ("planned", 3, 3)
    assert _items(site, run.id, "create") == [("create", "ada"), ("create", "all"), ("create", "bob")]
    assert site.target.calls == []


def test_full_run_brings_over_what_was_there_before_the_connector(site: Site) -> None:
    ada, bob = site.hire("ada", "bob")
    site.form("all", [ada, bob])
    run = site.run()
    assert (run.state, run.done, run.failed) == ("succeeded", 3, 0)
    (group,) = site.target.groups.values()
    assert len(group["members"]) == 2
    again = site.run()
    assert (again.state, again.to_do, again.counts["nothing"]) == ("succeeded", 0, 3)


def test_run_with_somebody_who_fails_is_partial(site: Site) -> None:
    site.target.quirks.poisoned = frozenset({"bob"})
    site.hire("ada", "bob")
    run = site.run()
    assert (run.state, run.done, run.failed) == ("partial", 2, 1)


def test_run_that_would_remove_many_waits_and_lists_exactly_them(site: Site) -> None:
    people = site.hire(*(f"p{number:02}" for number in range(30)))
    site.sync()
    site.lose_everybody()
    calls = len(site.target.calls)
    run = site.run()
    assert run.state == "awaiting_approval"
    assert "30 of 30" in run.cause
    assert len(site.target.calls) == calls
    assert _items(site, run.id, "deactivate", "delete") == [("deactivate", f"p{number:02}") for number in range(30)]
    with pytest.raises(RefusedError):
        approve_run(run_id=run.id, plan_hash=b"another", origin=ORIGIN)
    assert run.plan_hash
    assert approve_run(run_id=run.id, plan_hash=run.plan_hash, origin=ORIGIN) == len(people)
    assert site.follow(run.id).state == "succeeded"
    assert {user["active"] for user in site.target.users.values()} == {False}


def test_only_one_run_of_a_connector_is_under_way(site: Site) -> None:
    request_run(connector_id=site.connector_id, mode="dry_run", origin=ORIGIN)
    with pytest.raises(RefusedError):
        request_run(connector_id=site.connector_id, mode="dry_run", origin=ORIGIN)


def test_full_run_needs_a_connector_that_works(site: Site) -> None:
    pause_connector(connector_id=site.connector_id, origin=ORIGIN)
    with pytest.raises(RefusedError):
        request_run(connector_id=site.connector_id, mode="full", origin=ORIGIN)


def test_paused_run_sends_nothing_until_it_is_gone_on_with(site: Site) -> None:
    site.hire("ada", "bob")
    run_id = request_run(connector_id=site.connector_id, mode="full", origin=ORIGIN)
    plan_run(run_id=run_id)
    pause_run(run_id=run_id, origin=ORIGIN)
    assert drain_connector(connector_id=site.connector_id) == 0
    assert not finish_run(run_id=run_id)
    resume_run(run_id=run_id, origin=ORIGIN)
    assert site.follow(run_id).state == "succeeded"
    assert len(site.target.users) == 2


def test_canceled_run_leaves_the_rest_as_it_is(site: Site) -> None:
    site.hire("ada", "bob")
    run_id = request_run(connector_id=site.connector_id, mode="full", origin=ORIGIN)
    plan_run(run_id=run_id)
    cancel_run(run_id=run_id, origin=ORIGIN)
    assert drain_connector(connector_id=site.connector_id) == 0
    assert site.target.calls == []
    assert site.find_run(run_id).state == "canceled"


def test_planner_that_died_is_followed_by_another_from_where_it_was(site: Site) -> None:
    site.hire(*(f"p{number}" for number in range(3)))
    run_id = request_run(connector_id=site.connector_id, mode="dry_run", origin=ORIGIN)
    assert not plan_run(run_id=run_id, seconds=0)
    assert plan_run(run_id=run_id)
    assert site.find_run(run_id).seen == 3


def test_connector_knows_what_changed_while_it_was_paused_as_one_look_each(site: Site) -> None:
    (ada,) = site.hire("ada")
    site.sync()
    pause_connector(connector_id=site.connector_id, origin=ORIGIN)
    for number in range(3):
        site.change(ada, {"op": "replace", "path": "title", "value": f"T{number}"})
    site.notice()
    assert site.link(ada).state == "pending"
