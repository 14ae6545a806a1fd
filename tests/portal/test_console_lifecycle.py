"""Trash and held people in the console: found, sorted, page by page; restored, released and brought back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from labsninja.kernel.isolation import tenant_context
from scim.queries.holds import find_held
from tenants.models import Role
from tenants.realms import CONSOLE
from tests.portal.provisioning import Provider, hold_people
from tests.portal.signing_in import make_member, open_session

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.capability("trash")]
TRASH, HOLDS = "/console/directory/trash", "/console/directory/held"


def _sign_in(tenant_id: UUID, role: Role = Role.ADMIN) -> Client:
    client = Client()
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id, role))
    client.get("/console/", follow=True)
    return client


@pytest.fixture
def operator(tenant_id: UUID) -> Client:
    return _sign_in(tenant_id)


def _names(answer: Any) -> list[str]:
    return [row.name for row, _ in answer.context["rows"]]


def _text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def _delete(okta: Provider, *people: str) -> None:
    for person in people:
        assert okta.send("delete", f"/Users/{person}").status_code == 204


def test_trash_is_searched_narrowed_and_sorted(operator: Client, okta: Provider) -> None:
    assert "Nothing was deleted in this time" in _text(operator.get(TRASH))
    _delete(okta, okta.add_user("bob@example.test"), okta.add_user("Ada@example.test"))
    group = okta.add_group("Adepts")
    assert okta.send("delete", f"/Groups/{group}").status_code == 204
    asked: list[dict[str, str]] = [{}, {"text": "AD"}, {"text": "ad", "type": "User"}, {"sort": "name"}, {"text": "%"}]
    assert [_names(operator.get(TRASH, query)) for query in asked] == [
        ["Adepts", "Ada@example.test", "bob@example.test"],
        ["Adepts", "Ada@example.test"],
        ["Ada@example.test"],
        ["Ada@example.test", "Adepts", "bob@example.test"],
        [],
    ]


@pytest.mark.parametrize("sort", ["", "name"])
def test_pages_of_the_trash_lead_on_and_keep_the_search(operator: Client, okta: Provider, sort: str) -> None:
    _delete(okta, *(okta.add_user(f"user{number:02}") for number in range(53)))
    first = operator.get(TRASH, {"text": "user", "sort": sort})
    second = operator.get(TRASH + first.context["next"])
    names = _names(first) + _names(second)
    assert names == sorted((f"user{number:02}" for number in range(53)), reverse=not sort)
    assert (second.context["next"], "text=user" in first.context["next"]) == ("", True)


def test_operator_restores_and_is_refused_while_the_name_is_taken(operator: Client, okta: Provider) -> None:
    ada = okta.add_user("ada@example.test")
    _delete(okta, ada)
    other = okta.add_user("ada@example.test")
    assert "Restore ada@example.test?" in _text(operator.get(f"{TRASH}/{ada}"))
    answer = operator.post(f"{TRASH}/{ada}")
    assert (answer.status_code, "Another resource has this userName" in _text(answer)) == (409, True)
    _delete(okta, other)
    answer = operator.post(f"{TRASH}/{ada}", follow=True)
    assert "ada@example.test is back" in _text(answer)
    assert okta.send("get", f"/Users/{ada}").status_code == 200


def test_held_people_are_listed_and_brought_back_by_one_click(operator: Client, okta: Provider) -> None:
    people = hold_people(okta, number=8)
    page = operator.get(HOLDS)
    assert _names(page) == [f"user{number:02}@example.test" for number in (7, 6, 5)]
    assert "Bring all 3 back" in _text(page)
    assert "3 people are held back" in _text(operator.get("/console/"))
    assert _names(operator.get(HOLDS, {"text": "USER06"})) == ["user06@example.test"]
    done = operator.post(f"{HOLDS}/undo", {"all": "1"}, follow=True)
    assert ("3 people are back" in _text(done), _names(done)) == (True, [])
    assert okta.send("get", f"/Users/{people[7]}").json()["active"] is True
    assert len(_names(operator.get(HOLDS, {"state": "undone", "sort": "name"}))) == 3


def test_those_marked_are_brought_back_or_after_a_question_released(operator: Client, okta: Provider) -> None:
    people = hold_people(okta, number=8)
    ids = [str(row.id) for row, _ in operator.get(HOLDS, {"sort": "name"}).context["rows"]]
    operator.post(f"{HOLDS}/undo", {"hold": ids[:1]})
    asked = operator.post(f"{HOLDS}/release", {"hold": ids[1:2]})
    assert "Release 1 person?" in _text(asked)
    with tenant_context(okta.tenant_id):
        assert set(find_held(resource_ids=[UUID(one) for one in people])) == {UUID(one) for one in people[6:]}
    told = operator.post(f"{HOLDS}/release", {"hold": ids[1:2], "sure": "1"}, follow=True)
    assert ("1 person is released" in _text(told), _names(told)) == (True, ["user07@example.test"])


@pytest.mark.parametrize("act", ["undo", "release"])
@pytest.mark.parametrize("data", [{}, {"hold": "nonsense"}])
def test_nobody_chosen_is_told(operator: Client, act: str, data: dict[str, str]) -> None:
    answer = operator.post(f"{HOLDS}/{act}", data)
    assert (answer.status_code, "Nobody is chosen" in _text(answer)) == (422, True)


def test_viewer_sees_and_may_not_decide(okta: Provider) -> None:
    people = hold_people(okta, number=6)
    _delete(okta, people[0])
    viewer = _sign_in(okta.tenant_id, Role.VIEWER)
    assert "Bring all" not in _text(viewer.get(HOLDS))
    assert len(_names(viewer.get(HOLDS))) == 2
    refused = [
        viewer.post(f"{HOLDS}/undo", {"all": "1"}),
        viewer.post(f"{HOLDS}/release", {"all": "1", "sure": "1"}),
        viewer.post(f"{TRASH}/{people[0]}"),
    ]
    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert all("needs the role admin" in _text(answer) for answer in refused)


def test_another_tenants_deleted_person_is_404(operator: Client, make_tenant: Callable[[], UUID]) -> None:
    other = Provider(make_tenant())
    eve = other.add_user("eve@example.test")
    _delete(other, eve)
    assert _names(operator.get(TRASH)) == []
    for found in (eve, uuid4()):
        answers = [operator.get(f"{TRASH}/{found}"), operator.post(f"{TRASH}/{found}")]
        assert [answer.status_code for answer in answers] == [404, 404]


@pytest.mark.parametrize("address", [TRASH, HOLDS])
@pytest.mark.parametrize("asked", [{"sort": "shoe"}, {"text": "a\x00b"}, {"text": "x" * 201}])
def test_nonsense_in_the_address_is_refused(operator: Client, address: str, asked: dict[str, str]) -> None:
    assert operator.get(address, asked).status_code == 422


@pytest.mark.parametrize("address", [TRASH, HOLDS])
def test_page_that_begins_nowhere_is_the_first(operator: Client, address: str) -> None:
    assert operator.get(address, {"start": "nonsense"}).status_code == 200
    assert operator.get(address, {"start": "01900000-0000-7000-8000-000000000001 2026-13-01"}).status_code == 200
