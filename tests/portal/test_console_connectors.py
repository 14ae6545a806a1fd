"""The console's pages about connectors and runs, with a target on loopback behind them."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client, override_settings

from labsninja.kernel.isolation import tenant_context
from tenants.models import Role
from tenants.realms import CONSOLE
from tests.portal.signing_in import make_member, open_session
from tests.sync.quirk_server import QuirkServer, serving
from tests.sync.reaching import LOOPBACK
from tests.sync.syncing import Site

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(name="target")
def _target() -> Iterator[QuirkServer]:
    with serving() as server, override_settings(LABSNINJA_OUTBOUND=LOOPBACK):
        yield server


@pytest.fixture
def owner(client: Client, tenant_id: UUID) -> Client:
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id, Role.OWNER))
    client.get("/console/", follow=True)
    return client


def test_connector_is_added_tested_started_and_run(owner: Client, target: QuirkServer, tenant_id: UUID) -> None:
    form = {"name": "Slack", "preset": "generic", "url": "nowhere", "secret": "s", "leaving": "delete"}
    refused = owner.post("/console/connectors/new", form)
    assert refused.status_code == 422
    assert "An address looks like" in refused.content.decode()
    made = owner.post("/console/connectors/new", {**form, "url": target.url, "secret": target.quirks.token})
    address = made.headers["Location"]
    assert "Nothing is sent yet" in owner.get(address).content.decode()
    assert target.quirks.token not in owner.get(f"{address}/edit").content.decode()
    assert "The system can be written to" in owner.post(f"{address}/test").content.decode()
    with tenant_context(tenant_id):
        site = Site(tenant_id, UUID(address.rsplit("/", 1)[1]), target)
        site.hire("ada", "bob")
    owner.post(f"{address}/start")
    run = owner.post(f"{address}/run", {"mode": "full"}).headers["Location"]
    with tenant_context(tenant_id):
        site.plan(UUID(run.rsplit("/", 1)[1]))
    page = owner.get(run).content.decode()
    assert "succeeded" in page
    assert re.search(r"2\s+looked at, 2 to do, 2 done, 0 failed", page)
    assert "Create ada" in owner.get(address).content.decode()
    assert target.names == ["ada", "bob"]


def test_plan_that_removes_many_is_shown_and_approved_as_it_was_seen(
    owner: Client, target: QuirkServer, tenant_id: UUID
) -> None:
    with tenant_context(tenant_id):
        site = Site.make(tenant_id, target)
        site.hire(*(f"p{number}" for number in range(12)))
        site.sync()
        site.lose_everybody()
        run = site.run()
    page = owner.get(f"/console/runs/{run.id}?action=deactivate").content.decode()
    assert "12 of 12 would be deactivated or deleted" in page
    assert all(f"p{number}" in page for number in range(12))
    plan = re.search(r'name="plan" value="([0-9a-f]{64})"', page)
    assert plan
    owner.post(f"/console/runs/{run.id}/approve", {"plan": "00" * 32})
    with tenant_context(tenant_id):
        assert site.find_run(run.id).state == "awaiting_approval"
    owner.post(f"/console/runs/{run.id}/approve", {"plan": plan[1]})
    with tenant_context(tenant_id):
        assert site.follow(run.id).state == "succeeded"
    assert {user["active"] for user in target.users.values()} == {False}
