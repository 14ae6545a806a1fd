"""Pages for what went wrong: they name the request, no cache keeps them, and they need nothing that may be broken."""

import json
import re

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from labsninja import urls

FAULTS = {"bad": SuspiciousOperation, "forbidden": PermissionDenied, "broken": RuntimeError}
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


def fail(_request: HttpRequest, fault: str) -> HttpResponse:
    raise FAULTS[fault]("a secret of the inside")


urlpatterns = [path("fail/<fault>", fail), path("scim/<fault>", fail), *urls.urlpatterns]


@pytest.mark.parametrize(
    ("address", "status"), [("/fail/bad", 400), ("/fail/forbidden", 403), ("/nothing", 404), ("/fail/broken", 500)]
)
def test_page_of_an_error_names_the_request(address: str, status: int) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        answer = Client(raise_request_exception=False).get(address)
    page = answer.content.decode()
    assert answer.status_code == status
    assert answer["Cache-Control"] == "no-store"
    assert re.search(r'<pre[^>]*id="request-id"[^>]*>([^<]*)</pre>', page)[1] == answer["X-Request-Id"]  # type: ignore[index]  # a miss fails as well
    assert "a secret of the inside" not in page
    assert not answer.cookies


def test_scim_client_gets_a_scim_error_also_outside_the_api() -> None:
    with override_settings(ROOT_URLCONF=__name__):
        answer = Client(raise_request_exception=False).get("/scim/broken")
    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/scim+json"
    assert json.loads(answer.content)["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]


def test_unknown_host_gets_the_page_too() -> None:
    answer = Client(headers={"host": "elsewhere.example"}).get("/")
    assert answer.status_code == 400
    assert "This request cannot be read" in answer.content.decode()
