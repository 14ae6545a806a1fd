"""RFC 9865: pages by cursor."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from tenants.models import ScimClient
from tenants.services.authentication import forget_grants
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token, revoke_token
from tests.scim.answers import read, refusal
from tests.scim.conftest import Provider


@pytest.fixture(name="staffed")
def _staffed(provider: Provider) -> Provider:
    """A provider with five people."""
    for number in range(5):
        provider.create(f"user{number}")
    return provider


def _page(provider: Provider, cursor: str = "", **asked: Any) -> Any:
    query = "&".join(f"{name}={value}" for name, value in {"count": 2, **asked}.items())
    return read(provider, f"/Users?{query}&cursor={cursor}")


def _refused(provider: Provider, query: str) -> str:
    """The keyword of a refusal that tells nothing of the data."""
    answer = provider.send("GET", f"/Users?{query}")
    keyword: str = json.loads(answer.content)["scimType"]
    assert "user" not in refusal(answer, 400, keyword).lower()
    return keyword


@pytest.mark.rfc("9865#2-1", "9865#2-4", "9865#2-5", "9865#2.1-2")
def test_walk_begins_with_an_empty_cursor_and_ends_without_a_next_one(staffed: Provider) -> None:
    first = _page(staffed)
    second = _page(staffed, first["nextCursor"])
    third = _page(staffed, second["nextCursor"])
    assert "previousCursor" not in first
    assert "previousCursor" in second
    assert "nextCursor" not in third
    names = [one["userName"] for page in (first, second, third) for one in page["Resources"]]
    assert names == [f"user{number}" for number in range(5)]


@pytest.mark.rfc("9865#2-6")
def test_cursor_goes_with_its_own_query_alone(staffed: Provider) -> None:
    cursor = _page(staffed)["nextCursor"]
    assert _refused(staffed, f"count=2&sortBy=userName&cursor={cursor}") == "invalidCursor"
    assert _refused(staffed, f"count=2&filter=userName%20pr&cursor={cursor}") == "invalidCursor"


@pytest.mark.rfc("9865#2.1-1", "9865#5.2-4")
def test_page_that_cannot_be_asked_for_is_refused_with_its_keyword(staffed: Provider) -> None:
    cursor = _page(staffed)["nextCursor"]
    assert _refused(staffed, "count=2&cursor=nonsense") == "invalidCursor"
    assert _refused(staffed, f"count=2&cursor={cursor[:-2]}") == "invalidCursor"
    assert _refused(staffed, f"count=3&cursor={cursor}") == "invalidCount"


@pytest.mark.rfc("9865#2.4-1", "9865#4-1", "9865#4-2", "9865#4-3")
def test_configuration_tells_how_lists_are_paged(staffed: Provider) -> None:
    told = read(staffed, "/ServiceProviderConfig")["pagination"]
    assert (told["cursor"], told["index"], told["defaultPaginationMethod"]) == (True, True, "index")
    page = read(staffed, "/Users?count=2")
    assert (page["startIndex"], "nextCursor" in page) == (1, False)


@pytest.mark.rfc("9865#5.2-1")
def test_cursor_opens_nothing_to_another_client_or_tenant(
    staffed: Provider, make_provider: Callable[[], Provider]
) -> None:
    cursor = _page(staffed)["nextCursor"]
    with tenant_context(staffed.tenant_id):
        origin = system_origin("test")
        client = create_scim_client(name="Entra", kind=ScimClient.Kind.ENTRA, origin=origin)
        neighbor = Provider(staffed.tenant_id, client, issue_token(scim_client=client, origin=origin, scopes=SCOPES))
    for other in (neighbor, make_provider()):
        assert _refused(other, f"count=2&cursor={cursor}") == "invalidCursor"


@pytest.mark.rfc("9865#5.2-2", "9865#5.2-3")
def test_whether_the_caller_may_is_asked_for_every_page(staffed: Provider) -> None:
    cursor = _page(staffed)["nextCursor"]
    writer = staffed.holds(scopes=["scim:write"])
    refusal(writer.send("GET", f"/Users?count=2&cursor={cursor}"), 403)
    with tenant_context(staffed.tenant_id):
        revoke_token(prefix=staffed.issued.token.prefix, origin=system_origin("test"))
    forget_grants()
    refusal(staffed.send("GET", f"/Users?count=2&cursor={cursor}"), 401)
