"""Every page that may change something leaves its event; what it leaves stands in the transaction of the change."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern

from audit.actions import Action
from audit.models import AuditEvent
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_context, tenant_scope
from portal.accounts.urls import PATTERNS
from portal.console.urls import urlpatterns as console_patterns
from portal.customer.urls import urlpatterns as portal_patterns
from tenants.realms import PORTAL
from tests.completeness.desk import Desk
from tests.completeness.pages import ACCOUNT, TENANT, Deed
from tests.portal.signing_in import make_member, open_session

pytestmark = pytest.mark.usefixtures("database")
UUID_TEXT = "01900000-0000-7000-8000-000000000001"


@pytest.fixture
def desk(make_tenant: Callable[[], UUID]) -> Desk:
    return Desk(make_tenant())


def _takes_post(desk: Desk, prefix: str, pattern: URLPattern) -> bool:
    address = re.sub(r"<uuid:\w+>", UUID_TEXT, str(pattern.pattern))
    address = re.sub(r"<(?:str|slug|path):\w+>", "x", address)
    return bool(desk.client.post(prefix + address).status_code != 405)


@pytest.mark.parametrize(
    ("patterns", "listed"), [(PATTERNS, ACCOUNT), (console_patterns, TENANT)], ids=["account", "console"]
)
def test_every_page_that_takes_a_post_is_listed_with_its_event(
    make_tenant: Callable[[], UUID], patterns: list[Any], listed: dict[str, Deed]
) -> None:
    found = {
        pattern.name
        for pattern in patterns
        if _takes_post(Desk(make_tenant()), "/console/", pattern) and pattern.name != "enroll"
    }
    assert found == listed.keys()


def test_portal_has_no_page_that_acts_and_the_console_has_not(desk: Desk) -> None:
    desk.client = Client()
    open_session(desk.client, PORTAL, make_member(PORTAL, desk.tenant_id))
    acting = {pattern.name for pattern in portal_patterns if _takes_post(desk, "/portal/", pattern)}
    assert acting
    assert acting <= {pattern.name for pattern in console_patterns}


def _told(tenant_id: UUID, since: UUID | None) -> list[tuple[UUID, str]]:
    with tenant_context(tenant_id), tenant_scope():
        found = AuditEvent.objects.order_by("id").values_list("id", "action")
        return list(found.filter(id__gt=since) if since else found)


def _newest(tenant_id: UUID) -> UUID | None:
    told = _told(tenant_id, None)
    return told[-1][0] if told else None


@pytest.mark.capability("audit")
@pytest.mark.parametrize(("name", "deed"), [*ACCOUNT.items(), *TENANT.items()], ids=[*ACCOUNT, *TENANT])
def test_page_leaves_its_event(desk: Desk, name: str, deed: Deed) -> None:
    act, expected = deed
    where = DEPLOYMENT_TENANT_ID if name in ACCOUNT else desk.tenant_id
    before = _newest(where)
    assert act(desk).status_code in {200, 302, 422}
    actions = [action for _, action in _told(where, before)]
    assert (str(expected) in actions) if expected else actions == []


@pytest.mark.parametrize("name", [name for name, (_, expected) in TENANT.items() if expected])
def test_page_whose_event_is_refused_changes_nothing(desk: Desk, name: str, refuse: Callable[[str, str], None]) -> None:
    act, expected = TENANT[name]
    desk.client.raise_request_exception = False
    before = _newest(desk.tenant_id)
    refuse("audit_event", f"action <> '{expected}'")
    assert act(desk).status_code == 500
    assert isinstance(expected, Action)
    assert str(expected) not in [action for _, action in _told(desk.tenant_id, before)]
