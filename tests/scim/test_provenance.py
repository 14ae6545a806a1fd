"""What a write leaves behind: a change row and an audit event in its transaction, which say who did it from where."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from audit.models import AuditEvent
from audit.personal import open_events, tell_event
from labsninja.kernel.isolation import tenant_context, tenant_scope
from labsninja.kernel.secrets.data_keys import key_cache
from scim.models import Change, Resource
from tests.scim.conftest import USER, Provider

ADA = {"schemas": [USER], "userName": "ada@example.com", "password": "correct horse battery staple"}
AGENT = "Okta SCIM Client 1.0.0"


def _rows(provider: Provider) -> tuple[list[Resource], list[Change], list[AuditEvent]]:
    """Everything the tenant has of the directory, its changes, and events about it."""
    with tenant_context(provider.tenant_id), tenant_scope():
        events = list(AuditEvent.objects.filter(action__startswith="scim."))
        open_events(events)
        return list(Resource.objects.all()), list(Change.objects.order_by("id")), events


def _event(provider: Provider) -> tuple[AuditEvent, dict[str, Any]]:
    (event,) = _rows(provider)[2]
    return event, tell_event(event)


def test_creation_leaves_one_change_and_one_event(provider: Provider) -> None:
    created = provider.create("ada@example.com")
    (resource,), (change,), (event,) = _rows(provider)
    assert (str(resource.id), resource.version) == (created["id"], 1)
    assert (change.resource_id, change.version, change.kind) == (resource.id, 1, "created")
    assert (change.before, change.after) == (None, resource.document)
    assert (event.action, event.outcome, event.target_id) == ("scim.user.created", "done", created["id"])


def test_deletion_leaves_one_change_and_one_event(provider: Provider) -> None:
    created = provider.create("ada@example.com")
    provider.send("DELETE", f"/Users/{created['id']}")
    (resource,), (_, change), (_, event) = _rows(provider)
    assert (resource.version, resource.deleted_at) == (2, change.at)
    assert (change.version, change.kind, change.before, change.after) == (2, "deleted", resource.document, None)
    assert (event.action, event.target_id) == ("scim.user.deleted", created["id"])
    assert event.target_display == "ada@example.com"


def test_event_names_actor_token_address_agent_and_request(provider: Provider) -> None:
    answer = provider.send("POST", "/Users", ADA, **{"User-Agent": AGENT})
    event, whole = _event(provider)
    assert whole["actor"] == {
        "kind": "scim_client",
        "id": str(provider.scim_client.id),
        "label": "Okta",
        "token": provider.issued.token.prefix,
    }
    assert whole["origin"] == {
        "surface": "scim",
        "address": "127.0.0.1",
        "userAgent": AGENT,
        "request": answer.headers["X-Request-Id"],
    }
    assert whole["target"] == {"type": "User", "id": json.loads(answer.content)["id"], "display": "ada@example.com"}
    assert (event.actor_id, event.token_prefix) == (str(provider.scim_client.id), provider.issued.token.prefix)
    assert (event.address, event.user_agent) == ("127.0.0.1", AGENT)


def test_change_and_event_carry_the_request_id_of_the_answer(provider: Provider) -> None:
    answer = provider.send("POST", "/Users", ADA)
    _, (change,), (event,) = _rows(provider)
    assert change.request_id == event.request_id == answer.headers["X-Request-Id"]
    assert change.actor_id == str(provider.scim_client.id)
    assert UUID(event.request_id).version == 7


def test_request_id_is_ours_and_never_the_callers(provider: Provider) -> None:
    first = provider.send("GET", "/Users", **{"X-Request-Id": "chosen"})
    second = provider.send("GET", "/Users", **{"X-Request-Id": "chosen"})
    assert len({"chosen", first.headers["X-Request-Id"], second.headers["X-Request-Id"]}) == 3


def test_event_tells_what_was_set(provider: Provider) -> None:
    provider.create("ada@example.com", active=True)
    told = {change["path"]: change["after"] for change in _event(provider)[1]["changes"]}
    assert (told["userName"], told["active"]) == ("ada@example.com", True)


def test_password_and_token_are_in_no_row(provider: Provider) -> None:
    provider.send("POST", "/Users", ADA, **{"User-Agent": AGENT})
    with tenant_context(provider.tenant_id), tenant_scope() as scope:
        tables = ("scim_resource", "scim_change", "audit_event", "tenants_client_token")
        whole = "".join(
            row for table in tables for (row,) in scope.execute(f"SELECT t::text FROM {table} t", None).fetchall()
        )
    assert "ada@example.com" in whole
    assert "correct horse" not in whole
    assert "password" not in whole
    assert provider.issued.text[19:62] not in whole


@pytest.mark.parametrize(
    ("table", "condition"),
    [("audit_event", "action <> 'scim.user.created'"), ("scim_change", "kind <> 'created'")],
)
def test_creation_without_its_event_or_change_does_not_happen(
    provider: Provider, refuse: Callable[[str, str], None], table: str, condition: str
) -> None:
    refuse(table, condition)
    assert provider.send("POST", "/Users", ADA).status_code == 500
    assert _rows(provider) == ([], [], [])


def test_write_whose_event_cannot_be_sealed_is_503_and_does_not_happen(provider: Provider, settings: Any) -> None:
    """The key encryption key is gone: personal values could be told in clear or not at all."""
    provider.create("bob@example.com")
    settings.LABSNINJA_ENCRYPTION_KEYS = {"another": bytes(32)}
    key_cache.clear()
    assert provider.send("POST", "/Users", ADA).status_code == 503
    assert [len(rows) for rows in _rows(provider)] == [1, 1, 1]


def test_deletion_without_its_event_does_not_happen(provider: Provider, refuse: Callable[[str, str], None]) -> None:
    path = f"/Users/{provider.create('ada@example.com')['id']}"
    refuse("audit_event", "action <> 'scim.user.deleted'")
    assert provider.send("DELETE", path).status_code == 500
    assert provider.send("GET", path).status_code == 200
    assert [len(rows) for rows in _rows(provider)] == [1, 1, 1]


@pytest.mark.parametrize("body", [{"schemas": [USER]}, ADA], ids=["invalid", "duplicate"])
def test_refused_creation_leaves_nothing(provider: Provider, body: dict[str, Any]) -> None:
    provider.create("ada@example.com")
    assert provider.send("POST", "/Users", body).status_code in {400, 409}
    assert [len(rows) for rows in _rows(provider)] == [1, 1, 1]


def test_reading_leaves_nothing(provider: Provider) -> None:
    for path in ("/Users", "/Users/-"):
        provider.send("GET", path)
    assert _rows(provider) == ([], [], [])


def test_one_client_after_another_in_one_thread_is_told_apart(make_provider: Callable[[], Provider]) -> None:
    one, other = make_provider(), make_provider()
    for number in range(5):
        for provider in (one, other):
            provider.create(f"user{number}@example.com")
    for provider in (one, other):
        resources, changes, events = _rows(provider)
        assert {row.tenant_id for row in (*resources, *changes, *events)} == {provider.tenant_id}
        assert (len(resources), len(changes), len(events)) == (5, 5, 5)
