"""A request of the log tried once more: it tells what would happen today, and leaves nothing but that it was tried."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from audit.actions import Action
from audit.models import AuditEvent
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.models import Resource
from scim.queries.requests import RequestFilter, RequestRow, list_requests
from scim.services.request_log import flush_requests
from tenants.models import Role
from tenants.realms import CONSOLE
from tests.portal.provisioning import Provider
from tests.portal.signing_in import make_member, open_session

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def operator(client: Client, tenant_id: UUID) -> Client:
    return _enter(client, tenant_id, Role.OWNER)


def _enter(client: Client, tenant_id: UUID, role: Role) -> Client:
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id, role))
    client.get("/console/", follow=True)
    return client


def _newest(tenant_id: UUID) -> RequestRow:
    flush_requests(at_once=True)
    with tenant_context(tenant_id):
        return list_requests(wanted=RequestFilter()).rows[0]


def _try(operator: Client, row: RequestRow) -> tuple[int, str]:
    answer = operator.post(f"/console/requests/{row.id}/dry-run")
    return answer.status_code, " ".join(answer.content.decode().split())


def _count(tenant_id: UUID) -> tuple[dict[str, int], int, int]:
    """Documents by version, audit events but for the trials themselves, and logged requests."""
    flush_requests(at_once=True)
    with tenant_context(tenant_id), tenant_scope():
        versions = {str(one.id): one.version for one in Resource.objects.all()}
        events = AuditEvent.objects.exclude(action=Action.REQUEST_TRIED).exclude(action__startswith="accounts")
        return versions, events.count(), len(list_requests(wanted=RequestFilter()).rows)


def test_creation_is_tried_and_undone(operator: Client, okta: Provider, tenant_id: UUID) -> None:
    user_id = okta.add_user("ada@example.test")
    row = _newest(tenant_id)
    okta.send("delete", f"/Users/{user_id}")
    before = _count(tenant_id)
    status, page = _try(operator, row)
    assert (status, "Today the answer would be <strong>201</strong>, as it was then" in page) == (200, True)
    assert "What would change" in page
    assert "<code>userName</code>" in page
    assert _count(tenant_id) == before
    assert okta.send("get", "/Users").json()["totalResults"] == 0


def test_refusal_of_today_is_told(operator: Client, okta: Provider, tenant_id: UUID) -> None:
    okta.add_user("ada@example.test")
    row = _newest(tenant_id)
    before = _count(tenant_id)
    _, page = _try(operator, row)
    assert "<strong>409</strong> instead of 201" in page
    assert "Nothing would change" in page
    assert _count(tenant_id) == before
    assert okta.send("get", "/Users").status_code == 200  # what was bound and open is so no longer


@pytest.mark.parametrize("method", ["patch", "put", "delete"])
def test_write_is_tried_and_undone(operator: Client, okta: Provider, tenant_id: UUID, method: str) -> None:
    user_id = okta.add_user("ada@example.test", title="Countess")
    if method == "patch":
        okta.replace(user_id, "title", "Enchantress")
        row = _newest(tenant_id)
        okta.replace(user_id, "title", "Countess")
    elif method == "put":
        body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada@example.test"}
        okta.send("put", f"/Users/{user_id}", {**body, "title": "Enchantress"})
        row = _newest(tenant_id)
        okta.replace(user_id, "title", "Countess")
    else:
        okta.send("delete", f"/Users/{user_id}")
        row = _newest(tenant_id)
    before = _count(tenant_id)
    _, page = _try(operator, row)
    assert ("Enchantress" in page) is (method != "delete")
    assert ("<strong>404</strong> instead of 204" in page) is (method == "delete")
    assert _count(tenant_id) == before


def test_search_is_tried_with_its_query(operator: Client, okta: Provider, tenant_id: UUID) -> None:
    okta.add_user("ada@example.test")
    okta.add_user("bob@example.test")
    okta.send("get", "/Users?filter=userName+eq+%22ada%40example.test%22&count=5")
    _, page = _try(operator, _newest(tenant_id))
    assert "&quot;totalResults&quot;: 1" in page


def test_trial_is_an_event_of_who_tried(operator: Client, okta: Provider, tenant_id: UUID) -> None:
    okta.add_user("ada@example.test")
    _try(operator, _newest(tenant_id))
    with tenant_context(tenant_id), tenant_scope():
        event = AuditEvent.objects.get(action=Action.REQUEST_TRIED)
    assert (event.actor_kind, json.loads(event.canonical)["details"]["status"]) == ("operator", 409)


def test_password_is_left_out_and_the_rest_is_tried(operator: Client, okta: Provider, tenant_id: UUID) -> None:
    okta.add_user("ada@example.test", password="long and secret 1")
    status, page = _try(operator, _newest(tenant_id))
    assert (status, "<strong>409</strong>" in page) == (200, True)


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("/Users", {"userName": "ada", "title": "token=abcdefghijklmnop"}, "A secret was left out of its body"),
        ("/Users", {"userName": "ada", "title": "x" * 20_000}, "is not kept whole"),
        ("/Bulk", {"Operations": []}, "no Bulk request"),
    ],
    ids=["secret", "too-long", "bulk"],
)
def test_request_that_is_not_kept_whole_is_not_repeated(
    operator: Client, okta: Provider, tenant_id: UUID, path: str, body: Any, reason: str
) -> None:
    okta.send("post", path, body)
    row = _newest(tenant_id)
    page = operator.get(f"/console/requests/{row.id}").content.decode()
    assert reason in page
    assert "Try it again" not in page
    assert _try(operator, row)[0] == 422


def test_viewer_and_strangers_try_nothing(okta: Provider, tenant_id: UUID, make_tenant: Callable[[], UUID]) -> None:
    okta.add_user("ada@example.test")
    row = _newest(tenant_id)
    viewer = _enter(Client(), tenant_id, Role.VIEWER)
    assert "Try it again" not in viewer.get(f"/console/requests/{row.id}").content.decode()
    assert _try(viewer, row)[0] == 403
    assert _try(_enter(Client(), make_tenant(), Role.OWNER), row)[0] == 404


def test_header_of_a_client_makes_no_trial(okta: Provider) -> None:
    """The mark stands in META under a name that no header gets."""
    answer = Client().get("/scim/v2/Users", headers={"labsninja.trial": "1", "labsninja-trial": "1"})
    assert answer.status_code == 401
