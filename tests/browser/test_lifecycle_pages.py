"""Errands about people who leave: a mass deactivation is survived, and a deleted user is restored."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.core import mail
from django.test import override_settings
from playwright.sync_api import Browser

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from scim.protocol import urns
from scim.services.holds import tell_of_holds
from tenants.models import Role
from tenants.services.notifications import send_due_messages
from tests.browser.operators import open_console, read_page
from tests.portal.provisioning import Provider

pytestmark = pytest.mark.capability("accessible-pages")
PEOPLE = 50
DEACTIVATION = {
    "schemas": [urns.PATCH_OP],
    "Operations": [{"op": "Replace", "path": "active", "value": "False"}],  # as Entra sends it
}


class Entra:
    """An identity provider at the site itself."""

    def __init__(self, client: httpx.Client, tenant_id: UUID) -> None:
        self.client, self.tenant_id = client, tenant_id

    def hire(self, number: int) -> list[str]:
        bodies = [
            {"schemas": [urns.USER], "userName": f"person{each:02}@example.test", "active": True}
            for each in range(number)
        ]
        return [self.ask("POST", "/Users", body).json()["id"] for body in bodies]

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """What is answered; never a refusal."""
        return self.client.request(method, path, json=body).raise_for_status()


@pytest.fixture
def entra(site: str, make_tenant: Callable[[], UUID]) -> Iterator[Entra]:
    tenant_id = make_tenant()
    headers = {**Provider(tenant_id, name="Entra").headers, "content-type": "application/scim+json"}
    with httpx.Client(base_url=f"{site}/scim/v2", headers=headers) as client:
        yield Entra(client, tenant_id)


def _tell(tenant_id: UUID) -> list[Any]:
    """The e-mails that the ledger sends by now."""
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        with tenant_context(tenant_id):
            tell_of_holds(origin=system_origin("ledger"))
        origin = system_origin("ledger")
        while send_due_messages(now=origin.at, origin=origin):  # those of other tests may come first
            pass
        return [message for message in mail.outbox if "held back" in message.subject]


def test_mass_deactivation_is_survived(site: str, entra: Entra, browser: Browser, screenshots: Path) -> None:
    """The provider deactivates 60 % of the people: the operator is told, sees exactly whom, and undoes it at once."""
    tenant_id = entra.tenant_id
    people = entra.hire(PEOPLE)
    with open_console(browser, site, tenant_id) as visitor:
        page = visitor.open("/console/directory/held")
        read_page(page, screenshots, "holds-empty")
        for person in people[: PEOPLE * 6 // 10]:
            assert entra.ask("PATCH", f"/Users/{person}", DEACTIVATION).json()["active"] is False
        told = _tell(tenant_id)
        assert len(told) == 1
        assert f"{site}/console/directory/held" in told[0].body or "/console/directory/held" in told[0].body
        visitor.open("/console/")
        page.get_by_role("link", name=re.compile("Decide.*10 people are held back")).click()
        marks = page.get_by_role("checkbox")
        assert marks.count() == 10
        assert page.get_by_text("person29@example.test").is_visible()
        assert page.get_by_text("person19@example.test").count() == 0  # let through, as twenty are
        read_page(page, screenshots, "holds")
        page.get_by_role("button", name="Release all 10").click()
        read_page(page, screenshots, "holds-release")
        page.get_by_role("link", name="Hold on").click()
        page.get_by_role("button", name="Bring all 10 back").click()
        assert page.get_by_text("10 people are back").is_visible()
        assert page.get_by_text("Nobody is held back").is_visible()
    active = [entra.ask("GET", f"/Users/{person}").json()["active"] for person in people]
    assert active == [False] * 20 + [True] * 30


def test_deleted_user_is_restored(site: str, entra: Entra, browser: Browser, screenshots: Path) -> None:
    tenant_id = entra.tenant_id
    ada = entra.hire(1)[0]
    group = {"schemas": [urns.GROUP], "displayName": "Engineers", "members": [{"value": ada}]}
    group_id = entra.ask("POST", "/Groups", group).json()["id"]
    with open_console(browser, site, tenant_id) as visitor:
        page = visitor.open("/console/directory/trash")
        read_page(page, screenshots, "trash-empty")
        entra.ask("DELETE", f"/Users/{ada}")
        page.get_by_label("Search").fill("PERSON00")
        page.get_by_role("button", name="Search").click()
        read_page(page, screenshots, "trash")
        page.get_by_role("link", name=re.compile("Restore.*person00@example.test")).click()
        read_page(page, screenshots, "trash-restore")
        page.get_by_role("button", name="Restore").click()
        assert page.get_by_text("person00@example.test is back").is_visible()
    assert entra.ask("GET", f"/Users/{ada}").json()["userName"] == "person00@example.test"
    assert [member["value"] for member in entra.ask("GET", f"/Groups/{group_id}").json()["members"]] == [ada]
    entra.ask("DELETE", f"/Users/{ada}")
    with open_console(browser, site, tenant_id, Role.VIEWER) as visitor:
        page = visitor.open(f"/console/directory/trash/{ada}")
        assert page.get_by_role("button", name="Restore").count() == 0
        assert page.get_by_text("This needs the role admin").is_visible()
