"""The keys of the console: the list of them as a page, the letters of sections, and the switch of this browser."""

from uuid import UUID

import pytest
from django.test import Client

from portal.console.shortcuts import SECTIONS
from portal.templatetags.realms import NAVIGATION
from tenants.models import Role
from tenants.realms import CONSOLE
from tests.portal.signing_in import make_member, open_session

pytestmark = pytest.mark.usefixtures("database")
ADDRESS = "/console/shortcuts"


def test_every_section_has_a_letter_of_its_own() -> None:
    assert list(SECTIONS) == [view for view, _ in NAVIGATION["console"]]
    assert len(set(SECTIONS.values())) == len(SECTIONS)


def test_keys_are_listed_and_turned_off_in_one_browser(client: Client, tenant_id: UUID) -> None:
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id, Role.VIEWER))
    page = client.get(ADDRESS).content.decode()
    assert '<a class="link-text" href="/console/requests" data-go="r">Requests</a>' in page
    assert f'href="{ADDRESS}" data-shortcuts' in page
    off = client.post(f"{ADDRESS}/switch", {"keys": "off"}, follow=True).content.decode()
    assert "Shortcuts are off in this browser." in off
    assert "data-shortcuts" not in client.get("/console/account").content.decode()
    client.post(f"{ADDRESS}/switch", {"keys": "on"})
    assert "data-shortcuts" in client.get("/console/account").content.decode()
