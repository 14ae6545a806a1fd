"""A connector's worker against a target with quirks: what is due is done once, and what fails says so."""

import pytest

from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.protocol import urns
from scim.sync.services.links import approve_staged, refuse_staged, retry_links
from scim.sync.services.probes import probe_connector
from scim.sync.store import run_statement
from scim.sync.store.connectors import LeaseGoneError, claim_connector, renew_claim
from scim.sync.store.items import read_items
from scim.sync.store.troubles import group_troubles
from scim.sync.tasks import drain
from scim.sync.worker import drain_connector
from tests.sync.syncing import ORIGIN, Site


def test_people_and_groups_arrive_with_their_members(site: Site) -> None:
    ada, bob = site.hire("ada", "bob", displayName="Somebody")
    site.form("engineers", [ada, bob])
    site.sync()
    assert site.target.names == ["ada", "bob"]
    (group,) = site.target.groups.values()
    assert group["displayName"] == "engineers"
    assert {member["value"] for member in group["members"]} == set(site.target.users)


def test_nothing_is_sent_for_what_stands_there_already(site: Site) -> None:
    (ada,) = site.hire("ada")
    site.sync()
    calls = len(site.target.calls)
    site.change(ada, {"op": "replace", "path": "displayName", "value": "Ada"})
    site.change(ada, {"op": "remove", "path": "displayName"})
    assert site.sync() == 1
    assert len(site.target.calls) == calls


def test_change_is_sent_as_what_differs(site: Site) -> None:
    (ada,) = site.hire("ada", displayName="Ada", title="Engineer")
    site.sync()
    site.change(ada, {"op": "replace", "path": "title", "value": "Countess"}, {"op": "remove", "path": "displayName"})
    site.sync()
    (sent,) = [call.body["Operations"] for call in site.target.calls if call.method == "PATCH"]
    assert sorted(sent, key=lambda operation: str(operation["path"])) == [
        {"op": "remove", "path": "displayName"},
        {"op": "replace", "path": "title", "value": "Countess"},
    ]


def test_one_more_member_is_one_request_with_one_member(site: Site) -> None:
    people = site.hire(*(f"p{number}" for number in range(20)))
    group = site.form("all", people)
    site.sync()
    (late,) = site.hire("late")
    site.change(group, {"op": "add", "path": "members", "value": [{"value": str(late)}]}, kind="Group")
    before = len(site.target.calls)
    site.sync()
    (sent,) = [call for call in site.target.calls[before:] if call.method == "PATCH"]
    (operation,) = sent.body["Operations"]
    assert (operation["op"], len(operation["value"])) == ("add", 1)


def test_lost_answers_double_nobody(site: Site) -> None:
    site.target.quirks.unique = False
    site.target.quirks.lost = 0.3
    site.hire(*(f"p{number}" for number in range(30)))
    site.sync()
    _make_due(site)
    site.target.quirks.lost = 0.0
    site.sync()
    assert site.target.names == sorted(f"p{number}" for number in range(30))


def test_who_is_there_already_is_found_and_never_deleted(site: Site) -> None:
    site.target.directory.answer("POST", "/Users", "", {"userName": "ada", "nickName": "kept"})
    (ada,) = site.hire("ada", title="Engineer")
    site.sync()
    (there,) = site.target.users.values()
    assert (there["nickName"], there["title"]) == ("kept", "Engineer")
    site.dismiss(ada)
    site.sync()
    assert site.target.names == ["ada"]
    assert (site.link(ada).state, "was there before" in site.link(ada).reason) == ("skipped", True)


def test_several_who_match_are_left_to_people(site: Site) -> None:
    site.target.quirks.unique = False
    for _number in range(2):
        site.target.directory.answer("POST", "/Users", "", {"userName": "ada"})
    (ada,) = site.hire("ada")
    site.sync()
    assert site.link(ada).state == "conflict"
    assert len(site.target.users) == 2


def test_one_poisoned_person_keeps_nobody_else_away(site: Site) -> None:
    site.target.quirks.poisoned = frozenset({"p7"})
    people = site.hire(*(f"p{number}" for number in range(25)))
    site.sync()
    assert len(site.target.users) == 24
    with tenant_scope():
        (trouble,) = group_troubles(connector_id=site.connector_id)
    assert (trouble.number, list(trouble.examples)) == (1, [people[7]])
    assert "department is too long" in trouble.told
    site.target.quirks.poisoned = frozenset()
    assert retry_links(connector_id=site.connector_id, signature=trouble.signature, origin=ORIGIN) == 1
    site.sync()
    assert len(site.target.users) == 25


def test_who_leaves_is_deactivated_and_the_item_says_so(site: Site) -> None:
    (ada,) = site.hire("ada")
    site.sync()
    site.change(ada, {"op": "replace", "path": "active", "value": False})
    site.sync()
    (there,) = site.target.users.values()
    assert there["active"] is False
    with tenant_scope():
        item = read_items(by="resource", of=ada, limit=1)[0]
    assert (item.action, item.outcome) == ("deactivate", "done")
    assert list(item.changes) == [{"path": "active", "before": True, "after": False}]
    assert item.exchange["calls"][-1]["method"] == "PATCH"


def test_too_many_who_leave_wait_for_a_person(site: Site) -> None:
    people = site.hire(*(f"p{number}" for number in range(12)))
    site.sync()
    for person in people:
        site.dismiss(person)
    site.sync()
    gone = [user for user in site.target.users.values() if user["active"] is False]
    assert len(gone) == 5
    staged = [person for person in people if site.link(person).state == "staged"]
    assert len(staged) == 7
    assert refuse_staged(connector_id=site.connector_id, resource_ids=staged[:2], origin=ORIGIN) == 2
    assert approve_staged(connector_id=site.connector_id, resource_ids=None, origin=ORIGIN) == 5
    site.sync()
    assert len([user for user in site.target.users.values() if user["active"] is False]) == 10


def test_manager_who_arrives_later_is_known_then(site: Site) -> None:
    site.target.quirks.poisoned = frozenset({"boss"})
    (boss,) = site.hire("boss")
    manager = {urns.ENTERPRISE_USER: {"manager": {"value": str(boss)}}}
    (ada,) = site.hire("ada", **manager)
    site.sync()
    assert _manager_of(site, "ada") is None
    site.target.quirks.poisoned = frozenset()
    retry_links(connector_id=site.connector_id, signature=None, origin=ORIGIN)
    site.sync()
    assert _manager_of(site, "ada") == site.link(boss).remote_id
    assert site.link(ada).state == "applied"


def test_member_who_fails_joins_the_group_as_soon_as_they_exist(site: Site) -> None:
    site.target.quirks.poisoned = frozenset({"late"})
    ada, late = site.hire("ada", "late")
    site.form("all", [ada, late])
    site.sync()
    (group,) = site.target.groups.values()
    assert len(group["members"]) == 1
    site.target.quirks.poisoned = frozenset()
    retry_links(connector_id=site.connector_id, signature=None, origin=ORIGIN)
    site.sync()
    (group,) = site.target.groups.values()
    assert len(group["members"]) == 2


def test_refused_token_ends_all_calls_until_a_probe_succeeds(site: Site) -> None:
    token, site.target.quirks.token = site.target.quirks.token, "another"
    site.hire(*(f"p{number}" for number in range(30)))
    site.sync()
    assert site.connector().state == "quarantined"
    calls = len(site.target.calls)
    assert calls <= 8
    assert site.sync() == 0
    assert not probe_connector(connector_id=site.connector_id, origin=ORIGIN)
    assert len(site.target.calls) == calls + 1
    site.target.quirks.token = token
    assert probe_connector(connector_id=site.connector_id, origin=ORIGIN)
    _make_due(site)
    site.sync()
    assert len(site.target.users) == 30


def test_who_is_told_to_slow_down_does_and_counts_no_attempt(site: Site) -> None:
    site.target.quirks.storm = range(5, 8)
    site.target.quirks.retry_after = "0"
    people = site.hire(*(f"p{number}" for number in range(10)))
    site.sync()
    _make_due(site)
    site.sync()
    assert len(site.target.users) == 10
    assert {site.link(person).attempts for person in people} == {0}
    assert site.connector().bucket["limit"] > 0


def test_second_worker_leaves_a_connector_alone(site: Site) -> None:
    with tenant_scope():
        assert claim_connector(connector_id=site.connector_id)
    assert drain_connector(connector_id=site.connector_id) is None


def test_worker_whose_lease_went_to_another_can_store_nothing(site: Site) -> None:
    with tenant_scope():
        claimed = claim_connector(connector_id=site.connector_id)
        run_statement("UPDATE sync_connector SET lease_until = now() - interval '1 s' WHERE tenant_id = %(tenant)s")
    assert claimed
    with tenant_scope():
        assert claim_connector(connector_id=site.connector_id)
    with tenant_scope(), pytest.raises(LeaseGoneError):
        renew_claim(connector_id=site.connector_id, token=claimed[1])


def test_task_with_ids_of_another_tenant_does_nothing_and_is_recorded(site: Site, make_tenant: object) -> None:
    other = make_tenant()  # type: ignore[operator]  # a fixture that makes
    site.hire("ada")
    site.notice()
    assert drain(str(other), str(site.connector_id)) == 0
    assert site.target.calls == []
    with tenant_context(other), tenant_scope() as scope:
        told = scope.execute(
            "SELECT action, outcome, target_id FROM audit_event WHERE tenant_id = %s ORDER BY id DESC LIMIT 1", [other]
        ).fetchone()
    assert told == ("sync.task.refused", "denied", str(site.connector_id))


def _manager_of(site: Site, name: str) -> str | None:
    (user,) = [user for user in site.target.users.values() if user["userName"] == name]
    found: str | None = user.get(urns.ENTERPRISE_USER, {}).get("manager", {}).get("value")
    return found


def _make_due(site: Site) -> None:
    """What waits for another attempt need not wait any longer."""
    with tenant_scope():
        run_statement("UPDATE sync_link SET next_attempt_at = now() WHERE tenant_id = %(tenant)s")
