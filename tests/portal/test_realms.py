"""Three places to sign in that know nothing of one another: for every pair, what opens one is no use in the other."""

import re
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver

from portal.accounts.middleware import cookie_name
from tenants.realms import ADMIN, REALMS, Realm
from tests.portal.signing_in import open_session, sign_in_by_password
from tests.tenants.people import PASSWORD, make_person

pytestmark = pytest.mark.usefixtures("database")
PAIRS = pytest.mark.parametrize(("one", "other"), list(permutations(REALMS.values(), 2)), ids=lambda realm: realm.name)
EACH = pytest.mark.parametrize("realm", list(REALMS.values()), ids=list(REALMS))
# What may be opened by whoever comes: everything else asks who it is.
OPEN = {"sign-in", "by-passkey", "forgot", "reset", "invitation", "email-link", "unsubscribe"}
UUID_TEXT = "01900000-0000-7000-8000-000000000001"


def _is_signed_in(client: Client, realm: Realm) -> bool:
    return client.get(f"{realm.prefix}account").status_code == 200


def _token(client: Client, realm: Realm) -> str:
    page = client.get(f"{realm.prefix}sign-in").content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found
    return found.group(1)


@PAIRS
def test_session_of_one_is_worthless_in_the_other(client: Client, one: Realm, other: Realm) -> None:
    open_session(client, one, make_person(one))
    assert _is_signed_in(client, one)
    client.cookies[other.cookie] = client.cookies[one.cookie].value
    assert not _is_signed_in(client, other)


@PAIRS
def test_password_of_one_is_refused_by_the_other(client: Client, one: Realm, other: Realm) -> None:
    answer = sign_in_by_password(client, other, make_person(one))
    assert answer.status_code == 422
    assert "The e-mail address or the password is wrong." in answer.content.decode()


@PAIRS
def test_csrf_token_of_one_is_refused_by_the_other(one: Realm, other: Realm) -> None:
    client = Client(enforce_csrf_checks=True)
    tokens = {realm: _token(client, realm) for realm in (one, other)}
    person = make_person(other)
    form = {"email": person.email, "password": PASSWORD}
    address = f"{other.prefix}sign-in"
    assert client.post(address, {**form, "csrfmiddlewaretoken": tokens[one]}).status_code == 403
    assert client.post(address, {**form, "csrfmiddlewaretoken": tokens[other]}).status_code == 302


@PAIRS
def test_signing_out_of_one_leaves_the_other(client: Client, one: Realm, other: Realm) -> None:
    for realm in (one, other):
        open_session(client, realm, make_person(realm))
    client.post(f"{one.prefix}sign-out")
    assert not _is_signed_in(client, one)
    assert _is_signed_in(client, other)


def test_all_three_are_signed_in_side_by_side(client: Client) -> None:
    people = {realm.name: make_person(realm, name=f"Somebody of {realm.name}") for realm in REALMS.values()}
    for name, realm in REALMS.items():
        open_session(client, realm, people[name])
    for name, realm in REALMS.items():
        page = client.get(f"{realm.prefix}account").content.decode()
        assert [who for who in REALMS if f"Somebody of {who}" in page] == [name]


@EACH
def test_cookie_is_the_realms_own(client: Client, realm: Realm) -> None:
    cookies = client.get(f"{realm.prefix}sign-in").cookies
    assert list(cookies) == [realm.cookie]
    cookie = cookies[realm.cookie]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (realm.prefix, True, "Lax")
    assert not cookie["max-age"]


@EACH
def test_cookie_behind_tls_is_secure_and_says_so(client: Client, realm: Realm) -> None:
    with override_settings(LABSNINJA_BASE_URL="https://testserver"):
        cookies = client.get(f"{realm.prefix}sign-in").cookies
    assert list(cookies) == [f"__Secure-{realm.cookie}"]
    assert cookies[f"__Secure-{realm.cookie}"]["secure"]


@EACH
def test_realm_with_a_host_of_its_own_binds_its_cookie_to_it(client: Client, realm: Realm) -> None:
    hosts = {f"{realm.name}.example.test": realm.name}
    with override_settings(
        LABSNINJA_SURFACE_HOSTS=hosts, LABSNINJA_BASE_URL="https://example.test", ALLOWED_HOSTS=["*"]
    ):
        cookies = client.get(f"{realm.prefix}sign-in", headers={"host": f"{realm.name}.example.test"}).cookies
        name = cookie_name(realm, is_secure=True)
    assert name == f"__Host-{realm.cookie}"
    assert (cookies[name]["path"], cookies[name]["secure"], cookies[name]["domain"]) == ("/", True, "")


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("console.example.test", "/console/sign-in", 200),
        ("console.example.test", "/livez", 200),
        ("console.example.test", "/portal/sign-in", 404),
        ("console.example.test", "/scim/v2/Users", 404),
        ("console.example.test", "/features", 404),
        ("scim.example.test", "/console/sign-in", 404),
        ("scim.example.test", "/portal/sign-in", 200),
        ("scim.example.test", "/features", 200),
        ("scim.example.test", "/scim/v2/Users", 401),
    ],
)
def test_host_of_a_realm_serves_it_alone_and_no_other_does(client: Client, host: str, path: str, status: int) -> None:
    hosts = {"console.example.test": "console"}
    with override_settings(LABSNINJA_SURFACE_HOSTS=hosts, ALLOWED_HOSTS=["*"]):
        assert client.get(path, headers={"host": host}).status_code == status


@pytest.mark.parametrize("path", ["/", "/features", "/scim/v2/Users", "/scim/v2/ServiceProviderConfig", "/livez"])
def test_no_session_stands_behind_scim_and_the_public_site(client: Client, path: str) -> None:
    before = [realm.session.objects.count() for realm in REALMS.values()]
    for realm in REALMS.values():
        open_session(client, realm, make_person(realm))
    answer = client.get(path)
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert [realm.session.objects.count() - 1 for realm in REALMS.values()] == before


def _list_routes(patterns: Any, prefix: str = "", namespace: str = "") -> Iterator[tuple[str, str, str]]:
    for pattern in patterns:
        path = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _list_routes(pattern.url_patterns, path, pattern.namespace or namespace)
        elif isinstance(pattern, URLPattern):
            yield path, namespace, pattern.name or ""


ROUTES = sorted(
    {
        (path, name)
        for path, namespace, name in _list_routes(get_resolver().url_patterns)
        if path.startswith(("admin/", "console/", "portal/"))
    }
)


def _fill(path: str) -> str:
    plain = re.sub(r"\(\?P<\w+>[^)]*\)\$?|\^|\$", "x", path)
    return "/" + re.sub(r"<(\w+:)?\w+>", "x", re.sub(r"<uuid:\w+>", UUID_TEXT, plain))


def test_walk_finds_the_routes_of_every_realm() -> None:
    for realm in REALMS.values():
        assert len([path for path, _ in ROUTES if f"/{path}".startswith(realm.prefix)]) > 20


@pytest.mark.parametrize(("path", "name"), [route for route in ROUTES if route[1] not in OPEN], ids=str)
def test_page_behind_a_sign_in_asks_for_it(client: Client, path: str, name: str) -> None:
    realm = next(realm for realm in REALMS.values() if f"/{path}".startswith(realm.prefix))
    for method in ("get", "post"):
        answer = getattr(client, method)(_fill(path))
        assert answer.status_code in {302, 405} or (realm == ADMIN and answer.status_code == 404), name
        if answer.status_code == 302:
            assert answer.headers["Location"].startswith(f"{realm.prefix}sign-in"), name


@pytest.mark.parametrize(("path", "name"), ROUTES, ids=str)
def test_form_without_a_token_changes_nothing(path: str, name: str) -> None:
    realm = next(realm for realm in REALMS.values() if f"/{path}".startswith(realm.prefix))
    client = Client(enforce_csrf_checks=True)
    open_session(client, realm, make_person(realm))
    assert client.post(_fill(path), {"email": "ada@example.test"}).status_code in {403, 404, 405}, name


@EACH
@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "/scim/v2", "javascript:alert(1)", "\\\\evil"]
)
def test_sign_in_leads_to_no_other_place(client: Client, realm: Realm, wanted: str) -> None:
    open_session(client, realm, make_person(realm))
    answer = client.get(f"{realm.prefix}sign-in", {"next": wanted})
    assert answer.headers["Location"] == realm.prefix


@EACH
def test_pages_of_a_realm_are_kept_by_no_cache(client: Client, realm: Realm) -> None:
    open_session(client, realm, make_person(realm))
    assert "no-store" in client.get(f"{realm.prefix}account").headers["Cache-Control"]
