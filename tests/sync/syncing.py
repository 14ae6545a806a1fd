"""What the tests of sync do to a tenant: hire, change, form groups, and let the ledger and workers have their turns."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from audit.actors import command_origin, system_origin
from labsninja.kernel.isolation import cross_tenant, tenant_scope
from scim.protocol import urns
from scim.protocol.dialects.base import Reading
from scim.queries import find_present_schemas
from scim.services.feed import dispatch_changes
from scim.services.resources import create_resource, delete_resource, patch_resource
from scim.services.writes import Writing
from scim.sync.planner import plan_run
from scim.sync.services.connectors import Settings, create_connector, start_connector
from scim.sync.services.runs import finish_run, request_run
from scim.sync.store import run_statement
from scim.sync.store.connectors import Connector, find_connector
from scim.sync.store.links import Link, fan_out, read_links
from scim.sync.store.runs import Run, find_run
from scim.sync.worker import drain_connector
from tests.sync.quirk_server import QuirkServer

ORIGIN = command_origin("test")


@dataclass
class Site:
    """A tenant's directory and one connector."""

    tenant_id: UUID
    connector_id: UUID
    target: QuirkServer

    @classmethod
    def make(cls, tenant_id: UUID, target: QuirkServer, **settings: Any) -> "Site":
        made = Settings(url=target.url, **settings)
        connector_id = create_connector(
            name=f"Target {target.url}", kind="scim", settings=made, secret=target.quirks.token, origin=ORIGIN
        )
        start_connector(connector_id=connector_id, origin=ORIGIN)
        return cls(tenant_id, connector_id, target)

    def hire(self, *names: str, **attributes: Any) -> list[UUID]:
        bodies = ({"schemas": [urns.USER], "userName": name, "active": True, **attributes} for name in names)
        return [create_resource(body=body, writing=_writing("User")).id for body in bodies]

    def form(self, name: str, members: Iterable[UUID] = ()) -> UUID:
        held = [{"value": str(member)} for member in members]
        body = {"schemas": [urns.GROUP], "displayName": name, "members": held}
        return create_resource(body=body, writing=_writing("Group")).id

    def change(self, resource_id: UUID, *operations: dict[str, Any], kind: str = "User") -> None:
        body = {"schemas": [urns.PATCH_OP], "Operations": list(operations)}
        patch_resource(resource_id=resource_id, body=body, writing=_writing(kind))

    def dismiss(self, resource_id: UUID, kind: str = "User") -> None:
        delete_resource(resource_id=resource_id, writing=_writing(kind))

    def sync(self, *, rounds: int = 8) -> int:
        """Feed, links, workers, until nothing is due; gives how many resources were looked at."""
        total = 0
        for _round in range(rounds):
            self.notice()
            looked_at = drain_connector(connector_id=self.connector_id, draw=lambda: 0.0) or 0
            total += looked_at
            if not looked_at:
                break
        return total

    def notice(self) -> None:
        """What the ledger does: number the feed and mark the links."""
        with cross_tenant(reason="test", actor=ORIGIN):
            while dispatch_changes(tenant_id=self.tenant_id):
                pass
            with tenant_scope():
                while fan_out(connector_id=self.connector_id, limit=10_000):
                    pass

    def run(self, mode: str = "full") -> Run:
        """A run until nothing of it is left to do without a person."""
        return self.plan(request_run(connector_id=self.connector_id, mode=mode, origin=ORIGIN))

    def plan(self, run_id: UUID) -> Run:
        """Plan a run that was asked for, and follow it."""
        while not plan_run(run_id=run_id):
            pass
        return self.follow(run_id)

    def lose_everybody(self) -> None:
        """A source that shrinks behind everybody's back."""
        with tenant_scope():
            run_statement("UPDATE scim_resource SET deleted_at = now() WHERE tenant_id = %(tenant)s")

    def follow(self, run_id: UUID) -> Run:
        for _round in range(10):
            drain_connector(connector_id=self.connector_id, draw=lambda: 0.0)
            if finish_run(run_id=run_id):
                break
        return self.find_run(run_id)

    def find_run(self, run_id: UUID) -> Run:
        with tenant_scope():
            found = find_run(run_id=run_id)
        assert found is not None
        return found

    def link(self, resource_id: UUID) -> Link:
        with tenant_scope():
            return read_links(connector_id=self.connector_id, resource_ids=[resource_id])[resource_id]

    def connector(self) -> Connector:
        with tenant_scope():
            found = find_connector(connector_id=self.connector_id)
        assert found is not None
        return found


def _writing(kind: str) -> Writing:
    resource_type = find_present_schemas().resource_type(kind)
    assert resource_type is not None
    return Writing(resource_type, system_origin("test"), Reading())
