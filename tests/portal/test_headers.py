"""Security headers: on every page, on none of SCIM's answers, and never over what a view has set itself."""

from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from portal.middleware import DIRECTIVES, HEADERS, PageHeadersMiddleware


def test_policy_has_no_way_for_inline_code() -> None:
    text = "; ".join(DIRECTIVES)
    assert "unsafe" not in text
    assert "nonce" not in text
    assert "*" not in text
    assert text.startswith("default-src 'none'")


def test_page_brings_every_header(client: Client) -> None:
    answer = client.get("/")
    assert {name: answer[name] for name in HEADERS} == dict(HEADERS)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


def test_page_of_an_error_brings_the_policy(client: Client) -> None:
    assert "Content-Security-Policy" in client.get("/nothing")


def test_scim_is_spared() -> None:
    request = RequestFactory().get("/scim/v2/Users")
    assert "Content-Security-Policy" not in PageHeadersMiddleware(lambda _request: HttpResponse())(request)


def test_view_may_set_its_own_policy() -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Content-Security-Policy": "default-src 'self'"})

    answer = PageHeadersMiddleware(view)(RequestFactory().get("/docs/api/"))
    assert answer["Content-Security-Policy"] == "default-src 'self'"
