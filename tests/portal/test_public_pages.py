"""The public site over HTTP: no database but for the status page, no session, no cookie, kept by caches."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from portal.public.problems import BY_CODE
from portal.shared.guides import GUIDES
from scim.capabilities import CAPABILITIES
from scim.protocol.errors import STATUS_BY_TYPE, ScimType
from tenants.models import ScimClient
from tenants.plans import OFFERS, RATES, Plan
from tests.portal.addresses import list_addresses

PAGES = [address for address in list_addresses(pages=True) if address not in {"/status", "/components"}]


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("address", [*PAGES, *list_addresses(pages=False)])
def test_address_is_public_cacheable_and_asks_no_database(client: Client, address: str) -> None:
    """Without the database fixture a statement would fail."""
    answer = client.get(address)
    assert answer.status_code in {200, 302}
    assert not answer.cookies
    assert "max-age=300" in answer["Cache-Control"]
    assert "public" in answer["Cache-Control"]
    assert "Cookie" not in answer.get("Vary", "")


def test_unchanged_page_is_answered_with_304(client: Client) -> None:
    tag = client.get("/", headers={"accept-encoding": "gzip"})["ETag"]
    assert client.get("/", headers={"if-none-match": tag, "accept-encoding": "gzip"}).status_code == 304


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_page_can_only_be_read(client: Client, method: str) -> None:
    assert getattr(client, method)("/").status_code == 405


@pytest.mark.parametrize("address", PAGES)
def test_every_link_inside_leads_somewhere(client: Client, address: str) -> None:
    page = read(client, address)
    targets = {link.partition("#")[0] for link in re.findall(r'(?:href|src)="(/[^"]*|\?[^"]*)"', page)} - {""}
    internal = {target if target.startswith("/") else f"{address}{target}" for target in targets}
    elsewhere = (django_settings.STATIC_URL, "/status", "/readyz", "/admin/", "/console/", "/portal/")
    asked = {target for target in internal if not target.startswith(elsewhere)}
    assert {target: client.get(target).status_code for target in asked} == dict.fromkeys(asked, 200)


@pytest.mark.parametrize("address", PAGES)
def test_page_brings_no_inline_code_and_no_foreign_source(client: Client, address: str) -> None:
    page = read(client, address)
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r'(?:src|srcset|action|poster)="(?:https?:)?//', page) == []
    assert re.findall(r'<link[^>]*href="(?:https?:)?//', page) == []


def test_sign_in_that_is_not_served_is_told_and_not_linked(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.shared.context.OPTIONAL", {"console": "/nowhere"})
    page = read(client, "/")
    assert page.count("Coming with the next release") == 3
    assert 'href="/console/"' not in page


@pytest.mark.parametrize("door", ["/admin/", "/console/", "/portal/"])
def test_way_in_is_linked_and_leads_to_a_sign_in(client: Client, door: str) -> None:
    assert f'href="{door}" class="btn' in read(client, "/")
    assert "/sign-in" in client.get(door).headers["Location"] or door == "/admin/"


def test_flow_says_that_it_is_illustrative(client: Client) -> None:
    assert "Illustrative: not a live feed; no customer data shown." in read(client, "/")


def test_every_capability_has_a_row_with_an_anchor(client: Client) -> None:
    page = read(client, "/features")
    assert re.findall(r'<li id="([\w-]+)"', page) == [row.key for row in CAPABILITIES]
    assert "https://www.rfc-editor.org/rfc/rfc7644#section-3.5.2" in page
    assert "tests/scim/test_bulk.py" in page


def test_capabilities_of_one_status_are_shown_by_a_link(client: Client) -> None:
    page = read(client, "/features?status=not%20planned")
    wanted = [row.key for row in CAPABILITIES if row.status == "not planned"]
    assert re.findall(r'<li id="([\w-]+)"', page) == wanted


@pytest.mark.parametrize(
    "address", ["/features?status=magic", "/plans?billing=daily", "/docs/guides/x", "/docs/errors/x"]
)
def test_value_that_does_not_exist_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_plans_have_prices_by_month_and_by_year_and_none_by_seat(client: Client) -> None:
    monthly, yearly = read(client, "/plans"), read(client, "/plans?billing=yearly")
    assert [offer.name for offer in OFFERS] == ["Free", "Growth", "Scale", "Enterprise"]
    assert "$120" in monthly
    assert "$100" in yearly
    assert "$120" not in yearly
    assert "No per-seat surprises." in monthly


def test_offer_of_the_free_plan_tells_the_rate_that_is_enforced() -> None:
    assert OFFERS[0].rate == RATES[Plan.FREE].tenant


def test_every_kind_of_scim_client_has_a_guide() -> None:
    assert list(GUIDES) == ScimClient.Kind.values


@pytest.mark.parametrize("slug", GUIDES)
def test_guide_names_the_providers_fields_and_fills_in_our_address(client: Client, slug: str) -> None:
    page = read(client, reverse("guide", args=[slug]))
    assert all(field.name in page for field in GUIDES[slug].fields)
    assert "http://testserver/scim/v2" in page
    assert "{base}" not in page
    assert "{token}" not in page


def test_every_keyword_has_a_page_with_its_status() -> None:
    told = {code: problem.status for code, problem in BY_CODE.items() if problem.is_keyword}
    assert told.keys() == {keyword.value for keyword in STATUS_BY_TYPE}
    # RFC 7644 table 9 gives 400; a refusal to search by address is a 403 of section 7.5.2.
    assert {code: status for code, status in told.items() if status != STATUS_BY_TYPE[ScimType(code)]} == {
        "sensitive": 403
    }


def test_security_txt_names_contact_and_expiry(client: Client, settings: Settings) -> None:
    settings.LABSNINJA_BASE_URL = "https://scim.example.com"
    settings.LABSNINJA_SECURITY_TXT_DAYS = 30
    answer = client.get("/.well-known/security.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert fields["Contact"] == "https://scim.example.com/security"
    assert fields["Canonical"] == "https://scim.example.com/.well-known/security.txt"
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta(days=29) <= left <= timedelta(days=30)


def test_security_txt_names_the_contact_that_is_set(client: Client, settings: Settings) -> None:
    settings.LABSNINJA_SECURITY_CONTACT = "mailto:security@example.com"
    assert "Contact: mailto:security@example.com\n" in client.get("/.well-known/security.txt").content.decode()
    assert 'href="mailto:security@example.com"' in read(client, "/security")


def test_components_are_hidden_unless_a_setting_shows_them(client: Client, settings: Settings) -> None:
    assert client.get("/components").status_code == 404
    settings.LABSNINJA_COMPONENTS_PAGE = True
    assert 'data-theme="lnj-dark"' in read(client, "/components?theme=dark")
