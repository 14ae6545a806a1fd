"""The console's first page: what it says of a beginning, of a day that went well, and of one that did not."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from portal.shared.causes import CAUSES
from scim.protocol.errors import ScimType
from scim.services.request_log import flush_requests
from tenants.models import ScimClient
from tenants.realms import CONSOLE
from tenants.services.scim_clients import create_scim_client
from tenants.services.token_rows import IssuedToken
from tenants.services.tokens import SCOPES, issue_token
from tests.portal.signing_in import make_member, open_session
from tests.scim.logged import log_requests, log_rhythm, log_strangers

pytestmark = pytest.mark.usefixtures("database")
ADDRESS = "/console/"
SYSTEM = system_origin("test")
ADA = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada@example.test"}
Read = Callable[[], str]


@pytest.fixture
def read(client: Client, tenant_id: UUID) -> Read:
    """What an operator sees."""
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id))
    client.get(ADDRESS, follow=True)
    return lambda: " ".join(client.get(ADDRESS).content.decode().split())


def _connect(tenant_id: UUID, name: str = "Okta", *, days: int = 365) -> tuple[ScimClient, IssuedToken]:
    with tenant_context(tenant_id):
        made = create_scim_client(name=name, kind=ScimClient.Kind.OKTA, origin=SYSTEM)
        return made, issue_token(scim_client=made, scopes=SCOPES, origin=SYSTEM, lifetime=timedelta(days=days))


def test_beginning_is_led_by_a_checklist_that_goes_away_when_done(read: Read, tenant_id: UUID) -> None:
    assert "To begin with" in (empty := read())
    assert empty.count("not yet") == 4
    assert "Connect the first one" in empty
    assert "Needs attention" not in empty
    _, issued = _connect(tenant_id)
    assert read().count("not yet") == 2
    assert "Its token was never used." in read()
    headers = {"authorization": f"Bearer {issued.text}"}
    Client().get("/scim/v2/Users", headers=headers)
    flush_requests()
    assert read().count("not yet") == 1
    Client().post("/scim/v2/Users", ADA, content_type="application/scim+json", headers=headers)
    assert "To begin with" not in read()


@pytest.mark.capability("console")
def test_day_that_goes_well_needs_no_attention(read: Read, tenant_id: UUID) -> None:
    okta, _ = _connect(tenant_id)
    log_rhythm(okta, every=timedelta(minutes=40), since=timedelta(minutes=13), batches=20)
    page = read()
    assert "Okta sends about every 40 min; last batch 12 min ago, next expected in about 27 min." in page
    assert "Healthy" in page
    assert "every SCIM client sends as it should" in page
    assert "everything that was sent in 24 hours was done" in page
    assert "Requests of Okta over 24 hours: " in page


def test_errors_are_grouped_by_cause_and_lead_to_their_requests(read: Read, tenant_id: UUID, client: Client) -> None:
    okta, _ = _connect(tenant_id)
    log_requests(okta, *[409] * 7, scim_type="uniqueness")
    log_requests(okta, *[201] * 13)
    log_requests(okta, 429)
    page = read()
    assert "The name is taken already" in page
    assert "7 of 21 requests in the last hour were refused or failed (33.3 %)." in page
    assert "Okta is degraded" in page
    [address] = re.findall(rf'href="(/console/requests\?client={okta.id}&amp;status=409)"', page)
    assert client.get(address.replace("&amp;", "&")).content.decode().count("409 refused") == 7
    assert page.index("The name is taken already") < page.index("Too many requests in too short a time")


def test_refused_silent_unused_clients_and_ending_tokens_need_attention(read: Read, tenant_id: UUID) -> None:
    silent, _ = _connect(tenant_id, "Entra")
    log_rhythm(silent, every=timedelta(minutes=40), since=timedelta(hours=4), batches=20)
    refused, issued = _connect(tenant_id, "Google")
    log_requests(refused, 200, at=datetime.now(UTC) - timedelta(hours=1))
    log_strangers(issued.token.prefix, count=3)
    _connect(tenant_id, "Ping", days=20)
    page = read()
    assert "Entra is silent" in page
    assert "3 requests with one of its tokens were refused: The token was revoked." in page
    assert "A token of Ping ends soon" in page
    assert "in 19 days" in page
    assert page.index("Google is degraded") < page.index("Entra is silent")  # the worst first


def test_part_that_is_asked_for_again_is_answered_only_when_it_differs(
    read: Read, tenant_id: UUID, client: Client
) -> None:
    okta, _ = _connect(tenant_id)
    [again] = re.findall(r'hx-get="([^"]+)"', read())
    headers = {"HX-Request": "true"}
    assert client.get(again, headers=headers).status_code == 204
    log_requests(okta, 201)
    answer = client.get(again, headers=headers)
    assert answer.status_code == 200
    assert answer.content.decode().lstrip().startswith("<div")
    assert "<html" not in answer.content.decode()


def test_every_keyword_of_an_error_is_told_in_words() -> None:
    unusual = {"invalidVers", "sensitive", "invalidCursor", "expiredCursor", "invalidCount"}  # no provider sends them
    assert {str(each) for each in ScimType} - set(CAUSES) == unusual
