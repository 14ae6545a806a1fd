"""A list of the directory as a file: what the search finds, for no spreadsheet to calculate, and told as an event."""

import json
from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from audit.presenters import describe_event
from audit.queries import list_events
from bench.seeding import seed_directory
from labsninja.kernel.isolation import tenant_context
from scim.store.walking import BATCH
from tenants.models import Role
from tests.portal.downloads import enter_console, read_file, read_rows
from tests.portal.provisioning import Provider

pytestmark = pytest.mark.usefixtures("database")
USERS, GROUPS = "/console/directory/export", "/console/directory/groups/export"


@pytest.fixture
def admin(tenant_id: UUID) -> Client:
    return enter_console(tenant_id, Role.ADMIN)


def test_csv_has_what_the_search_finds_and_no_formulas(admin: Client, okta: Provider) -> None:
    okta.add_user("ada@example.test", displayName="=cmd|' /C calc'!A0", active=False, externalId="-1")
    okta.add_user("bob@example.test", displayName='Bob "B", Esq.')
    (row,) = read_rows(admin.post(USERS, {"form": "csv", "state": "inactive"}))
    assert (row["name"], row["displayName"], row["active"], row["externalId"]) == (
        "ada@example.test",
        "'=cmd|' /C calc'!A0",
        "false",
        "'-1",
    )
    assert [row["displayName"] for row in read_rows(admin.post(USERS, {"form": "csv", "text": "bob"}))] == [
        'Bob "B", Esq.'
    ]


def test_json_has_each_resource_as_the_wire_has_it(admin: Client, okta: Provider) -> None:
    lab = okta.add_group("Lab")
    assert json.loads(read_file(admin.post(GROUPS, {"form": "json"}))) == [okta.send("get", f"/Groups/{lab}").json()]
    assert json.loads(read_file(admin.post(USERS, {"form": "json"}))) == []


def test_more_than_a_batch_is_whole(admin: Client, okta: Provider, tenant_id: UUID) -> None:
    with tenant_context(tenant_id):
        seed_directory(users=BATCH + 1)
    assert len({row["id"] for row in read_rows(admin.post(USERS, {"form": "csv"}))}) == BATCH + 1
    assert len(json.loads(read_file(admin.post(USERS, {"form": "json", "text": "user"})))) == BATCH + 1


def test_export_is_an_event_before_its_first_byte(admin: Client, okta: Provider, tenant_id: UUID) -> None:
    admin.post(USERS, {"form": "csv", "text": "ada", "filter": "active eq true"})
    with tenant_context(tenant_id):
        event = list_events(newest=1)[0]
    assert event.action == "scim.directory.exported"
    assert json.loads(event.canonical)["details"] == {
        "form": "csv",
        "text": "ada",
        "state": "",
        "filter": "active eq true",
    }
    assert "exported users as CSV" in describe_event(event)


def test_viewer_may_not_export(okta: Provider, tenant_id: UUID) -> None:
    viewer = enter_console(tenant_id, Role.VIEWER)
    assert "Export" not in str(viewer.get("/console/directory").content)
    answer = viewer.post(USERS, {"form": "csv"}, follow=True)
    assert "This needs the role admin" in answer.content.decode()


@pytest.mark.parametrize(
    "asked", [{"form": "xls"}, {"form": "csv", "filter": "shoe eq 1"}, {"form": "csv", "state": "x"}]
)
def test_export_of_what_cannot_be_read_leads_back_to_the_list(admin: Client, asked: dict[str, str]) -> None:
    assert admin.post(USERS, asked).status_code == 302


def test_export_holds_nobody_of_another_tenant(admin: Client, okta: Provider, make_tenant: Callable[[], UUID]) -> None:
    okta.add_user("ada@example.test")
    Provider(make_tenant()).add_user("eve@example.test")
    assert [row["name"] for row in read_rows(admin.post(USERS, {"form": "csv"}))] == ["ada@example.test"]
