"""The tolerance table for requests as such: queries and filters, media types, and how the token is presented."""

import base64
import re
from typing import Any
from urllib.parse import quote

import pytest

from tests.scim.answers import (
    body_of,
    newest_warnings,
    read,
    refusal,
    set_client,
)
from tests.scim.conftest import USER, Provider
from tests.scim.tolerated import LAB, WORK, row

# Query, whether the one user is found, the warning, a strict client's keyword.
LISTED = [
    row("T22-ampersand", '?filter=userName eq "ada@x.test"&', True, "", ""),
    row("T22-slash", '/?filter=userName eq "ada@x.test"', True, "", ""),
    row("T23-plus", "?filter=userName+eq+%22ada%40x.test%22", True, "", ""),
    row("T23-once", "?filter=userName+eq+%22ada%2540x.test%22", False, "", ""),
    row("T24-unquoted", "?filter=userName eq ada@x.test", True, "W_UNQUOTED", "invalidFilter"),
    row("T25-operator", '?filter=userName EQ "ada@x.test"', True, "", ""),
    row("T26-folded", '?filter=userName eq "ADA@X.TEST"', True, "", ""),
    row("T26-exact", '?filter=externalId eq "hr-7"', False, "", ""),
    row("T27-value", '?filter=emails eq "ada@work.test"', True, "", ""),
    row("T28-value-path", '?filter=emails[type eq "work"].value eq "ada@work.test"', True, "", ""),
    row("T29-and", '?filter=id eq "$id" and manager eq "boss-7"', True, "", ""),
    row("T29-other-order", '?filter=manager eq "boss-8" and id eq "$id"', False, "", ""),
    row("T31-negative", "?startIndex=-3&count=5", True, "", ""),
    row("T32-empty", '?filter=userName eq "nobody"', False, "", ""),
    row("T48-boolean", '?filter=roles[primary eq "True"]', True, "W_BOOL_STRING", "invalidFilter"),
    row("T52-parameter", "?aadOptscim062020&shoe=4", True, "", ""),
    row("T62-dot", f'?filter={LAB}.department eq "optics"', True, "W_LEGACY_DOT", "invalidFilter"),
    row("T67-brackets", '?attributes=emails[type eq "work"]', True, "", ""),
]
ADA: dict[str, Any] = {
    "externalId": "HR-7",
    "emails": [WORK],
    "roles": [{"value": "a", "primary": True}],
    LAB: {"department": "Optics", "manager": {"value": "boss-7"}},
}


@pytest.mark.parametrize(("query", "is_found", "code", "keyword"), LISTED)
def test_asked_form_is_taken_as_it_is_meant(
    provider: Provider,
    query: str,
    is_found: bool,
    code: str,
    keyword: str,
) -> None:
    ada = provider.create("ada@x.test", **ADA)
    path = f"/Users{quote(query.replace('$id', ada['id']), safe='/?&=+%')}"
    found = read(provider, path)
    assert newest_warnings(provider) == ([code] if code else [])
    assert isinstance(found["Resources"], list)
    assert [one["id"] for one in found["Resources"]] == ([ada["id"]] if is_found else [])
    set_client(provider, strict=True)
    answer = provider.send("GET", path)
    if keyword:
        refusal(answer, 400, keyword)
    else:
        assert body_of(answer) == found


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/scim+json;charset=utf-8", "APPLICATION/JSON"]
)
def test_t20_plain_json_is_taken(provider: Provider, content_type: str) -> None:
    body = {"schemas": [USER], "userName": "ada"}
    assert provider.send("POST", "/Users", body, **{"Content-Type": content_type}).status_code == 201


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html", ""])
def test_t21_answer_is_scim_whatever_is_accepted(provider: Provider, accept: str) -> None:
    assert provider.send("GET", "/Users", Accept=accept).headers["Content-Type"] == "application/scim+json"


@pytest.mark.parametrize("text", ["userName eq", 'shoeSize eq "4"', 'userName eq "a" and', "userName eq a b"])
def test_t30_filter_that_cannot_be_read_is_refused(provider: Provider, text: str) -> None:
    assert re.search(r"\d", refusal(provider.send("GET", f"/Users?filter={quote(text)}"), 400, "invalidFilter"))


@pytest.mark.parametrize("query", ["startIndex=one", "count=1.5"])
def test_t31_page_that_is_no_number_is_refused(provider: Provider, query: str) -> None:
    refusal(provider.send("GET", f"/Users?{query}"), 400, "invalidValue")


def test_t57_token_may_come_without_a_scheme_and_with_any_case(provider: Provider) -> None:
    for header in (provider.issued.text, f"bearer {provider.issued.text}", f" {provider.issued.text} "):
        assert provider.send("GET", "/Users", Authorization=header).status_code == 200
    refusal(provider.send("GET", "/Users", Authorization="some-other-raw-token"), 401)


def test_t58_basic_is_refused_with_a_challenge(provider: Provider) -> None:
    basic = base64.b64encode(f"okta:{provider.issued.text}".encode()).decode()
    answer = provider.send("GET", "/Users", Authorization=f"Basic {basic}")
    refusal(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
