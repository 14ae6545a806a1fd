"""The client of targets carries people and groups to two real servers: LabsNinja itself, and scim2-server."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from audit.actors import system_origin
from labsninja.embedded.ports import pick_port
from labsninja.kernel.isolation import tenant_context
from labsninja.kernel.outbound import OutboundClient, build_policy
from scim.protocol import urns
from scim.targets import ErrorClass, Outcome, SCIMTarget, TargetError, check_connection, discover_profile
from tenants.models import ScimClient
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token
from tests.labsninja.processes import environment, served, started, wait_for
from tests.sync.reaching import LOOPBACK

PEOPLE = 25


@pytest.fixture(scope="module")
def client() -> Iterator[OutboundClient]:
    with OutboundClient(policy=build_policy(LOOPBACK)) as made:
        yield made


@pytest.fixture(scope="module")
def labsninja(migrated_database: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(log=tmp_path_factory.mktemp("target") / "log") as web:
        yield f"{web.base_url!s}".rstrip("/") + "/scim/v2"


@pytest.fixture
def to_labsninja(labsninja: str, client: OutboundClient, make_tenant: Callable[[], UUID]) -> SCIMTarget:
    with tenant_context(make_tenant()):
        scim_client = create_scim_client(name="Sync", kind=ScimClient.Kind.CUSTOM, origin=system_origin("test"))
        token = issue_token(scim_client=scim_client, origin=system_origin("test"), scopes=SCOPES).text
    return SCIMTarget(base_url=labsninja, token=token, client=client)


@pytest.fixture
def to_scim2_server(client: OutboundClient, tmp_path: Path) -> Iterator[SCIMTarget]:
    port = pick_port()
    program = "from scim2_server.testserver.cli import main; main()"
    arguments = ["-c", program, "--port", str(port), "--bearer-token", "contract"]
    with started(arguments, log=tmp_path / "log", env=environment()):
        target = SCIMTarget(base_url=f"http://127.0.0.1:{port}/v2", token="contract", client=client)
        wait_for(lambda: _answers(target), seconds=20, told_by=tmp_path / "log")
        yield target


@pytest.fixture(params=["to_labsninja", "to_scim2_server"])
def target(request: pytest.FixtureRequest) -> SCIMTarget:
    found: SCIMTarget = request.getfixturevalue(request.param)
    found.profile = discover_profile(found)
    return found


def _answers(target: SCIMTarget) -> bool:
    try:
        return bool(target.list_page("User"))
    except TargetError:
        return False


def person(number: int, **more: Any) -> dict[str, Any]:
    name = {"givenName": "Ada", "familyName": f"Lovelace {number}"}
    emails = [{"value": f"ada{number}@example.com", "type": "work", "primary": True}]
    return {"schemas": [urns.USER], "userName": f"ada{number}", "name": name, "emails": emails, "active": True, **more}


def listed(target: SCIMTarget, resource_type: str) -> list[str]:
    ids: list[str] = []
    cursor = None
    while True:
        page = target.list_page(resource_type, cursor)
        ids.extend(stored.remote_id for stored in page.resources)
        cursor = page.cursor
        if cursor is None:
            return ids


def members(target: SCIMTarget, group: str) -> set[str]:
    document = target.read("Group", group).document or {}
    return {member["value"] for member in document.get("members", [])}


def test_people_and_groups_arrive_change_and_go(target: SCIMTarget) -> None:
    ids = [target.create("User", person(number)).remote_id for number in range(PEOPLE)]
    report = check_connection(target)
    assert [step.name for step in report.steps if step.outcome is not Outcome.WORKS] == []
    target.profile = report.profile.overridden({"page_size": 10, "max_members_per_patch": 10})
    assert sorted(listed(target, "User")) == sorted(ids)

    with pytest.raises(TargetError) as taken:
        target.create("User", person(0))
    assert taken.value.error_class is ErrorClass.CONFLICT
    assert [found.remote_id for found in target.find("User", "userName", "ADA0").resources] == [ids[0]]
    assert [found.remote_id for found in target.find("User", "emails.value", "ada1@example.com").resources] == [ids[1]]

    left = target.update("User", ids[0], operations=[{"op": "replace", "path": "active", "value": False}], document={})
    stored = target.read("User", ids[0])
    assert (stored.document or {})["active"] is False
    assert left.etag in {None, stored.etag}
    target.replace("User", ids[0], person(0, title="Countess"), stored.etag)
    assert (target.read("User", ids[0]).document or {})["title"] == "Countess"
    with pytest.raises(TargetError) as stale:
        target.replace("User", ids[0], person(0), stored.etag)
    assert stale.value.error_class is ErrorClass.TRANSIENT

    everybody = [{"value": found} for found in ids]
    group = target.create("Group", {"schemas": [urns.GROUP], "displayName": "Staff"}).remote_id
    target.patch("Group", group, [{"op": "add", "path": "members", "value": everybody}])
    assert members(target, group) == set(ids)
    target.patch("Group", group, [{"op": "remove", "path": "members", "value": everybody[:15]}])
    assert members(target, group) == set(ids[15:])

    assert target.delete("Group", group).was_there
    assert [target.delete("User", found).was_there for found in [ids[0], ids[0]]] == [True, False]
    assert sorted(listed(target, "User")) == sorted(ids[1:])


def test_wrong_token_is_told_from_a_wrong_address(target: SCIMTarget) -> None:
    wrong = SCIMTarget(base_url=target.wire.base_url, token="wrong", client=target.wire.client)
    assert check_connection(wrong).steps[-1].name == "Token"
    nowhere = SCIMTarget(base_url=f"{target.wire.base_url}/x", token=target.wire.token, client=target.wire.client)
    assert "SCIM base path" in check_connection(nowhere).steps[-1].words
