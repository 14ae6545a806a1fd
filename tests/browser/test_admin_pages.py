"""The platform's admin in a real browser: axe in both themes, and a console without complaint."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from playwright.sync_api import Browser

from audit.actors import system_origin
from audit.queries import list_events
from labsninja.kernel.isolation import tenant_context
from tenants.models import ScimClient
from tenants.realms import ADMIN, CONSOLE
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import issue_token
from tests.browser.axe import ALL_RULES, COLORS, find_violations, measure_overflow
from tests.browser.conftest import Visitor
from tests.portal.signing_in import make_member, open_session
from tests.tenants.people import make_person

pytestmark = pytest.mark.capability("accessible-pages")
PAGES = {
    "dashboard": "/admin/",
    "tenants": "/admin/tenants/tenant/",
    "tenant": "/admin/tenants/tenant/{tenant}/change/",
    "tenant-create": "/admin/tenants/tenant/create/",
    "tenant-delete": "/admin/tenants/tenant/{tenant}/delete/",
    "clients": "/admin/tenants/scimclient/",
    "client-issue": "/admin/tenants/scimclient/{client}/issue/",
    "tokens": "/admin/tenants/clienttoken/",
    "token": "/admin/tenants/clienttoken/{token}/change/",
    "operators": "/admin/tenants/operator/?q=a",
    "operator": "/admin/tenants/operator/{operator}/change/",
    "operator-reset": "/admin/tenants/operator/{operator}/reset-factors/",
    "sessions": "/admin/tenants/adminsession/",
    "audit": "/admin/audit/auditevent/?tenant={tenant}",
    "event": "/admin/audit/auditevent/{event}/change/",
    "jobs": "/admin/jobs/",
}


@pytest.fixture
def rows(make_tenant: Any) -> dict[str, UUID]:
    """Something of each kind to look at."""
    tenant_id, origin = make_tenant(), system_origin("test")
    with tenant_context(tenant_id):
        scim_client = create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=origin)
        token = issue_token(scim_client=scim_client, scopes=["scim:read"], origin=origin).token
        event = list_events(newest=1)[0]
    operator = make_member(CONSOLE, tenant_id)
    ids = {"tenant": tenant_id, "client": scim_client.id, "token": token.id, "event": event.id}
    return {**ids, "operator": operator.id}


@pytest.fixture
def visitor(site: str, browser: Browser, database: None) -> Iterator[Visitor]:
    """An administrator's browser, in which they have just shown who they are."""
    client = Client()
    open_session(client, ADMIN, make_person(ADMIN))
    key = client.cookies[ADMIN.cookie].value
    with browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as context:
        context.add_cookies([{"name": ADMIN.cookie, "value": key, "url": f"{site}/admin/"}])
        made = Visitor(context.new_page(), site)
        made.watch()
        yield made


def test_pages_are_readable_and_nothing_complains(visitor: Visitor, rows: dict[str, UUID], screenshots: Path) -> None:
    found: dict[str, list[str]] = {}
    for name, address in PAGES.items():
        page = visitor.open(address.format(**rows))
        page.emulate_media(color_scheme="light")
        complaints = find_violations(page, ALL_RULES, has_imports=True)
        page.screenshot(path=screenshots / f"admin-{name}-light.png", full_page=True)
        page.emulate_media(color_scheme="dark")
        complaints += find_violations(page, COLORS, has_imports=True)
        page.screenshot(path=screenshots / f"admin-{name}-dark.png", full_page=True)
        picture = screenshots / f"admin-{name}-narrow.png"
        sticking_out = measure_overflow(page, partial(page.screenshot, path=picture, full_page=True))
        complaints += [f"sticks out: {sticking_out}"] if any(sticking_out) else []
        complaints += visitor.drain_complaints()
        if complaints:
            found[name] = complaints
    assert found == {}


def test_token_is_issued_and_shown_once(visitor: Visitor, rows: dict[str, UUID], screenshots: Path) -> None:
    page = visitor.open(PAGES["client-issue"].format(**rows))
    page.get_by_role("button", name="Issue a token").click()
    shown = page.locator("code.secret").inner_text()
    assert shown.startswith("lnj_")
    assert find_violations(page, ALL_RULES, has_imports=True) == []
    page.screenshot(path=screenshots / "admin-secret-light.png", full_page=True)
    page.get_by_role("link", name="I have kept it").click()
    assert shown not in page.content()
    assert visitor.drain_complaints() == []
