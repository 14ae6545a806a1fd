"""What the token endpoint refuses (RFC 6749 section 5.2), and how little it tells."""

import base64
import json
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from audit.actors import system_origin
from labsninja.kernel.isolation import cross_tenant, tenant_context
from scim.api.oauth import views
from scim.api.oauth.token_requests import LARGEST_BODY
from tenants.models import ClientToken, ScimClient, Tenant
from tenants.services.credentials import make_credential
from tenants.services.scim_clients import create_scim_client
from tenants.services.tenants import suspend_tenant
from tenants.services.token_rows import UnknownTokenError
from tenants.services.tokens import IssuedToken, issue_token, rotate_token
from tests.scim.conftest import Provider
from tests.scim.oauth import FORM, GRANT, TOKEN, ask, basic, call, fetch, give_secret, in_body, now, refused

DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+")
NOBODY = "00000000-0000-7000-8000-000000000001"


def _whole(answer: HttpResponse) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """Everything of an answer but the name of the request."""
    headers = sorted((name, value) for name, value in answer.headers.items() if name != "X-Request-Id")
    return answer.status_code, tuple(headers), answer.content


@pytest.fixture
def secret(provider: Provider) -> IssuedToken:
    return give_secret(provider)


@pytest.fixture
def header(provider: Provider, secret: IssuedToken) -> dict[str, str]:
    """The header of an honest client."""
    return basic(provider.scim_client.id, secret.text)


@pytest.mark.rfc("6749#3.2", "6749#5.2")
@pytest.mark.parametrize(
    ("body", "sent", "code"),
    [
        (b"", {}, "invalid_request"),
        (b"scope=scim:read", {}, "invalid_request"),
        (b"grant_type=", {}, "invalid_request"),
        (b"grant_type=client_credentials&grant_type=client_credentials", {}, "invalid_request"),
        (b"grant_type=client_credentials&scope=scim:read&scope=scim:read", {}, "invalid_request"),
        (b"grant_type=client_credentials&other=1&other=2", {}, "invalid_request"),
        (b"grant_type=client_credentials&%67rant_type=client_credentials", {}, "invalid_request"),
        (b"grant_type=client_credentials&scope=%ff", {}, "invalid_request"),
        (b"grant_type=client_credentials&scope=\xff", {}, "invalid_request"),
        (b"grant_type=client_credentials&" + b"&".join(b"a%d=1" % n for n in range(60)), {}, "invalid_request"),
        (b"grant_type=client_credentials&a=" + b"x" * LARGEST_BODY, {}, "invalid_request"),
        (b'{"grant_type": "client_credentials"}', {"Content-Type": "application/json"}, "invalid_request"),
        (b"grant_type=client_credentials", {"Content-Type": "text/plain"}, "invalid_request"),
        (b"grant_type=client_credentials", {"Content-Type": ""}, "invalid_request"),
        (b"grant_type=password&username=a&password=b", {}, "unsupported_grant_type"),
        (b"grant_type=authorization_code&code=a", {}, "unsupported_grant_type"),
        (b"grant_type=refresh_token&refresh_token=a", {}, "unsupported_grant_type"),
        (b"grant_type=CLIENT_CREDENTIALS", {}, "unsupported_grant_type"),
        (b"grant_type=client_credentials&scope=scim:admin", {}, "invalid_scope"),
        (b"grant_type=client_credentials&scope=+scim:read", {}, "invalid_scope"),
        (b"grant_type=client_credentials&scope=scim:read++scim:write", {}, "invalid_scope"),
        (b"grant_type=client_credentials&scope=scim:read%0Ascim:write", {}, "invalid_scope"),
        (b"grant_type=client_credentials&scope=%22", {}, "invalid_scope"),
        (b"grant_type=client_credentials&scope=%00", {}, "invalid_scope"),
    ],
)
def test_malformed_request_of_an_honest_client_is_refused(
    header: dict[str, str], body: bytes, sent: dict[str, str], code: str
) -> None:
    answer = ask(body, **header, **sent)
    assert refused(answer) == (400, code)
    assert DESCRIPTION.fullmatch(json.loads(answer.content)["error_description"])
    assert (answer.headers["Cache-Control"], answer.headers["Content-Type"]) == ("no-store", "application/json")


@pytest.mark.rfc("6749#2.3")
@pytest.mark.parametrize(
    "extra",
    [
        {"client_secret": "{secret}", "client_id": "{id}"},
        {"client_secret": "x"},
        {"client_assertion": "x", "client_assertion_type": "jwt-bearer"},
        {"client_id": NOBODY},
    ],
)
def test_client_that_authenticates_in_two_ways_is_refused(
    provider: Provider, secret: IssuedToken, header: dict[str, str], extra: dict[str, str]
) -> None:
    known = {"id": provider.scim_client.id, "secret": secret.text}
    form = {**GRANT, **{name: value.format(**known) for name, value in extra.items()}}
    assert refused(ask(form, **header)) == (400, "invalid_request")


def test_secret_and_assertion_in_one_body_are_refused(provider: Provider, secret: IssuedToken) -> None:
    form = {**GRANT, **in_body(provider.scim_client.id, secret.text), "client_assertion": "x"}
    assert refused(ask(form)) == (400, "invalid_request")


@pytest.mark.parametrize("query", ["grant_type=client_credentials", "client_secret=x", "a"])
def test_parameter_in_the_address_is_refused(header: dict[str, str], query: str) -> None:
    assert refused(ask(GRANT, path=f"{TOKEN}?{query}", **header)) == (400, "invalid_request")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
def test_token_is_issued_to_a_post_alone(header: dict[str, str], method: str) -> None:
    answer = ask(GRANT, method=method, **header)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    if method != "HEAD":
        assert DESCRIPTION.fullmatch(json.loads(answer.content)["error_description"])


def _token_of_another_kind(provider: Provider) -> tuple[object, str]:
    return provider.scim_client.id, provider.issued.text


def _access_token(provider: Provider) -> tuple[object, str]:
    return provider.scim_client.id, fetch(provider, give_secret(provider))["access_token"]


def _expired(provider: Provider) -> tuple[object, str]:
    origin = system_origin("test")
    object.__setattr__(origin, "at", now() - timedelta(hours=2))
    return provider.scim_client.id, give_secret(provider, lifetime=timedelta(hours=1), origin=origin).text


def _retired(provider: Provider) -> tuple[object, str]:
    secret = give_secret(provider)
    with tenant_context(provider.tenant_id):
        rotate_token(prefix=secret.token.prefix, origin=system_origin("test"), overlap=timedelta(0))
    return provider.scim_client.id, secret.text


def _of_another_client(provider: Provider) -> tuple[object, str]:
    with tenant_context(provider.tenant_id):
        other = create_scim_client(name="Other", kind=ScimClient.Kind.CUSTOM, origin=system_origin("test"))
    return other.id, give_secret(provider).text


WRONG: dict[str, Callable[[Provider], tuple[object, str]]] = {
    "nothing": lambda _: ("", ""),
    "no secret": lambda provider: (provider.scim_client.id, ""),
    "no id": lambda provider: ("", give_secret(provider).text),
    "unknown id": lambda provider: (NOBODY, give_secret(provider).text),
    "id in capitals": lambda provider: (str(provider.scim_client.id).upper(), give_secret(provider).text),
    "id with more": lambda provider: (f"{provider.scim_client.id} ", give_secret(provider).text),
    "id that is no ASCII": lambda provider: ("é", give_secret(provider).text),
    "name for id": lambda provider: (provider.scim_client.name, give_secret(provider).text),
    "garbage": lambda provider: (provider.scim_client.id, "hunter2"),
    "NUL": lambda provider: (provider.scim_client.id, "a\0b"),
    "unknown secret": lambda provider: (provider.scim_client.id, _made()),
    "cut secret": lambda provider: (provider.scim_client.id, give_secret(provider).text[:-1]),
    "bearer token": _token_of_another_kind,
    "access token": _access_token,
    "expired": _expired,
    "retired": _retired,
    "foreign network": lambda provider: (
        provider.scim_client.id,
        give_secret(provider, networks=["192.0.2.0/24"]).text,
    ),
    "of another client": _of_another_client,
}


def _made() -> str:
    """A secret that nobody was given."""
    return make_credential(environment="live", kind=ClientToken.Kind.SECRET).text


@pytest.mark.rfc("6749#5.2")
@pytest.mark.parametrize("wrong", WRONG)
def test_client_that_is_not_known_gets_one_answer_whatever_is_wrong(provider: Provider, wrong: str) -> None:
    shown = WRONG[wrong](provider)
    expected = _whole(ask(GRANT, **basic(NOBODY, "hunter2")))
    assert _whole(ask(GRANT, **basic(*shown))) == expected
    assert _whole(ask({**GRANT, **in_body(*shown)})) == expected
    assert expected[0] == 401
    assert ("WWW-Authenticate", 'Basic realm="LabsNinja OAuth", charset="UTF-8"') in expected[1]


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + "A" * 8_000,
        "Bearer {secret}",
        "Digest username=x",
        "{secret}",
    ],
)
def test_header_that_is_no_basic_authentication_gets_that_answer_too(secret: IssuedToken, authorization: str) -> None:
    answer = ask(GRANT, Authorization=authorization.format(secret=secret.text))
    assert refused(answer) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.capability("tenant-isolation")
def test_client_of_another_tenant_costs_and_tells_what_an_unknown_one_does(
    provider: Provider, make_provider: Callable[[], Provider], secret: IssuedToken
) -> None:
    neighbor = make_provider()
    known, made = (neighbor.scim_client.id, uuid4()), []
    for client_id in known:
        for text in (secret.text, _made(), "hunter2"):
            with CaptureQueriesContext(connection) as statements:
                answer = _whole(ask(GRANT, **basic(client_id, text)))
            made.append((answer, [one["sql"].partition("'")[0] for one in statements]))
    assert made[:3] == made[3:]
    assert {answer[0] for answer, _ in made} == {401}


def test_secret_of_another_tenant_does_not_open_it_under_an_id_of_here(
    provider: Provider, make_provider: Callable[[], Provider]
) -> None:
    neighbor = make_provider()
    foreign = give_secret(neighbor)
    assert refused(ask(GRANT, **basic(provider.scim_client.id, foreign.text))) == (401, "invalid_client")
    assert call(neighbor, fetch(neighbor, foreign)["access_token"]).status_code == 200


@pytest.mark.capability("oauth-client-credentials")
def test_secret_opens_no_scim(provider: Provider, secret: IssuedToken) -> None:
    for header in (f"Bearer {secret.text}", secret.text, basic(provider.scim_client.id, secret.text)["Authorization"]):
        assert provider.send("GET", "/Users", Authorization=header).status_code == 401


def test_suspended_tenant_gets_no_token(provider: Provider, secret: IssuedToken, header: dict[str, str]) -> None:
    token, origin = fetch(provider, secret)["access_token"], system_origin("test")
    with cross_tenant(reason="suspend for a test", actor=origin):
        slug = Tenant.objects.get(id=provider.tenant_id).slug
        suspend_tenant(slug=slug, reason="unpaid", origin=origin)
    assert refused(ask(GRANT, **header)) == (400, "unauthorized_client")
    assert call(provider, token).status_code == 403


def test_bearer_token_is_issued_beside_secrets_as_before(provider: Provider, secret: IssuedToken) -> None:
    with tenant_context(provider.tenant_id):
        text = issue_token(scim_client=provider.scim_client, scopes=["scim:read"], origin=system_origin("test")).text
    assert call(provider, text).status_code == 200


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (UnknownTokenError("gone"), 401, "invalid_client"),
        (OperationalError("away"), 503, "temporarily_unavailable"),
        (RuntimeError("a defect"), 500, "server_error"),
    ],
)
def test_what_goes_wrong_while_issuing_is_told_as_oauth_does(
    header: dict[str, str], monkeypatch: pytest.MonkeyPatch, raised: Exception, status: int, code: str
) -> None:
    def fail(**_values: object) -> None:
        raise raised

    monkeypatch.setattr(views, "issue_access_token", fail)
    answer = ask(GRANT, **header)
    assert refused(answer) == (status, code)
    assert answer.headers.get("Retry-After") == ("5" if status == 503 else None)


def test_unknown_host_is_refused(header: dict[str, str]) -> None:
    assert refused(ask(GRANT, host="evil.test", **header)) == (400, "invalid_request")


def test_form_has_its_media_type(header: dict[str, str]) -> None:
    """The control of what is refused above."""
    assert ask(urlencode(GRANT).encode(), **header, **{"Content-Type": FORM}).status_code == 200
