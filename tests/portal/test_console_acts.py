"""What an operator does by hand: the write of an identity provider, made by the operator, who was asked first."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from audit.queries import list_events
from labsninja.kernel.isolation import tenant_context
from tenants.models import Role
from tenants.realms import CONSOLE
from tests.portal.provisioning import Provider
from tests.portal.signing_in import make_member, open_session

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def admin(tenant_id: UUID) -> Client:
    return _enter(tenant_id, Role.ADMIN)


def _enter(tenant_id: UUID, role: Role) -> Client:
    client = Client()
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id, role))
    client.get("/console/", follow=True)
    return client


def _text(answer: Any) -> str:
    return str(answer.content.decode())


def _do(client: Client, act: str, resource_id: str, version: int = 1, kind: str = "users") -> Any:
    return client.post(f"/console/directory/{kind}/{resource_id}/{act}", {"version": version}, follow=True)


def test_user_is_deactivated_and_activated_with_the_operator_in_history_and_event(
    admin: Client, okta: Provider, tenant_id: UUID
) -> None:
    ada = okta.add_user("ada@example.test")
    page = _do(admin, "deactivate", ada)
    assert "The user is deactivated" in _text(page)
    assert okta.send("get", f"/Users/{ada}").json()["active"] is False
    with tenant_context(tenant_id):
        event = list_events(newest=1)[0]
    assert (event.action, event.actor_kind, event.target_id) == ("scim.user.updated", "operator", ada)
    assert page.context["steps"][0]["step"].actor.label == event.actor_label
    assert "The user is active" in _text(_do(admin, "activate", ada, 2))
    assert okta.send("get", f"/Users/{ada}").json()["active"] is True


def test_user_is_deleted_and_leaves_their_groups(admin: Client, okta: Provider) -> None:
    ada = okta.add_user("ada@example.test")
    lab = okta.add_group("Lab", ada)
    assert "The user is deleted" in _text(_do(admin, "delete", ada))
    assert okta.send("get", f"/Users/{ada}").status_code == 404
    assert "members" not in okta.send("get", f"/Groups/{lab}").json()
    again = _do(admin, "delete", ada, 2)
    assert "On the wire the id answers 404" in _text(again)


def test_group_is_deleted_and_its_members_stay(admin: Client, okta: Provider) -> None:
    ada = okta.add_user("ada@example.test")
    lab = okta.add_group("Lab", ada)
    assert "The group is deleted" in _text(_do(admin, "delete", lab, kind="groups"))
    assert okta.send("get", f"/Groups/{lab}").status_code == 404
    assert okta.send("get", f"/Users/{ada}").status_code == 200


@pytest.mark.parametrize("version", ["1", "", "x", "999999999999"])
def test_act_on_what_was_changed_meanwhile_is_refused(admin: Client, okta: Provider, version: Any) -> None:
    ada = okta.add_user("ada@example.test")
    okta.replace(ada, "title", "Engineer")
    refused = _do(admin, "deactivate", ada, version)
    assert (refused.status_code, "It was changed after this page was opened" in _text(refused)) == (412, True)
    assert okta.send("get", f"/Users/{ada}").json()["active"] is True


@pytest.mark.parametrize(("kind", "act"), [("users", "deactivate"), ("users", "delete"), ("groups", "delete")])
def test_viewer_sees_the_question_without_its_button_and_is_refused(
    okta: Provider, tenant_id: UUID, kind: str, act: str
) -> None:
    viewer = _enter(tenant_id, Role.VIEWER)
    found = {"users": okta.add_user("ada@example.test"), "groups": okta.add_group("Lab")}[kind]
    asked = _text(viewer.get(f"/console/directory/{kind}/{found}/{act}"))
    assert "This needs the role admin" in asked
    assert "btn-primary" not in asked
    assert f"/{act}" not in _text(viewer.get(f"/console/directory/{kind}/{found}"))
    refused = _do(viewer, act, found, kind=kind)
    assert (refused.status_code, "This needs the role admin" in _text(refused)) == (403, True)
    assert okta.send("get", f"/{kind.title()}/{found}").status_code == 200


def test_act_on_another_tenants_user_is_404(admin: Client, make_tenant: Callable[[], UUID]) -> None:
    other = Provider(make_tenant())
    eve = other.add_user("eve@example.test")
    for found in (eve, str(uuid4())):
        assert [_do(admin, act, found).status_code for act in ("deactivate", "activate", "delete")] == [404] * 3
    assert other.send("get", f"/Users/{eve}").status_code == 200
