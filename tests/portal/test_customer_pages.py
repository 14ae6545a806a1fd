"""What customers see of their organization: how the connection does, who is there; in words that are theirs."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from portal.customer.words import INCIDENTS, LABELS, SENTENCES, STEPS
from tenants.models import Role, ScimClient
from tenants.realms import PORTAL
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, IssuedToken, issue_token
from tests.portal.provisioning import Provider
from tests.portal.signing_in import make_member, open_session
from tests.scim.logged import log_requests, log_rhythm, log_strangers

pytestmark = pytest.mark.usefixtures("database")
JARGON = re.compile(
    r"\b(scim|tokens?|scopes?|connectors?|tenants?|endpoints?|http|4\d\d|5\d\d|uniqueness)\b", re.IGNORECASE
)


@pytest.fixture
def customer(client: Client, tenant_id: UUID) -> Client:
    open_session(client, PORTAL, make_member(PORTAL, tenant_id, Role.VIEWER))
    client.get("/portal/", follow=True)
    return client


def _connect(tenant_id: UUID, name: str = "Okta production") -> tuple[ScimClient, IssuedToken]:
    origin = system_origin("test")
    with tenant_context(tenant_id):
        made = create_scim_client(name=name, kind=ScimClient.Kind.OKTA, origin=origin)
        return made, issue_token(scim_client=made, scopes=SCOPES, origin=origin)


def _read(customer: Client, path: str = "/portal/") -> str:
    answer = customer.get(path)
    assert answer.status_code == 200
    page = str(answer.content.decode())
    told = re.sub(r"<[^>]*>", " ", page.split('<main id="main"')[1])
    assert JARGON.findall(told) == []
    return page


def test_organization_without_a_connection_is_told_so(customer: Client) -> None:
    page = _read(customer)
    assert "No identity provider is connected yet." in page
    assert "Nothing: everything that was sent was done." in page


def test_connection_that_has_sent_nothing_says_what_to_do(customer: Client, tenant_id: UUID) -> None:
    _connect(tenant_id)
    page = _read(customer)
    assert "Okta is set up here and has sent nothing yet." in page
    assert "Turn provisioning on in Okta" in page


@pytest.mark.capability("customer-portal")
def test_connection_that_works_is_one_sentence(customer: Client, tenant_id: UUID) -> None:
    okta, _ = _connect(tenant_id)
    provider = Provider(tenant_id, "Entra")
    ada = provider.add_user("ada@example.test")
    provider.add_group("Lab", ada)
    log_rhythm(okta, every=timedelta(minutes=40), since=timedelta(minutes=13), batches=20)
    page = _read(customer)
    assert "Okta is connected, and people and groups are in step with it. 1 person and 1 group are here." in page
    assert "Working" in page


def test_what_needs_somebody_stands_first(customer: Client, tenant_id: UUID) -> None:
    silent, _ = _connect(tenant_id)
    log_rhythm(silent, every=timedelta(minutes=40), since=timedelta(hours=4), batches=20)
    refused, issued = _connect(tenant_id, "Okta test")
    log_requests(refused, 200, at=datetime.now(UTC) - timedelta(hours=1))
    log_strangers(issued.token.prefix, count=3)
    page = _read(customer)
    assert page.index("Somebody replaced or ended its access") < page.index("for longer than it usually does")


def test_what_could_not_be_done_is_told_once_with_its_count(customer: Client, tenant_id: UUID) -> None:
    okta, _ = _connect(tenant_id)
    log_requests(okta, *[409] * 7, scim_type="uniqueness")
    log_requests(okta, 418, 419)
    log_requests(okta, *[201] * 13)
    page = " ".join(_read(customer).split())
    assert "Somebody with the same name is here already" in page
    assert "(7 times, last 0" in page
    assert "(2 times, last 0" in page


def test_words_for_customers_hold_none_of_an_operator() -> None:
    told = [
        *LABELS.values(),
        *SENTENCES.values(),
        *STEPS.values(),
        *(text for pair in INCIDENTS.values() for text in pair),
    ]
    assert [text for text in told if JARGON.search(text)] == []
    assert SENTENCES.keys() == LABELS.keys()


def test_people_are_found_page_by_page(customer: Client, tenant_id: UUID) -> None:
    provider = Provider(tenant_id)
    provider.add_user("ada@example.test", displayName="Ada Lovelace", emails=[{"value": "ada@work.test"}])
    provider.add_user("bob@example.test", active=False)
    for number in range(49):
        provider.add_user(f"person{number:02}@example.test")
    page = _read(customer, "/portal/people")
    assert "Ada Lovelace" in page
    assert page.count("<tr>") == 51
    [next_page] = re.findall(r'href="(\?[^"]+)" rel="next"', page)
    assert "person48@example.test" in _read(customer, "/portal/people" + next_page.replace("&amp;", "&"))
    found = _read(customer, "/portal/people?text=WORK.test")
    assert "Ada Lovelace" in found
    assert "bob@" not in found
    assert "bob@" in _read(customer, "/portal/people?state=inactive")
    missing = _read(customer, "/portal/people?text=eve")
    assert "Whoever is missing may not be assigned to the application" in missing


def test_groups_are_listed_with_the_number_of_their_members(customer: Client, tenant_id: UUID) -> None:
    provider = Provider(tenant_id)
    provider.add_group("Lab", provider.add_user("ada@example.test"), provider.add_user("bob@example.test"))
    provider.add_group("Office")
    page = " ".join(_read(customer, "/portal/groups").split())
    assert re.search(r"Lab</th> <td[^>]*>2</td>", page)
    assert re.search(r"Office</th> <td[^>]*>0</td>", page)


@pytest.mark.parametrize("path", ["/portal/people", "/portal/groups"])
@pytest.mark.parametrize(
    ("query", "status"),
    [("cursor=nonsense", 302), ("state=%00", 422), (f"text={'x' * 201}", 422), ("text=%00", 422), ("cursor=%F0", 302)],
)
def test_nonsense_in_an_address_is_refused_and_nothing_breaks(
    customer: Client, path: str, query: str, status: int
) -> None:
    assert customer.get(f"{path}?{query}").status_code == status


def test_other_organizations_people_are_not_shown(customer: Client, make_tenant: Callable[[], UUID]) -> None:
    other = Provider(make_tenant())
    other.add_group("Their lab", other.add_user("eve@example.test"))
    assert "eve@" not in _read(customer, "/portal/people")
    assert "Their lab" not in _read(customer, "/portal/groups")


@pytest.mark.parametrize("path", ["/portal/", "/portal/people", "/portal/groups"])
def test_stranger_is_sent_to_sign_in(client: Client, path: str, tenant_id: UUID) -> None:
    answer: Any = client.get(path)
    assert answer.headers["Location"].startswith("/portal/sign-in")
