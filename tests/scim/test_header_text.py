"""Whatever text stands in a header, the request is answered, and what is kept of it can be stored."""

import pytest

from tests.scim.answers import body_of, events_about, read
from tests.scim.conftest import USER, Provider
from tests.scim.recorded import rows_of

HEADERS = ("User-Agent", "If-Match", "If-None-Match", "X-Forwarded-For", "Accept", "Authorization", "Content-Type")


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("text", ["a\0b", "\ud800", "\xff\xfe", "x" * 20_000])
def test_no_header_is_an_error_of_the_server(provider: Provider, header: str, text: str) -> None:
    ada = provider.create("ada")
    body = {"schemas": [USER], "userName": "ada", "title": "Dr"}
    for method, sent in (("GET", None), ("PUT", body)):
        answer = provider.send(method, f"/Users/{ada['id']}", sent, **{header: text})
        assert answer.status_code < 500, answer.content


def test_user_agent_is_kept_without_what_cannot_be_stored(provider: Provider) -> None:
    body = {"schemas": [USER], "userName": "ada"}
    ada = body_of(provider.send("POST", "/Users", body, **{"User-Agent": "okta\0/1"}), 201)
    assert read(provider, "/Users")["totalResults"] == 1
    assert rows_of(provider.tenant_id)[0]["user_agent"] == "okta\N{REPLACEMENT CHARACTER}/1"
    (event,) = events_about(provider, ada["id"])
    assert event["origin"]["userAgent"] == "okta\N{REPLACEMENT CHARACTER}/1"
