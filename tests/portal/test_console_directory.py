"""Lists of users and groups in the console: found by what a person types, narrowed, sorted, page by page."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tenants.models import Role
from tenants.realms import CONSOLE
from tests.portal.provisioning import Provider
from tests.portal.signing_in import make_member, open_session

pytestmark = pytest.mark.usefixtures("database")
USERS, GROUPS = "/console/directory", "/console/directory/groups"


@pytest.fixture
def operator(client: Client, tenant_id: UUID) -> Client:
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id, Role.VIEWER))
    client.get("/console/", follow=True)
    return client


def _text(answer: Any) -> str:
    return str(answer.content.decode())


def _names(answer: Any) -> list[str]:
    return [entry.name for entry in answer.context["page"].entries]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"text": "LOVE"}, ["ada@example.test"]),
        ({"text": "work.test"}, ["bob@example.test"]),
        ({"text": "example.test", "state": "inactive"}, ["cyd@example.test"]),
        ({"filter": 'title eq "Engineer"'}, ["ada@example.test", "bob@example.test"]),
        ({"filter": 'title eq "engineer"', "text": "bob", "state": "active"}, ["bob@example.test"]),
        ({"sort": "-name"}, ["cyd@example.test", "bob@example.test", "ada@example.test"]),
        ({"text": "nobody%"}, []),
    ],
)
def test_users_are_found_by_name_address_state_and_filter(
    operator: Client, okta: Provider, asked: dict[str, str], found: list[str]
) -> None:
    okta.add_user("ada@example.test", displayName="Ada Lovelace", title="Engineer")
    okta.add_user("bob@example.test", title="Engineer", emails=[{"value": "bob@work.test", "type": "work"}])
    okta.add_user("cyd@example.test", active=False)
    answer = operator.get(USERS, asked)
    assert (answer.status_code, _names(answer)) == (200, found)


def test_user_is_found_by_id_and_by_external_id(operator: Client, okta: Provider) -> None:
    foreign = "6f1f6d2c-0f2b-4f6e-9d3a-2f0a7c1b5e11"
    ada = okta.add_user("ada@example.test", externalId=foreign)
    okta.add_user("bob@example.test")
    assert [_names(operator.get(USERS, {"text": text})) for text in (ada, foreign)] == [["ada@example.test"]] * 2


def test_pages_lead_on_and_back_and_keep_the_search(operator: Client, okta: Provider) -> None:
    for number in range(53):
        okta.add_user(f"user{number:02}@example.test")
    first = operator.get(USERS, {"text": "user", "sort": "-name"})
    assert ("53 users like this" in _text(first), _names(first)[0]) == (True, "user52@example.test")
    second = operator.get(USERS + first.context["next"])
    assert _names(second) == [f"user{number:02}@example.test" for number in (2, 1, 0)]
    back = operator.get(USERS + second.context["previous"])
    assert _names(back) == _names(first)
    assert "text=user" in second.context["previous"]


@pytest.mark.parametrize("address", [USERS, GROUPS])
def test_cursor_that_is_none_leads_to_the_first_page(operator: Client, address: str) -> None:
    answer = operator.get(address, {"cursor": "nonsense", "text": "x"}, follow=True)
    assert answer.redirect_chain == [(f"{address}?text=x", 302)]
    assert "That page of the list has expired" in _text(answer)


def test_filter_that_cannot_be_read_is_told_beside_its_field(operator: Client) -> None:
    answer = operator.get(USERS, {"filter": "shoeSize eq 43"})
    assert (answer.status_code, "There is no attribute shoeSize" in _text(answer)) == (422, True)


@pytest.mark.parametrize("asked", [{"sort": "shoe"}, {"state": "odd"}, {"text": "a\x00b"}, {"text": "x" * 201}])
def test_nonsense_in_the_address_is_refused_without_an_error_of_ours(operator: Client, asked: dict[str, str]) -> None:
    assert operator.get(USERS, asked).status_code == 422


def test_groups_tell_how_many_members_they_have(operator: Client, okta: Provider) -> None:
    okta.add_group("Lab", okta.add_user("ada@example.test"), okta.add_user("bob@example.test"))
    okta.add_group("Empty")
    answer = operator.get(GROUPS, {"sort": "-name"})
    assert [(entry.name, entry.members) for entry in answer.context["page"].entries] == [("Lab", 2), ("Empty", 0)]
    assert _names(operator.get(GROUPS, {"text": "mpt"})) == ["Empty"]


def test_list_shows_nobody_of_another_tenant(operator: Client, okta: Provider, make_tenant: Callable[[], UUID]) -> None:
    okta.add_user("ada@example.test")
    Provider(make_tenant()).add_user("eve@example.test")
    assert _names(operator.get(USERS)) == ["ada@example.test"]


def test_values_are_shown_as_text(operator: Client, okta: Provider) -> None:
    okta.add_user("<script>alert(1)</script>", displayName='"><img src=x>')
    page = _text(operator.get(USERS))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not re.search(r"<script>alert|<img src=x>", page)


def test_empty_directory_says_what_to_do(operator: Client) -> None:
    assert "Connect an identity provider" in _text(operator.get(USERS))
