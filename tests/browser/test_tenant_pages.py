"""What a tenant's own people set in a browser: settings, the team, schemas and what a provider then sends. One module,
so that one site serves them all.
"""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import Browser

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from scim.protocol import urns
from tenants.models import Role, ScimClient
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token
from tests.browser.operators import open_console, read_page

pytestmark = pytest.mark.capability("accessible-pages")
BADGE = "urn:ietf:params:scim:schemas:extension:badge:2.0:User"
SYSTEM = system_origin("test")


def _token(tenant_id: UUID) -> str:
    with tenant_context(tenant_id):
        client = create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=SYSTEM)
        return issue_token(scim_client=client, scopes=SCOPES, origin=SYSTEM).text


def test_owner_changes_settings_and_a_viewer_reads_them(
    site: str, browser: Browser, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    tenant_id = make_tenant()
    with open_console(browser, site, tenant_id) as visitor:
        page = visitor.open("/console/settings")
        read_page(page, screenshots, "settings")
        page.get_by_label("Names of groups are unique").uncheck()
        page.get_by_role("button", name="Save the rules for the directory").click()
        assert page.get_by_text("in force within 5 seconds").is_visible()
        assert not page.get_by_label("Names of groups are unique").is_checked()
        page.get_by_label("Hours after which a session ends").first.fill("8")
        page.get_by_role("button", name="Save how people sign in").click()
        assert page.get_by_text("counts from now on").is_visible()
    with open_console(browser, site, tenant_id, Role.VIEWER) as visitor:
        page = visitor.open("/console/settings")
        read_page(page, screenshots, "settings-viewer")
        assert page.get_by_role("button", name="Save").count() == 0


def test_owner_invites_sends_again_and_takes_back(
    site: str, browser: Browser, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    tenant_id = make_tenant()
    with open_console(browser, site, tenant_id) as visitor:
        page = visitor.open("/console/members")
        page.fill("#id_email", f"new.{tenant_id.hex}@example.test")
        page.fill("#id_name", "Newcomer")
        page.get_by_role("button", name="Send the invitation").click()
        page.get_by_role("heading", name="Invited, and not here yet").wait_for()
        read_page(page, screenshots, "team")
        page.get_by_role("button", name="Send again the invitation of Newcomer").click()
        page.get_by_text("The invitation is sent again.").wait_for()
        page.get_by_role("button", name="Take back the invitation of Newcomer").click()
        page.get_by_text("The member is removed.").wait_for()
        assert page.get_by_role("heading", name="Invited, and not here yet").count() == 0
        visitor.open("/console/account/notices")
        read_page(page, screenshots, "notices")
        page.get_by_label("E-mail: You signed in from a new place.").uncheck()
        page.get_by_role("button", name="Save").click()
        page.get_by_text("The next e-mails go by it.").wait_for()
        assert not page.get_by_label("E-mail: You signed in from a new place.").is_checked()
    with open_console(browser, site, tenant_id, Role.VIEWER) as visitor:
        read_page(visitor.open("/console/members"), screenshots, "team-viewer")


def test_operator_defines_an_extension_and_a_user_arrives_with_it(
    site: str, browser: Browser, make_tenant: Callable[[], UUID], screenshots: Path
) -> None:
    tenant_id = make_tenant()
    with open_console(browser, site, tenant_id) as visitor:
        page = visitor.open("/console/schemas")
        read_page(page, screenshots, "schemas-empty")
        page.get_by_role("link", name="Define an extension").click()
        page.locator("#id_id").fill(BADGE)
        page.locator("#id_name").fill("Badge")
        page.locator("#id_attributes-0-name").fill("office")
        page.locator("#id_attributes-0-canonical_values").evaluate("one => one.value = 'North'")
        page.get_by_role("button", name="Add an attribute").click()
        page.locator("#id_attributes-1-name").fill("phone")
        page.get_by_role("button", name="Add a part to phone").or_(page.locator("button[value='part-1']")).first.click()
        page.locator("#id_attributes-2-name").fill("line")
        page.locator("#id_attributes-2-name").blur()
        page.get_by_role("heading", name="What the identity provider must send").wait_for()  # without a press
        assert '"line": "text"' in page.locator("#preview-post").inner_text()
        read_page(page, screenshots, "schema-edit")
        page.locator("#id_attributes-2-name").fill("7up")
        page.get_by_role("button", name="Put it in force").click()
        assert page.locator("#id_attributes-2-name_error").is_visible()
        assert ["422" in told for told in visitor.drain_complaints()] == [True]  # Chromium's own word on the refusal
        page.locator("#id_attributes-2-name").fill("line")
        page.get_by_role("button", name="Put it in force").click()
        page.get_by_text("The schema is in force").wait_for()
        read_page(page, screenshots, "schema")

        headers = {"Authorization": f"Bearer {_token(tenant_id)}"}
        body = {"schemas": [urns.USER, BADGE], "userName": "ada", BADGE: {"office": "North", "phone": {"line": "7"}}}
        with httpx.Client(base_url=f"{site}/scim/v2", headers=headers) as provider:
            answer = provider.post("/Users", json=body)
        assert (answer.status_code, answer.json()[BADGE]) == (201, body[BADGE])

        page.get_by_role("link", name="Change", exact=True).click()
        page.locator("#id_attributes-0-type").select_option("integer")
        page.get_by_role("button", name="Put it in force").click()
        assert page.get_by_text("1 resource stands in the way").is_visible()
        read_page(page, screenshots, "schema-in-use")
        visitor.drain_complaints()
        visitor.open("/console/schemas")
        read_page(page, screenshots, "schemas")
        visitor.open(f"/console/schemas/remove/{BADGE}")
        read_page(page, screenshots, "schema-removal")


def test_extension_is_defined_without_script(site: str, browser: Browser, make_tenant: Callable[[], UUID]) -> None:
    with open_console(browser, site, make_tenant()) as visitor:
        state = visitor.page.context.storage_state()
        with browser.new_context(java_script_enabled=False, storage_state=state) as context:
            page = context.new_page()
            page.goto(f"{site}/console/schemas/new")
            page.locator("#id_id").fill(BADGE)
            page.locator("#id_name").fill("Badge")
            page.locator("#id_attributes-0-name").fill("office")
            page.get_by_role("button", name="Add an attribute").click()
            page.locator("#id_attributes-1-name").fill("floor")
            page.get_by_role("button", name="Preview").last.click()
            assert '"floor": "text"' in page.locator("#preview-post").inner_text()
            page.get_by_role("button", name="Put it in force").click()
            assert page.get_by_text("The schema is in force").is_visible()
