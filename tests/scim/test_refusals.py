"""What SCIM refuses, always as a SCIM error: who is not let in, and what cannot be (RFC 7644 sections 2 and 3.12)."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from audit.actors import system_origin
from labsninja.kernel.isolation import cross_tenant, tenant_context
from scim.api.parsers import LARGEST_BODY
from tenants.queries import list_tokens
from tenants.services.authentication import authenticate_token, forget_grants
from tenants.services.credentials import make_credential
from tenants.services.tenants import suspend_tenant
from tenants.services.tokens import revoke_token
from tests.scim.conftest import MEDIA_TYPE, USER, Provider

ADA = {"schemas": [USER], "userName": "ada@example.com"}
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"

UNKNOWN = "185baa55-489c-40c5-aaf2-6165d8145ad2"


def _error(answer: HttpResponse, status: int) -> dict[str, Any]:
    """The body of a SCIM error with that status."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    body: dict[str, Any] = json.loads(answer.content)
    assert (body["schemas"], body["status"]) == ([ERROR], str(status))
    assert body["detail"]
    return body


def _suspend(provider: Provider) -> None:
    slug = authenticate_token(text=provider.issued.text, address="127.0.0.1", now=datetime.now(UTC)).tenant_slug
    origin = system_origin("test")
    with cross_tenant(reason="suspend for a test", actor=origin):
        suspend_tenant(slug=slug, reason="unpaid", origin=origin)
    forget_grants()


def _basic(provider: Provider) -> str:
    return f"Basic {base64.b64encode(f'okta:{provider.issued.text}'.encode()).decode()}"


def _revoked(provider: Provider) -> str:
    with tenant_context(provider.tenant_id):
        revoke_token(prefix=provider.issued.token.prefix, origin=system_origin("test"))
    return f"Bearer {provider.issued.text}"


def _expired(provider: Provider) -> str:
    ended = provider.holds(lifetime=timedelta(microseconds=1))
    return f"Bearer {ended.issued.text}"


UNAUTHENTICATED: dict[str, tuple[Callable[[Provider], str], str]] = {
    "missing": (lambda _: "", ""),
    "blank": (lambda _: "  ", ""),
    "basic": (_basic, "invalid_request"),
    "bare and mistyped": (lambda provider: provider.issued.text[:-1], "invalid_request"),
    "empty": (lambda _: "Bearer", "invalid_token"),
    "malformed": (lambda _: "Bearer lnj_ls_0", "invalid_token"),
    "mistyped": (lambda provider: f"Bearer {provider.issued.text[:-1]}", "invalid_token"),
    "two tokens": (lambda provider: f"Bearer {provider.issued.text} {provider.issued.text}", "invalid_token"),
    "not ascii": (lambda _: "Bearer l\u00e9", "invalid_token"),
    "unknown": (lambda _: f"Bearer {make_credential(environment='live').text}", "invalid_token"),
    "expired": (_expired, "invalid_token"),
    "revoked": (_revoked, "invalid_token"),
    "foreign network": (lambda p: f"Bearer {p.holds(networks=['192.0.2.0/24']).issued.text}", "invalid_token"),
}


@pytest.mark.parametrize("header", UNAUTHENTICATED)
def test_request_without_a_good_token_is_challenged(provider: Provider, header: str) -> None:
    make, error = UNAUTHENTICATED[header]
    answer = provider.send("GET", "/Users", Authorization=make(provider))
    _error(answer, 401)
    wanted = f', error="{error}"' if error else ""
    assert answer.headers["WWW-Authenticate"] == f'Bearer realm="LabsNinja SCIM"{wanted}'


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_scheme_is_read_whatever_its_case(provider: Provider, scheme: str) -> None:
    assert provider.send("GET", "/Users", Authorization=f"{scheme} {provider.issued.text}").status_code == 200


def test_refused_tokens_get_one_and_the_same_body(provider: Provider) -> None:
    bodies = {
        provider.send("GET", "/Users", Authorization=make(provider)).content
        for name, (make, error) in UNAUTHENTICATED.items()
        if error == "invalid_token"
    }
    assert len(bodies) == 1


@pytest.mark.parametrize("path", ["/Users", f"/Users/{UNKNOWN}", "/Nothing", "", "/"])
def test_stranger_learns_nothing_of_what_exists(provider: Provider, path: str) -> None:
    _error(provider.send("GET", path, Authorization=""), 401)


def test_token_in_the_address_opens_nothing(provider: Provider) -> None:
    path = f"/Users?access_token={provider.issued.text}"
    _error(provider.send("GET", path, Authorization=""), 401)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/Users"), ("DELETE", "/Users/{id}"), ("PUT", "/Users/{id}"), ("PATCH", "/Users/{id}")],
)
def test_token_that_may_only_read_changes_nothing(provider: Provider, method: str, path: str) -> None:
    created = provider.create("grace@example.com")
    reader = provider.holds(scopes=["scim:read"])
    answer = reader.send(method, path.format(id=created["id"]), ADA)
    _error(answer, 403)
    challenge = 'Bearer realm="LabsNinja SCIM", error="insufficient_scope", scope="scim:write"'
    assert answer.headers["WWW-Authenticate"] == challenge
    assert json.loads(reader.send("GET", "/Users").content)["Resources"] == [created]


def test_token_that_may_only_write_reads_nothing(provider: Provider) -> None:
    writer = provider.holds(scopes=["scim:write"])
    _error(writer.send("GET", "/Users"), 403)
    assert writer.send("POST", "/Users", ADA).status_code == 201


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_suspended_tenant_is_served_nothing(provider: Provider, method: str) -> None:
    path = f"/Users/{provider.create('grace@example.com')['id']}" if method == "DELETE" else "/Users"
    _suspend(provider)
    answer = provider.send(method, path, ADA if method == "POST" else None)
    assert "suspended" in _error(answer, 403)["detail"]
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_ids_that_are_not_ours_get_one_and_the_same_404(make_provider: Callable[[], Provider], method: str) -> None:
    provider, neighbor = make_provider(), make_provider()
    own, foreign = provider.create("ada@example.com")["id"], neighbor.create("ada@example.com")["id"]
    deleted = provider.create("gone@example.com")["id"]
    provider.send("DELETE", f"/Users/{deleted}")
    strange = ["0", "me", "%20", "a" * 3_000, "..%2f", "%00", "%ff", "\u00e9", f"{{{own}}}", f"urn:uuid:{own}"]
    ids = [str(uuid4()), foreign, deleted, own.upper(), own.replace("-", ""), f"{own}x", *strange]
    answers = [provider.send(method, f"/Users/{wrong}") for wrong in ids]
    for answer in answers:
        _error(answer, 404)
    assert len({answer.content for answer in answers}) == 1
    assert neighbor.send("GET", f"/Users/{foreign}").status_code == 200
    assert provider.send("GET", f"/Users/{own}").status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "BREW"])
@pytest.mark.parametrize("path", ["/Nothing", "/Users/-/b", "/users", "/../livez"])
def test_address_of_nothing_is_a_scim_404_for_every_method(provider: Provider, method: str, path: str) -> None:
    answer = provider.send(method, path, {} if method == "POST" else None)
    if method in {"HEAD", "BREW"}:  # the body of HEAD is not sent; a method nobody knows is in nobody's scope
        assert answer.status_code in {403, 404}
    else:
        _error(answer, 404)


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/Users"), ("PATCH", "/Users"), ("DELETE", "/Users"), ("POST", "/Users/{id}")]
)
def test_method_that_an_address_lacks_is_a_scim_405(provider: Provider, method: str, path: str) -> None:
    answer = provider.send(method, path.format(id=uuid4()), {})
    _error(answer, 405)
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"],
)
def test_body_of_another_media_type_is_a_scim_415(provider: Provider, content_type: str) -> None:
    _error(provider.send("POST", "/Users", b"userName=ada", **{"Content-Type": content_type}), 415)


def test_body_beyond_the_bound_is_a_scim_413(provider: Provider) -> None:
    body = b'{"userName":"ada@example.com"}'.ljust(LARGEST_BODY + 1)
    _error(provider.send("POST", "/Users", body), 413)


def test_body_at_the_bound_is_taken(provider: Provider) -> None:
    body = json.dumps(ADA).encode().ljust(LARGEST_BODY)
    assert provider.send("POST", "/Users", body).status_code == 201


@pytest.mark.rfc("7644#3.12")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"ada"',
        b"{}",
        b'{"userName":"a"} {}',
        b'{"userName":NaN}',
        b'{"userName":"\\u0000"}',
        b'{"userName":"\\ud800"}',
        b'{"userName":"\xff"}',
        b'{"userName":' + b"[" * 100_000,
        b'{"userName":' + b"9" * 5_000 + b"}",
        b'{"userName":{}}',
        b'{"userName":""}',
        b'{"userName":"' + b"a" * 2_000 + b'"}',
        b'{"userName":"a","active":"maybe"}',
        b'{"userName":"a","userName":"b"}',
    ],
    ids=lambda body: repr(body[:30]),
)
def test_body_that_is_no_user_is_a_scim_400(provider: Provider, body: bytes) -> None:
    answer = _error(provider.send("POST", "/Users", body), 400)
    assert answer["scimType"] in {"invalidSyntax", "invalidValue"}


def test_unknown_host_is_refused_before_anything_is_done(provider: Provider) -> None:
    _error(provider.send("POST", "/Users", ADA, Host="evil.example"), 400)
    assert json.loads(provider.send("GET", "/Users").content)["totalResults"] == 0


def test_answer_sets_no_cookie(provider: Provider) -> None:
    assert not provider.send("GET", "/Users").cookies


def test_address_beside_scim_is_no_affair_of_scim() -> None:
    assert Client().get("/nothing").status_code == 404


def test_every_refused_token_is_one_the_tenant_can_see(provider: Provider) -> None:
    """A refusal changes no token: none is marked, none is lost."""
    for make, _error_name in UNAUTHENTICATED.values():
        provider.send("GET", "/Users", Authorization=make(provider))
    with tenant_context(provider.tenant_id):
        assert UUID(str(provider.issued.token.id)) in {token.id for token in list_tokens()}
