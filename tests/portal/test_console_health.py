"""Health pages: the numbers of each range, what was changed meanwhile, one SCIM client apart from the others."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from portal.console.views.health import OF_CLIENTS
from scim.queries.traffic import RANGES
from tenants.models import ScimClient
from tenants.realms import CONSOLE
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token, rotate_token
from tests.portal.signing_in import make_member, open_session
from tests.scim.logged import log_requests

pytestmark = pytest.mark.usefixtures("database")
SYSTEM = system_origin("test")
HOURS = (timedelta(minutes=10), timedelta(hours=12), timedelta(days=5), timedelta(days=20))
Read = Callable[[str], str]


@pytest.fixture
def read(client: Client, tenant_id: UUID) -> Read:
    """What an operator sees at an address below the console."""
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id))
    client.get("/console/", follow=True)
    return lambda address: html.unescape(" ".join(client.get(f"/console/{address}").content.decode().split()))


def _connect(tenant_id: UUID, name: str) -> ScimClient:
    with tenant_context(tenant_id):
        return create_scim_client(name=name, kind=ScimClient.Kind.OKTA, origin=SYSTEM)


@pytest.mark.parametrize(("key", "seen"), [("1h", 1), ("24h", 2), ("7d", 3), ("30d", 4)])
def test_range_stands_in_the_address_and_counts_what_lies_in_it(
    read: Read, tenant_id: UUID, key: str, seen: int
) -> None:
    okta = _connect(tenant_id, "Okta")
    for ago in HOURS:
        log_requests(okta, 200, at=datetime.now(UTC) - ago)
    page = read(f"health?range={key}")
    assert f'{seen}</p> <p class="mt-1 text-sm text-muted">nothing in the time before' in page
    assert f'href="?range={key}" aria-current="page"' in page
    bins = RANGES[key].span // RANGES[key].step
    assert page.count('<th scope="row">') == 4 * bins  # each chart as a table


def test_numbers_are_told_in_stats_charts_and_tables(read: Read, tenant_id: UUID) -> None:
    okta = _connect(tenant_id, "Okta")
    log_requests(okta, *[200] * 15, ms=40)
    log_requests(okta, 409, 409, scim_type="uniqueness")
    log_requests(okta, 429, 500, 403)
    page = read("health?range=1h")
    assert "20.0 %" in page
    assert "4 of 20" in page
    assert "done: 15 at the end, 15 at most" in page
    assert "turned away: 1 at the end" in page
    assert "within seconds" in page or "late" in page
    assert "The name is taken already" in page


def test_one_client_is_told_apart_from_the_others(read: Read, tenant_id: UUID) -> None:
    okta, entra = _connect(tenant_id, "Okta"), _connect(tenant_id, "Entra")
    log_requests(okta, *[200] * 3)
    log_requests(entra, *[500] * 4)
    page = read(f"clients/{okta.id}/health")
    assert "Receiving." in page
    assert "0 of 3" in page
    assert "4 of 7" in read("health")


def test_what_was_changed_stands_on_the_charts_of_whom_it_concerns(read: Read, tenant_id: UUID) -> None:
    okta, entra = _connect(tenant_id, "Okta"), _connect(tenant_id, "Entra")
    with tenant_context(tenant_id):
        token = issue_token(scim_client=okta, scopes=SCOPES, origin=SYSTEM).token
        rotate_token(prefix=token.prefix, origin=SYSTEM)
    told = f"rotated the token {token.prefix}"
    page = read(f"clients/{okta.id}/health?range=1h")
    assert page.count(told) == 5  # on four charts, and in the list below them
    assert 'class="note"' in page
    assert told not in read(f"clients/{entra.id}/health?range=1h")
    assert told in read("health")
    assert all("tenants.t" in action or "client" in action for action in OF_CLIENTS)


def test_row_of_a_table_leads_to_the_requests_of_its_time(read: Read, tenant_id: UUID, client: Client) -> None:
    okta = _connect(tenant_id, "Okta")
    log_requests(okta, 200, at=datetime.now(UTC) - timedelta(hours=5))
    log_requests(okta, 409)
    addresses = re.findall(r'href="(/console/requests\?client=[^"]+from=[^"]+)"', read(f"clients/{okta.id}/health"))
    assert "409 refused" in client.get(addresses[47]).content.decode()  # the newest half-hour of the first chart
    earlier = client.get(addresses[40]).content.decode()
    assert "409 refused" not in earlier
    assert "200 done" in earlier


def test_client_that_is_not_there_or_of_another_tenant_is_not_found(
    read: Read, client: Client, make_tenant: Callable[[], UUID]
) -> None:
    other = _connect(make_tenant(), "Okta")
    for client_id in (other.id, uuid4()):
        assert client.get(f"/console/clients/{client_id}/health").status_code == 404


def test_unknown_range_is_a_day_and_nothing_yet_is_said(read: Read) -> None:
    page = read("health?range=nonsense")
    assert 'href="?range=24h" aria-current="page"' in page
    assert "Connect the first one" in page
    assert "nothing was measured" in page
