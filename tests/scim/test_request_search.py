"""Searching the request log by qualifiers: each finds what it says, a mistake is told, and an index is read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from scim.queries.requests import QuerySyntaxError, RequestFilter, list_requests, parse_request_query
from scim.services.request_entries import RequestEntry
from scim.store.request_reading import MOST_SEEN
from tenants.models import ScimClient
from tenants.services.scim_clients import create_scim_client
from tests.portal.provisioning import Provider
from tests.scim.logged import log_entries

NOW = datetime.now(UTC)
ADA, STAFF = (f"01900000-0000-7000-8000-00000000000{number}" for number in (1, 2))


def _entry(tenant: UUID, seconds: float, request_id: str = "", **values: Any) -> RequestEntry:
    given = {"method": "GET", "path": "/scim/v2/Users", "status": 200, "duration_us": 1000, "resource_type": "User"}
    made = {"at": NOW - timedelta(seconds=seconds), "tenant_id": tenant, "request_id": request_id or str(uuid4())}
    return RequestEntry(**{**made, **given, **values})


def _find(text: str) -> list[str]:
    return [row.request_id for row in list_requests(wanted=RequestFilter(query=parse_request_query(text))).rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "made taken group off other"),
        ("method:post", "made taken group"),
        ("-method:post", "off other"),
        ("status:409", "taken"),
        ("status:2xx method:POST", "made group"),
        ("-status:200", "made taken group off"),
        ("outcome:refused", "taken off"),
        ("-outcome:done", "taken off"),
        ("scimtype:Uniqueness", "taken"),
        ("-scimType:uniqueness outcome:refused", "off"),
        ("warning:any", "off"),
        ("warning:W_BOOL_STRING", "off"),
        (f"user:{ADA}", "made off"),
        ("user:ada@example.test", "made taken"),
        (f"user:{ADA} user:ada@example.test", "made taken off"),
        (f"-user:{ADA} -user:ada@example.test", "group other"),
        ("group:Staff", "group"),
        (f"group:{STAFF}", "group"),
        (f"group:{ADA}", ""),
        ("client:okta", "made"),
        ("client:OKT*", "made"),
        ("client:none", ""),
        ("-client:okta", "taken group off other"),
        ("token:lnj_ls_abc", "made"),
        ("token:lnj_ls_*", "made taken"),
        ("address:192.0.2.7", "taken"),
        ("address:192.0.2.*", "taken group"),
        ("request:off", "off"),
        ("-request:off", "made taken group other"),
        ('"50%"', "other"),
        ("50_", ""),
        ("title 50", "other"),
        ("-title outcome:done", "made group"),
    ],
)
def test_qualifier_finds_what_it_says(tenant: UUID, text: str, expected: str) -> None:
    okta = create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=system_origin("test"))
    named: dict[str, Any] = {"method": "POST", "subject": "ada@example.test"}
    log_entries(
        [
            _entry(tenant, 1, "made", status=201, resource_id=ADA, scim_client_id=okta.id, token_prefix="lnj_ls_abc",
                   **named),
            _entry(tenant, 2, "taken", status=409, scim_type="uniqueness", address="192.0.2.7",
                   token_prefix="lnj_ls_xyz", **named),
            _entry(tenant, 3, "group", method="POST", status=201, resource_type="Group", resource_id=STAFF,
                   subject="Staff", address="192.0.2.8"),
            _entry(tenant, 4, "off", method="PATCH", status=400, resource_id=ADA, warnings=("W_BOOL_STRING",)),
            _entry(tenant, 5, "other", query="filter=title eq 50%"),
        ],
        tenant,
    )  # fmt: skip
    assert _find(text) == expected.split()


def test_time_bounds_the_search(tenant: UUID) -> None:
    log_entries([_entry(tenant, seconds, str(seconds)) for seconds in (10, 100, 1000)], tenant)
    since, until = (f"{NOW - timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}Z" for seconds in (500, 50))
    assert _find(f"from:{since}") == ["10", "100"]
    assert _find(f"to:{until}") == ["100", "1000"]
    assert _find(f"from:{since} to:{until}") == ["100"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("metod:GET", "did you mean method?"),
        ("scimtyp:x", "did you mean scimType?"),
        ("scimType:uniqeness", "did you mean uniqueness?"),
        ("method:PATH", "did you mean PATCH?"),
        ("status:6xx", "no status"),
        ("status:x", "no status"),
        ("outcome:good", "there are done, refused"),
        ("warning:W_BOOL_STRNG", "did you mean W_BOOL_STRING?"),
        ("user:", "wants a value"),
        ("x:y", "there are method"),
    ],
)
def test_mistake_is_told(text: str, said: str) -> None:
    with pytest.raises(QuerySyntaxError, match=said.replace("?", r"\?")):
        parse_request_query(text)


def test_everything_about_a_user_is_found_by_name(make_tenant: Callable[[], UUID]) -> None:
    provider = Provider(make_tenant())
    user_id = provider.add_user("Ada@example.test")
    provider.add_user("bob@example.test")
    provider.replace(user_id, "title", "Countess")
    provider.send("get", f"/Users/{user_id}")
    provider.send("delete", f"/Users/{user_id}")
    provider.flush()
    with tenant_context(provider.tenant_id):
        assert len(_find("user:ADA@example.test")) == 4


def test_what_is_rare_is_found_further_back(tenant: UUID) -> None:
    crowd = [_entry(tenant, 1 + number / 1000) for number in range(MOST_SEEN + 2)]
    log_entries([*crowd, _entry(tenant, 60, "rare", method="PUT"), _entry(tenant, 70, "taken", status=409)], tenant)
    wanted = RequestFilter(query=parse_request_query("method:PUT"))
    page = list_requests(wanted=wanted)
    assert page.rows == []
    further = list_requests(wanted=wanted, position=page.position)
    assert [row.request_id for row in further.rows] == ["rare"]
    assert further.position is None
    assert _find("status:409") == ["taken"]  # errors have an index
