"""One user or group in the console: where each value came from, what became of it, and what it was at a moment."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from labsninja.kernel.isolation import tenant_context
from scim.queries.requests import RequestFilter, list_requests
from tenants.models import Role
from tenants.realms import CONSOLE
from tests.portal.provisioning import Provider
from tests.portal.signing_in import make_member, open_session

pytestmark = pytest.mark.usefixtures("database")
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.fixture
def operator(client: Client, tenant_id: UUID) -> Client:
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id, Role.VIEWER))
    client.get("/console/", follow=True)
    return client


def _user(operator: Client, user_id: str, **asked: Any) -> Any:
    return operator.get(f"/console/directory/users/{user_id}", asked)


def _text(answer: Any) -> str:
    return str(answer.content.decode())


def _values(answer: Any) -> dict[tuple[str, str], Any]:
    """By name and text the step that a value came from."""
    return {(row["name"], row["text"]): row["step"] for row in answer.context["values"]}


def test_each_value_tells_the_request_and_the_client_that_set_it(
    operator: Client, okta: Provider, tenant_id: UUID
) -> None:
    ada = okta.add_user("ada@example.test", title="Engineer", name={"familyName": "Lovelace"})
    Provider(tenant_id, "HR").replace(ada, "title", "Intern")
    okta.replace(ada, f"{ENTERPRISE}:department", "Research")
    okta.flush()
    values = _values(_user(operator, ada))
    told = {key: (step.actor.label, step.version) for key, step in values.items()}
    assert told == {
        ("userName", "ada@example.test"): ("Okta", 1),
        ("title", "Intern"): ("HR", 2),
        ("name.familyName", "Lovelace"): ("Okta", 1),
        ("active", "true"): ("Okta", 1),
        ("department", "Research"): ("Okta", 3),
    }
    with tenant_context(tenant_id):
        patched = list_requests(wanted=RequestFilter(method="PATCH")).rows
    assert values["title", "Intern"].logged in {row.id for row in patched}


def test_value_that_was_changed_and_changed_back_came_from_the_later_change(operator: Client, okta: Provider) -> None:
    ada = okta.add_user("ada@example.test", title="Engineer")
    okta.replace(ada, "title", "Intern")
    okta.replace(ada, "title", "Engineer")
    assert _values(_user(operator, ada))["title", "Engineer"].version == 3


def test_each_address_of_several_has_an_origin_of_its_own(operator: Client, okta: Provider) -> None:
    ada = okta.add_user("ada@example.test", emails=[{"value": "a@work.test", "type": "work", "primary": True}])
    okta.patch(f"/Users/{ada}", {"op": "add", "path": "emails", "value": [{"value": "a@home.test", "type": "home"}]})
    told = {key: step.version for key, step in _values(_user(operator, ada)).items() if key[0] == "emails"}
    assert told == {("emails", "a@work.test (work, primary)"): 1, ("emails", "a@home.test (home)"): 2}


def test_history_tells_old_and_new_page_by_page(operator: Client, okta: Provider) -> None:
    ada = okta.add_user("ada@example.test")
    for number in range(21):
        okta.replace(ada, "title", f"Rank {number}")
    newest = _user(operator, ada)
    (first, *_), older = newest.context["steps"], newest.context["older"]
    shown = [(change.name, change.before, change.after) for change in first["changes"]]
    assert (shown, older) == ([("title", ["Rank 19"], ["Rank 20"])], 3)
    last = _user(operator, ada, below=older).context
    assert [row["deed"] for row in last["steps"]] == ["Changed", "Created"]
    assert last["older"] is None


def test_groups_are_told_with_the_way_to_them(operator: Client, okta: Provider) -> None:
    ada = okta.add_user("ada@example.test")
    team = okta.add_group("Team", ada)
    lab = okta.add_group("Lab", team)
    house = okta.add_group("House", lab)
    groups = _user(operator, ada).context["groups"]
    told = {group.name: [step.group_name for step in group.through] for group in groups}
    assert told == {"Team": [], "Lab": ["Team"], "House": ["Team", "Lab"]}
    assert f"/console/directory/groups/{house}" in _text(_user(operator, ada))


def test_shorter_of_two_ways_is_told_and_a_group_stands_once(operator: Client, okta: Provider) -> None:
    ada = okta.add_user("ada@example.test")
    okta.add_group("Lab", okta.add_group("Team", ada), ada)
    groups = _user(operator, ada).context["groups"]
    assert sorted((group.name, len(group.through)) for group in groups) == [("Lab", 0), ("Team", 0)]


def test_group_shows_members_and_who_came_and_went(operator: Client, okta: Provider) -> None:
    ada, bob = okta.add_user("ada@example.test"), okta.add_user("bob@example.test", displayName="Bob")
    lab = okta.add_group("Lab", ada)
    okta.patch(f"/Groups/{lab}", {"op": "add", "path": "members", "value": [{"value": bob}]})
    okta.send("delete", f"/Users/{ada}")
    answer = operator.get(f"/console/directory/groups/{lab}")
    sides = [
        ([known.name for known in row["step"].added], [known.name for known in row["step"].removed])
        for row in answer.context["steps"]
    ]
    assert sides == [([], ["ada@example.test"]), (["Bob"], []), (["ada@example.test"], [])]
    assert [member.display for member in answer.context["members"]["rows"]] == ["Bob"]
    assert "(deleted)" in _text(answer)


def test_members_of_a_large_group_are_paged(operator: Client, okta: Provider) -> None:
    lab = okta.add_group("Lab", *(okta.add_user(f"u{number:02}@example.test") for number in range(51)))
    first = operator.get(f"/console/directory/groups/{lab}").context["members"]
    second = operator.get(f"/console/directory/groups/{lab}{first['next']}").context["members"]
    assert (len(first["rows"]), first["total"], len(second["rows"])) == (50, 51, 1)
    astray = operator.get(f"/console/directory/groups/{lab}", {"members": "nonsense"})
    assert (astray.status_code, len(astray.context["members"]["rows"])) == (200, 50)


def test_state_as_of_a_moment_is_told_beside_what_is_different_now(operator: Client, okta: Provider) -> None:
    ada = okta.add_user("ada@example.test", title="Engineer")
    between = datetime.now(UTC)
    okta.replace(ada, "title", "Intern")
    at = f"{between:%Y-%m-%dT%H:%M:%S.%f}"
    answer = operator.get(f"/console/directory/users/{ada}/then", {"at": at})
    assert ("title", "", "Engineer") in answer.context["values"]
    assert [(change.name, change.before, change.after) for change in answer.context["changes"]] == [
        ("title", ["Engineer"], ["Intern"])
    ]
    early = operator.get(f"/console/directory/users/{ada}/then", {"at": "2001-01-01T00:00"})
    assert "It did not exist then" in _text(early)


def test_members_as_of_a_moment_are_told(operator: Client, okta: Provider) -> None:
    ada = okta.add_user("ada@example.test")
    lab = okta.add_group("Lab", ada)
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"
    okta.patch(f"/Groups/{lab}", {"op": "remove", "path": "members"})
    members, total = operator.get(f"/console/directory/groups/{lab}/then", {"at": at}).context["members"]
    assert ([str(known.id) for known in members], total) == ([ada], 1)


@pytest.mark.parametrize("at", ["", "yesterday", "9999-99-99T00:00"])
def test_moment_that_is_none_is_told_beside_its_field(operator: Client, okta: Provider, at: str) -> None:
    ada = okta.add_user("ada@example.test")
    assert operator.get(f"/console/directory/users/{ada}/then", {"at": at}).status_code == 422


def test_deleted_user_keeps_a_page_that_says_so(operator: Client, okta: Provider) -> None:
    ada = okta.add_user("ada@example.test", title="Engineer")
    okta.send("delete", f"/Users/{ada}")
    answer = _user(operator, ada)
    assert "On the wire the id answers 404" in _text(answer)
    assert [row["deed"] for row in answer.context["steps"]] == ["Deleted", "Created"]
    assert ("title", "Engineer") in _values(answer)


def test_refused_request_about_a_user_is_among_those_about_them(operator: Client, okta: Provider) -> None:
    ada = okta.add_user("ada@example.test")
    okta.replace(ada, "shoe", 43)
    okta.flush()
    assert [row.outcome for row, _told in _user(operator, ada).context["related"]] == ["refused", "done"]


@pytest.mark.parametrize(
    "page", ["users/{}", "users/{}/then?at=2026-01-01", "groups/{}", "groups/{}/then?at=2026-01-01"]
)
def test_id_of_another_tenant_of_nobody_or_of_another_type_is_404(
    operator: Client, okta: Provider, make_tenant: Callable[[], UUID], page: str
) -> None:
    other = Provider(make_tenant())
    foreign = {"users": other.add_user("eve@example.test"), "groups": other.add_group("Spies")}
    wrong = {"users": okta.add_group("Lab"), "groups": okta.add_user("ada@example.test")}
    kind = page.partition("/")[0]
    for found in (foreign[kind], wrong[kind], str(uuid4())):
        assert operator.get(f"/console/directory/{page.format(found)}").status_code == 404


def test_values_are_shown_as_text_and_raw_as_the_wire_has_it(operator: Client, okta: Provider) -> None:
    ada = okta.add_user("ada@example.test", title="<b>Boss</b>")
    okta.add_group("Lab", ada)
    page = _text(_user(operator, ada))
    assert "&lt;b&gt;Boss&lt;/b&gt;" in page
    assert "<b>Boss" not in page
    wire = okta.send("get", f"/Users/{ada}").json()
    assert _user(operator, ada).context["profile"].whole == wire
