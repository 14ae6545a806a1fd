"""Under which address SCIM is known, and from which one a caller comes: the settings decide whose word is believed."""

import json

import pytest
from django.http import HttpRequest
from pytest_django import Settings

from labsninja.kernel.edge import client_address, public_base_url
from tests.scim.conftest import Provider

PROXY, CALLER = "10.0.0.1", "203.0.113.7"


def _request(remote: str, **headers: str) -> HttpRequest:
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": remote, "SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    request.META.update({f"HTTP_{name}": value for name, value in headers.items()})
    return request


@pytest.fixture(autouse=True)
def proxies(settings: Settings) -> None:
    """The proxies of a deployment."""
    settings.LABSNINJA_TRUSTED_PROXIES = ["10.0.0.0/8", "2001:db8:ffff::/48"]


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        (CALLER, "", CALLER),
        (CALLER, "198.51.100.1", CALLER),
        (PROXY, "", PROXY),
        (PROXY, CALLER, CALLER),
        (PROXY, f"198.51.100.1, {CALLER}", CALLER),
        (PROXY, f"198.51.100.1, {CALLER}, 10.9.9.9", CALLER),
        (PROXY, f"127.0.0.1,10.1.1.1,{CALLER} , 10.9.9.9,10.8.8.8", CALLER),
        (PROXY, "10.1.1.1, 10.2.2.2", "10.1.1.1"),
        (PROXY, " , ,", PROXY),
        (PROXY, "unknown", ""),
        (PROXY, f"{CALLER}, garbage", ""),
        ("2001:db8:ffff::1", "2001:DB8::0001", "2001:db8::1"),
        ("::1", CALLER, "::1"),
        ("", CALLER, ""),
        ("", "", ""),
    ],
)
def test_caller_is_the_last_hop_that_is_no_trusted_proxy(remote: str, forwarded: str, address: str) -> None:
    assert client_address(_request(remote, X_FORWARDED_FOR=forwarded)) == address


@pytest.mark.parametrize(
    ("remote", "forwarded"),
    [
        (f"::ffff:{CALLER}", ""),
        (f"::ffff:{PROXY}", CALLER),
        (PROXY, f"::ffff:{CALLER}"),
        (PROXY, f"{CALLER}, ::ffff:10.9.9.9"),
    ],
)
def test_ipv4_address_in_ipv6_form_is_the_same_address(remote: str, forwarded: str) -> None:
    """A server on a dual-stack socket sees every IPv4 caller so; a token's networks name IPv4."""
    assert client_address(_request(remote, X_FORWARDED_FOR=forwarded)) == CALLER


def test_base_url_of_the_settings_stands_above_what_a_request_says(settings: Settings) -> None:
    settings.LABSNINJA_BASE_URL = "https://scim.example.com"
    request = _request(PROXY, HOST="localhost", X_FORWARDED_PROTO="http", X_FORWARDED_HOST="evil.example")
    assert public_base_url(request) == "https://scim.example.com"


@pytest.mark.parametrize(
    ("remote", "scheme", "base_url"),
    [
        (PROXY, "https", "https://localhost:8000"),
        (PROXY, "http", "http://localhost:8000"),
        (PROXY, "javascript", "http://localhost:8000"),
        (PROXY, "https, http", "http://localhost:8000"),
        (CALLER, "https", "http://localhost:8000"),
    ],
)
def test_scheme_of_a_trusted_proxy_alone_is_believed(remote: str, scheme: str, base_url: str) -> None:
    assert public_base_url(_request(remote, HOST="localhost:8000", X_FORWARDED_PROTO=scheme)) == base_url


@pytest.mark.parametrize("remote", [PROXY, CALLER])
def test_forwarded_host_is_believed_from_nobody(settings: Settings, remote: str) -> None:
    """Behind a proxy that changes the host, LABSNINJA_BASE_URL says what it is."""
    settings.ALLOWED_HOSTS = ["localhost", "scim.example.com"]
    request = _request(remote, HOST="localhost", X_FORWARDED_HOST="scim.example.com")
    assert public_base_url(request) == "http://localhost"


def test_location_follows_the_base_url_of_the_settings(provider: Provider, settings: Settings) -> None:
    settings.LABSNINJA_BASE_URL = "https://scim.example.com"
    created = provider.create("ada@example.com")
    listed = json.loads(provider.send("GET", "/Users").content)["Resources"][0]
    assert created["meta"]["location"] == f"https://scim.example.com/scim/v2/Users/{created['id']}"
    assert listed["meta"]["location"] == created["meta"]["location"]


def test_location_follows_the_host_without_such_a_setting(provider: Provider) -> None:
    answer = provider.send("POST", "/Users", {"userName": "ada@example.com"}, Host="localhost:8000")
    assert answer.headers["Location"].startswith("http://localhost:8000/scim/v2/Users/")


def test_networks_of_a_token_are_asked_of_the_caller_behind_the_proxy(provider: Provider, settings: Settings) -> None:
    settings.LABSNINJA_TRUSTED_PROXIES = ["127.0.0.1"]
    bound = provider.holds(networks=["203.0.113.0/24"])
    forwarded = {"inside": f"198.51.100.1, {CALLER}", "outside": f"{CALLER}, 198.51.100.1"}
    answers = {place: bound.send("GET", "/Users", **{"X-Forwarded-For": hops}) for place, hops in forwarded.items()}
    assert {place: answer.status_code for place, answer in answers.items()} == {"inside": 200, "outside": 401}
