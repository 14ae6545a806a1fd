"""The page of alerts: rules as they are and as they were saved, a test, webhooks, what was found, and who may what."""

import html
import re
from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from audit.actors import system_origin
from audit.streams.records import Stream
from labsninja.kernel.isolation import tenant_context
from scim.queries.alerts import list_alert_rules
from scim.services.alert_webhooks import list_alert_webhooks
from scim.services.alerts import evaluate_alerts
from tenants.models import Role, ScimClient
from tenants.realms import CONSOLE
from tenants.services.scim_clients import create_scim_client
from tests.portal.signing_in import make_member, open_session
from tests.scim.logged import log_requests

pytestmark = pytest.mark.usefixtures("database")
ADDRESS = "/console/health/alerts"
RULES = {
    "silence_enabled": "on",
    "errors_enabled": "on",
    "errors_email": "on",
    "errors_threshold": "35",
    "refused_threshold": "3",
    "limited_threshold": "50",
    "expiring_threshold": "14",
}
HOOK = {"url": "https://hooks.example.test/one"}


def _open(tenant_id: UUID, role: Role = Role.ADMIN) -> Client:
    client = Client()
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id, role))
    client.get("/console/", follow=True)
    return client


def _read(client: Client, address: str = ADDRESS) -> str:
    return html.unescape(" ".join(client.get(address).content.decode().split()))


def test_rules_are_saved_and_shown_again(tenant_id: UUID) -> None:
    admin = _open(tenant_id)
    assert 'name="errors_threshold" value="20"' in _read(admin)
    assert admin.post(f"{ADDRESS}/rules", RULES, follow=True).status_code == 200
    with tenant_context(tenant_id):
        rules = {rule.kind: (rule.enabled, rule.by_email, rule.threshold) for rule in list_alert_rules()}
    assert rules == {
        "silence": (True, False, 1),
        "errors": (True, True, 35),
        "refused": (False, False, 3),
        "limited": (False, False, 50),
        "expiring": (False, False, 14),
    }
    assert 'name="errors_threshold" value="35"' in _read(admin)


@pytest.mark.parametrize(("value", "told"), [("0", "between 1"), ("many", "whole number"), ("", "required")])
def test_threshold_that_is_none_is_refused_with_a_sentence(tenant_id: UUID, value: str, told: str) -> None:
    answer = _open(tenant_id).post(f"{ADDRESS}/rules", {**RULES, "errors_threshold": value})
    assert answer.status_code == 422
    assert told in answer.content.decode()


def test_webhook_is_added_with_its_secret_shown_once_and_removed(tenant_id: UUID) -> None:
    admin = _open(tenant_id)
    answer = admin.post(f"{ADDRESS}/webhooks", HOOK)
    assert "whsec_" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    page = _read(admin)
    assert "https://hooks.example.test" in page
    assert "whsec_" not in page
    assert "a test" in html.unescape(admin.post(f"{ADDRESS}/test", follow=True).content.decode()).lower()
    [stream] = _webhooks(tenant_id)
    admin.post(f"{ADDRESS}/webhooks/{stream.id}/remove")
    assert _webhooks(tenant_id) == []
    assert admin.post(f"{ADDRESS}/webhooks/{stream.id}/remove").status_code == 404
    assert admin.post(f"{ADDRESS}/webhooks/{stream.id}/resume").status_code == 404


def _webhooks(tenant_id: UUID) -> list[Stream]:
    with tenant_context(tenant_id):
        return list(list_alert_webhooks())


def test_address_that_is_none_is_refused_beside_its_field(tenant_id: UUID) -> None:
    answer = _open(tenant_id).post(f"{ADDRESS}/webhooks", {"url": "nonsense"})
    assert answer.status_code == 422
    assert re.search(r'id="id_url_error"[^>]*>This address cannot be used', answer.content.decode())


def test_what_was_found_is_listed(tenant_id: UUID) -> None:
    with tenant_context(tenant_id):
        okta = create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=system_origin("test"))
    log_requests(okta, *[409] * 30)
    with tenant_context(tenant_id):
        assert evaluate_alerts(origin=system_origin("test")) == 1
    page = _read(_open(tenant_id))
    assert "Error rate of Okta" in page
    assert "30 of 30 requests in the last hour were refused or failed." in page


@pytest.mark.parametrize("path", ["rules", "test", "webhooks"])
def test_viewer_sees_and_cannot_do(tenant_id: UUID, path: str) -> None:
    viewer = _open(tenant_id, Role.VIEWER)
    page = _read(viewer)
    assert "To change them takes the role admin" in page
    assert "<button" not in page.partition("<main")[2]
    assert viewer.post(f"{ADDRESS}/{path}", {**RULES, **HOOK}).status_code == 403


def test_webhook_of_another_tenant_is_not_there(tenant_id: UUID, make_tenant: Callable[[], UUID]) -> None:
    other = make_tenant()
    _open(other).post(f"{ADDRESS}/webhooks", HOOK)
    with tenant_context(other):
        [stream] = list_alert_webhooks()
    assert _open(tenant_id).post(f"{ADDRESS}/webhooks/{stream.id}/remove").status_code == 404
    assert len(_webhooks(other)) == 1
