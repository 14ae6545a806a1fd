"""The request log as a file: what the search finds, for no spreadsheet to calculate, and told as an event."""

import json
from collections.abc import Callable
from uuid import UUID

import pytest

from audit.presenters import describe_event
from audit.queries import list_events
from labsninja.kernel.isolation import tenant_context
from scim.protocol import urns
from scim.services.request_export import BATCH
from tenants.models import Role
from tests.portal.downloads import enter_console, read_file, read_rows
from tests.portal.provisioning import Provider
from tests.scim.logged import log_requests

pytestmark = pytest.mark.usefixtures("database")
EXPORT = "/console/requests/export"


def test_file_has_what_the_search_finds_and_taking_it_is_an_event(okta: Provider, tenant_id: UUID) -> None:
    admin = enter_console(tenant_id)
    okta.add_user("=cmd|calc", displayName="Ada")
    okta.send("post", "/Users", {"schemas": [urns.USER], "userName": "=cmd|calc"})
    okta.send("get", "/Users")
    okta.flush()
    (row,) = read_rows(admin.post(EXPORT, {"form": "csv", "q": "status:409 method:POST"}))
    assert (row["client"], row["status"], row["scimType"], row["subject"]) == (
        "Okta",
        "409",
        "uniqueness",
        "'=cmd|calc",
    )
    lines = [
        json.loads(line) for line in read_file(admin.post(EXPORT, {"form": "jsonl", "method": "POST"})).splitlines()
    ]
    assert [line["status"] for line in lines] == [409, 201]
    assert lines[1]["request"]["displayName"] == "Ada"
    assert lines[1]["response"]["userName"] == "=cmd|calc"
    with tenant_context(tenant_id):
        event = list_events(newest=1)[0]
    assert event.action == "scim.requests.exported"
    assert json.loads(event.canonical)["details"] == {"form": "jsonl", "query": "?method=POST"}
    assert "exported the log: requests as JSONL" in describe_event(event)


def test_more_than_a_batch_is_whole_and_of_no_other_tenant(
    okta: Provider, tenant_id: UUID, make_tenant: Callable[[], UUID]
) -> None:
    with tenant_context(tenant_id):
        log_requests(okta.client, *[200] * (BATCH + 1))
    other = Provider(make_tenant())
    other.send("get", "/Users")
    other.flush()
    assert len({row["id"] for row in read_rows(enter_console(tenant_id).post(EXPORT, {"form": "csv"}))}) == BATCH + 1


def test_viewer_and_what_cannot_be_read_lead_back_to_the_list(okta: Provider, tenant_id: UUID) -> None:
    okta.send("get", "/Users")
    okta.flush()
    viewer = enter_console(tenant_id, Role.VIEWER)
    assert "requests/export" not in viewer.get("/console/requests").content.decode()
    answer = viewer.post(EXPORT, {"form": "csv"}, follow=True)
    assert "This needs the role admin" in answer.content.decode()
    admin = enter_console(tenant_id)
    assert "requests/export" in admin.get("/console/requests").content.decode()
    assert admin.post(EXPORT, {"form": "xls"}).status_code == 302
    assert admin.post(EXPORT, {"form": "csv", "q": "metod:x"})["Location"] == "/console/requests?q=metod%3Ax"
