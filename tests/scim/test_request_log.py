"""The request log: every request below /scim/v2, whatever became of it, in the log of its tenant."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import ProgrammingError
from django.test import Client

from audit.actors import system_origin
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, cross_tenant, tenant_context, tenant_scope
from scim.services.request_log import flush_requests, note_request
from tenants.models import Tenant
from tenants.services.authentication import forget_grants
from tenants.services.credentials import make_credential
from tenants.services.tenants import suspend_tenant
from tenants.services.tokens import issue_token, revoke_token
from tests.scim.conftest import USER, Provider
from tests.scim.recorded import entry, rows_of, warnings_of


@pytest.fixture(autouse=True)
def recorded(database: None) -> Iterator[None]:
    """Nothing waits to be written when a test begins."""
    flush_requests(at_once=True)
    yield
    flush_requests(at_once=True)


def _newest(tenant_id: UUID) -> dict[str, Any]:
    return rows_of(tenant_id)[-1]


@pytest.mark.capability("request-log")
def test_row_tells_who_asked_what_and_what_became_of_it(provider: Provider) -> None:
    before = datetime.now(UTC)
    created = provider.create("ada@example.com")
    row = _newest(provider.tenant_id)
    assert before <= datetime.fromisoformat(row["at"]) <= datetime.now(UTC)
    assert 0 < row["duration_us"] < 60_000_000
    told = {name: row[name] for name in ("method", "path", "query", "status", "scim_type", "outcome", "detail")}
    assert told == {
        "method": "POST",
        "path": "/scim/v2/Users",
        "query": "",
        "status": 201,
        "scim_type": "",
        "outcome": "done",
        "detail": "",
    }
    assert (row["scim_client_id"], row["token_prefix"]) == (
        str(provider.scim_client.id),
        provider.issued.token.prefix,
    )
    assert (row["resource_type"], row["resource_id"], row["subject"]) == ("User", created["id"], "ada@example.com")


def test_row_holds_both_bodies(provider: Provider) -> None:
    created = provider.create("ada@example.com")
    row = _newest(provider.tenant_id)
    assert json.loads(row["request_body"]) == {"schemas": [USER], "userName": "ada@example.com"}
    assert json.loads(row["response_body"]) == created


def test_row_names_the_request_as_the_answer_did(provider: Provider) -> None:
    answer = provider.send("GET", "/Users", **{"User-Agent": "Okta SCIM Client 1.0.0"})
    row = _newest(provider.tenant_id)
    assert row["request_id"] == answer.headers["X-Request-Id"]
    assert (row["address"], row["user_agent"]) == ("127.0.0.1", "Okta SCIM Client 1.0.0")


def test_query_is_kept_readable(provider: Provider) -> None:
    provider.send("GET", "/Users?filter=userName%20eq+%22ada%40example.com%22&count=5&startIndex")
    assert _newest(provider.tenant_id)["query"] == 'filter=userName eq "ada@example.com"&count=5&startIndex='


def test_refusal_is_logged_with_its_keyword_and_detail(provider: Provider) -> None:
    provider.create("ada@example.com")
    answer = provider.send("POST", "/Users", {"schemas": [USER], "userName": "ada@example.com"})
    row = _newest(provider.tenant_id)
    assert (row["status"], row["outcome"], row["scim_type"]) == (409, "refused", "uniqueness")
    assert row["detail"] == json.loads(answer.content)["detail"]


def test_answer_without_body_and_address_without_resource_are_logged(provider: Provider) -> None:
    created = provider.create("ada@example.com")
    provider.send("DELETE", f"/Users/{created['id']}")
    provider.send("GET", "/Nothing")
    *_, deleted, nothing = rows_of(provider.tenant_id)
    assert (deleted["status"], deleted["response_body"], deleted["resource_id"]) == (204, "", created["id"])
    assert (nothing["status"], nothing["resource_type"], nothing["path"]) == (404, "", "/scim/v2/Nothing")


def test_malformed_body_is_not_kept(provider: Provider) -> None:
    provider.send("POST", "/Users", b'{"password": "canary-in-broken-json"')
    row = _newest(provider.tenant_id)
    assert (row["status"], row["request_body"]) == (400, "[36 bytes]")


def test_long_body_is_cut_and_very_long_ones_are_told_by_their_size(provider: Provider) -> None:
    for size in (20_000, 70_000):
        provider.send("POST", "/Users", {"schemas": [USER], "userName": "a", "x": "y" * size})
    cut, left_out = rows_of(provider.tenant_id)
    assert 16_384 <= len(cut["request_body"]) < 16_500
    assert left_out["request_body"].endswith("bytes]")
    assert left_out["request_body"].startswith("[70")


def test_warnings_are_on_the_row_and_counted_for_the_client(provider: Provider) -> None:
    for name in ("ada", "bob"):
        provider.create(name, active="True", title=None)
    provider.create("cy")
    assert [row["warnings"] for row in rows_of(provider.tenant_id)] == [["W_BOOL_STRING"], ["W_BOOL_STRING"], []]
    assert warnings_of(provider.tenant_id, provider.scim_client.id) == {"W_BOOL_STRING": 2}


def test_warning_of_a_client_that_is_gone_costs_no_row(tenant: UUID) -> None:
    gone = UUID(int=7)
    note_request(entry=entry(tenant, scim_client_id=gone, warnings=("W_NO_SCHEMAS", "W_UNQUOTED")))
    assert _newest(tenant)["warnings"] == ["W_NO_SCHEMAS", "W_UNQUOTED"]
    assert warnings_of(tenant, gone) == {}


def test_tenants_see_their_own_requests_alone(make_provider: Callable[[], Provider]) -> None:
    one, other = make_provider(), make_provider()
    for provider in (one, other, one):
        provider.send("GET", "/Users")
    assert (len(rows_of(one.tenant_id)), len(rows_of(other.tenant_id))) == (2, 1)


Refuse = Callable[[Provider], Provider]


def _suspend(provider: Provider) -> Provider:
    slug, origin = Tenant.objects.get(id=provider.tenant_id).slug, system_origin("test")
    with cross_tenant(reason="suspend for a test", actor=origin):
        suspend_tenant(slug=slug, reason="test", origin=origin)
    return provider


def _revoke(provider: Provider) -> Provider:
    with tenant_context(provider.tenant_id):
        revoke_token(prefix=provider.issued.token.prefix, origin=system_origin("test"))
    return provider


def _expire(provider: Provider) -> Provider:
    origin = system_origin("test")
    object.__setattr__(origin, "at", datetime.now(UTC) - timedelta(days=2))
    with tenant_context(provider.tenant_id):
        issued = issue_token(
            scim_client=provider.scim_client, scopes=["scim:read"], origin=origin, lifetime=timedelta(days=1)
        )
    return Provider(provider.tenant_id, provider.scim_client, issued)


GENUINE: dict[str, tuple[Refuse, int]] = {
    "revoked": (_revoke, 401),
    "expired": (_expire, 401),
    "foreign network": (lambda provider: provider.holds(networks=["192.0.2.0/24"]), 401),
    "The tenant of this token is suspended.": (_suspend, 403),
    "The token lacks the scope scim:write.": (lambda provider: provider.holds(scopes=["scim:read"]), 403),
}


@pytest.mark.parametrize("reason", GENUINE)
def test_refused_genuine_token_is_logged_in_its_tenant(provider: Provider, reason: str) -> None:
    make, status = GENUINE[reason]
    refused = make(provider)
    forget_grants()
    assert refused.send("POST", "/Users", {"userName": "ada"}).status_code == status
    row = _newest(provider.tenant_id)
    assert (row["status"], row["outcome"], row["request_body"]) == (status, "denied", "")
    assert (row["token_prefix"], row["scim_client_id"]) == (
        refused.issued.token.prefix,
        str(provider.scim_client.id),
    )


UNKNOWN = make_credential(environment="live").text
STRANGE = {
    "unknown": (f"Bearer {UNKNOWN}", UNKNOWN[:19]),
    "wrong checksum": (f"Bearer {UNKNOWN[:-1]}{'A' if UNKNOWN[-1] != 'A' else 'B'}", UNKNOWN[:19]),
    "malformed": ("Bearer a-canary-of-a-stranger-who-is-unknown", ""),
    "another scheme": ("Basic Y2FuYXJ5OnNlY3JldA==", ""),
    "missing": ("", ""),
}


@pytest.mark.parametrize("name", STRANGE)
def test_stranger_is_logged_in_the_deployment_by_public_prefix_alone(database: None, name: str) -> None:
    header, prefix = STRANGE[name]
    agent = f"agent of {name} {time.monotonic()}"
    headers = {"User-Agent": agent, **({"Authorization": header} if header else {})}
    assert Client().get("/scim/v2/Users", headers=headers).status_code == 401
    (row,) = [row for row in rows_of(DEPLOYMENT_TENANT_ID) if row["user_agent"] == agent]
    assert (row["token_prefix"], row["scim_client_id"], row["outcome"]) == (prefix, None, "denied")
    assert all(part[19:] not in json.dumps(row) for part in header.split() if len(part) > 19)


@pytest.mark.parametrize("verb", ["UPDATE scim_request_log SET detail = 'x'", "DELETE FROM scim_request_log"])
def test_app_role_may_not_change_what_was_logged(tenant: UUID, verb: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), tenant_scope() as scope:
        scope.execute(verb, None)


def test_row_lies_in_the_partition_of_its_week(tenant: UUID) -> None:
    now = datetime.now(UTC)
    note_request(entry=entry(tenant, at=now))
    note_request(entry=entry(tenant, at=datetime(2019, 1, 2, tzinfo=UTC)))
    flush_requests()
    with tenant_scope() as scope:
        statement = "SELECT tableoid::regclass::text FROM scim_request_log WHERE tenant_id = %s ORDER BY at"
        found = [name for (name,) in scope.execute(statement, [tenant]).fetchall()]
    monday = now - timedelta(days=now.weekday())
    assert found == ["scim_request_log_default", f"scim_request_log_{monday:%Y_%m_%d}"]


def test_newest_rows_of_a_tenant_are_found_by_index(tenant: UUID) -> None:
    statement = "EXPLAIN SELECT id FROM scim_request_log WHERE tenant_id = %s ORDER BY at DESC, id DESC LIMIT 50"
    with tenant_scope() as scope:
        for costly in ("seqscan", "bitmapscan", "sort"):
            scope.execute(f"SET LOCAL enable_{costly} = off", None)
        plan = "\n".join(line for (line,) in scope.execute(statement, [tenant]).fetchall())
    assert "Index Cond: (tenant_id = " in plan
    assert "Sort" not in plan.replace("Sort Key", "")


def test_failing_log_fails_no_request(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_values: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("scim.api.recording.note_request", fail)
    assert provider.send("GET", "/Users").status_code == 200
