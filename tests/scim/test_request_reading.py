"""Reading the request log: pages without gaps or doubles, every condition, other tenants' rows out of sight."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import uuid_utils.compat

from audit.actors import system_origin
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_context
from scim.queries.requests import (
    BESIDE,
    PAGE_SIZE,
    RequestFilter,
    check_first_run,
    find_request,
    list_related,
    list_requests,
)
from scim.services.request_entries import RequestEntry
from scim.services.request_log import write_requests
from tenants.models import ScimClient
from tenants.services.scim_clients import create_scim_client

NOW = datetime.now(UTC)


def _entry(tenant: UUID, seconds: float, **values: Any) -> RequestEntry:
    given = {"method": "GET", "path": "/scim/v2/Users", "status": 200, "duration_us": 1000, "request_id": str(uuid4())}
    return RequestEntry(at=NOW - timedelta(seconds=seconds), tenant_id=tenant, **{**given, **values})


def _write(*entries: RequestEntry) -> None:
    for tenant_id in {entry.tenant_id for entry in entries}:
        with tenant_context(tenant_id):
            write_requests(entries=[entry for entry in entries if entry.tenant_id == tenant_id])


@pytest.fixture
def client_id(tenant: UUID) -> UUID:
    made = create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=system_origin("test"))
    return UUID(str(made.id))


def test_pages_are_newest_first_without_gap_or_double(tenant: UUID) -> None:
    written = [_entry(tenant, number // 3) for number in range(2 * PAGE_SIZE + 7)]  # three of each moment
    _write(*written)
    seen: list[Any] = []
    position = None
    for _ in range(3):
        page = list_requests(wanted=RequestFilter(), position=position)
        seen += page.rows
        position = page.position
    assert position is None
    assert [row.id for row in seen] == sorted(
        (e.id for e in written), key=lambda i: next((-e.at.timestamp(), -e.id.int) for e in written if e.id == i)
    )


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"method": "POST"}, ["post"]),
        ({"outcome": "refused"}, ["refused"]),
        ({"status": 409}, ["refused"]),
        ({"text": "ADA"}, ["post"]),
        ({"text": "50%"}, ["percent"]),
        ({"text": "5_"}, []),
        ({"warned": True}, ["warned"]),
        ({}, ["post", "refused", "percent", "warned"]),
    ],
    ids=lambda given: "-".join(map(str, given)) if isinstance(given, dict) else "",
)
def test_condition_finds_what_it_says(tenant: UUID, wanted: dict[str, Any], expected: list[str]) -> None:
    _write(
        _entry(tenant, 1, request_id="post", method="POST", subject="ada@example.test"),
        _entry(tenant, 2, request_id="refused", status=409),
        _entry(tenant, 3, request_id="percent", query="filter=title eq 50%"),
        _entry(tenant, 4, request_id="warned", warnings=("W_BOOL_STRING",)),
    )
    assert [row.request_id for row in list_requests(wanted=RequestFilter(**wanted)).rows] == expected


def test_requests_of_one_client_are_found_among_those_of_others(tenant: UUID, client_id: UUID) -> None:
    _write(_entry(tenant, 1, scim_client_id=client_id, request_id="own"), _entry(tenant, 2))
    found = list_requests(wanted=RequestFilter(scim_client_id=client_id)).rows
    assert [row.request_id for row in found] == ["own"]


def test_request_of_another_tenant_is_not_found(make_tenant: Callable[[], UUID]) -> None:
    ours, theirs = make_tenant(), make_tenant()
    entry = _entry(theirs, 1)
    _write(entry)
    with tenant_context(theirs):
        assert find_request(request_id=entry.id) is not None
    with tenant_context(ours):
        assert find_request(request_id=entry.id) is None
        assert list_requests(wanted=RequestFilter()).rows == []


def test_id_that_is_no_time_is_not_found(tenant: UUID) -> None:
    assert find_request(request_id=uuid4()) is None
    assert find_request(request_id=UUID("01900000-0000-7000-8000-000000000001")) is None
    assert find_request(request_id=UUID("ffffffff-ffff-7fff-bfff-ffffffffffff")) is None


def test_related_are_some_before_and_some_after_about_the_same(tenant: UUID) -> None:
    same = {"resource_id": str(uuid_utils.compat.uuid7()), "resource_type": "User"}
    entries = [_entry(tenant, number, **same) for number in range(BESIDE + 3)]
    _write(*entries, _entry(tenant, 2.5))
    row = find_request(request_id=entries[2].id)
    assert row is not None
    before, after = list_related(row=row)
    assert [other.id for other in after] == [entries[0].id, entries[1].id]
    assert [other.id for other in before] == [entry.id for entry in entries[3 : 3 + BESIDE]]


def test_creation_that_was_refused_is_related_by_name(tenant: UUID) -> None:
    named = {"subject": "ada@example.test", "resource_type": "User"}
    made, taken = _entry(tenant, 9, resource_id="u1", **named), _entry(tenant, 5, status=409, **named)
    _write(made, taken, _entry(tenant, 3, subject="ada@example.test", resource_type="Group"), _entry(tenant, 2))
    row = find_request(request_id=taken.id)
    assert row is not None
    assert [[other.id for other in side] for side in list_related(row=row)] == [[made.id], []]
    first = find_request(request_id=made.id)
    assert first is not None
    assert [[other.id for other in side] for side in list_related(row=first)] == [[], [taken.id]]


def test_first_run_tells_each_step_once_it_was_seen(tenant: UUID, client_id: UUID) -> None:
    def steps() -> list[str]:
        run = check_first_run(scim_client_id=client_id, prefixes=["lnj_ls_abc"], created_at=NOW - timedelta(hours=1))
        return [step.name for step in run.steps if step.at]

    assert steps() == []
    _write(_entry(DEPLOYMENT_TENANT_ID, 60, token_prefix="lnj_ls_abc", status=401))
    assert steps() == ["Reached"]
    own = {"scim_client_id": client_id}
    _write(_entry(tenant, 50, status=403, **own))
    assert steps() == ["Reached", "Token recognized"]
    _write(
        _entry(tenant, 40, path="/scim/v2/Schemas", **own), _entry(tenant, 39, query='filter=userName eq "a"', **own)
    )
    _write(_entry(tenant, 38, method="POST", status=201, resource_type="User", **own))
    assert steps() == ["Reached", "Token recognized", "Allowed", "Looked around", "First look-up", "First user"]


def test_first_run_shows_what_went_wrong_last(tenant: UUID, client_id: UUID) -> None:
    _write(
        _entry(DEPLOYMENT_TENANT_ID, 5, token_prefix="lnj_ls_xyz", status=401, detail="revoked"),
        _entry(DEPLOYMENT_TENANT_ID, 4, token_prefix="lnj_ls_not", status=401, detail="not ours"),
        _entry(tenant, 3, scim_client_id=client_id, status=400, detail="bad filter"),
        _entry(tenant, 2, scim_client_id=client_id),
    )
    run = check_first_run(scim_client_id=client_id, prefixes=["lnj_ls_xyz"], created_at=NOW - timedelta(hours=1))
    assert [row.detail for row in run.problems] == ["bad filter", "revoked"]
