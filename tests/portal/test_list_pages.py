"""What all lists of the console have in common: searched and sorted in the address, a state instead of rows, no 500."""

import re
from uuid import UUID

import pytest
from django.test import Client

from tenants.models import Role
from tenants.realms import CONSOLE
from tests.portal.signing_in import make_member, open_session

pytestmark = pytest.mark.usefixtures("database")
# Where each list stands, and the name of what is searched for. Schemas are searched once there are some of one's own.
LISTS = {
    "clients": "text",
    "directory": "text",
    "directory/groups": "text",
    "directory/trash": "text",
    "directory/held": "text",
    "requests": "q",
    "audit": "q",
    "members": "q",
    "customers": "q",
}
EACH = pytest.mark.parametrize(("place", "name"), LISTS.items(), ids=LISTS)


@pytest.fixture
def viewer(client: Client, tenant_id: UUID) -> Client:
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id, Role.VIEWER))
    client.get("/console/", follow=True)
    return client


@EACH
def test_list_is_searched_in_its_address_and_says_what_to_do_when_nothing_is_found(
    viewer: Client, place: str, name: str
) -> None:
    answer = viewer.get(f"/console/{place}", {name: "nowheretobefound"})
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert re.search(r'<form method="get"[^>]* role="search"', shown)
    assert re.search(rf'<input id="{name}" name="{name}" type="search"[^>]* value="nowheretobefound"', shown)
    assert re.search(r'like this[^<]*<a class="link-text" href="/console/', shown)


@EACH
def test_search_that_cannot_be_read_is_no_failure(viewer: Client, place: str, name: str) -> None:
    for query in (f"{name}=%00", "sort=x", f"{name}={'x' * 5000}", "cursor=x&start=x&from=x"):
        assert viewer.get(f"/console/{place}?{query}").status_code in {200, 302, 422}  # or back to the first page
