"""Reading connectors, runs and what became of people, for the surfaces: each query is one short scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from labsninja.kernel.isolation import tenant_scope
from scim.sync.errors import UnknownConnectorError, UnknownRunError
from scim.sync.store.connectors import Connector, find_connector, read_connectors
from scim.sync.store.items import Item, read_items
from scim.sync.store.links import Link, count_links, read_links_of
from scim.sync.store.plans import PlanItem, read_plan_items
from scim.sync.store.runs import Run, find_run, read_runs
from scim.sync.store.sources import read_sources
from scim.sync.store.troubles import Trouble, group_troubles, read_staged

NEWEST: Final = 20
PAGE: Final = 50
START: Final = UUID(int=0)


@dataclass(frozen=True)
class ConnectorState:
    """A connector with the number of its links by state."""

    connector: Connector
    counts: Mapping[str, int]

    @property
    def waiting(self) -> int:
        return sum(self.counts.get(state, 0) for state in ("pending", "leased", "retry"))

    @property
    def failed(self) -> int:
        return self.counts.get("failed", 0) + self.counts.get("conflict", 0)

    @property
    def in_step(self) -> int:
        return self.counts.get("applied", 0)

    @property
    def staged(self) -> int:
        return self.counts.get("staged", 0)


@dataclass(frozen=True)
class ConnectorPage:
    """What the page about a connector shows."""

    state: ConnectorState
    runs: Sequence[Run]
    troubles: Sequence[Trouble]
    staged: Sequence[tuple[Link, str]]
    items: Sequence[tuple[Item, str]]


def list_connectors() -> list[ConnectorState]:
    """All of the bound tenant, by name."""
    with tenant_scope():
        return [ConnectorState(found, count_links(connector_id=found.id)) for found in read_connectors()]


def find_connector_page(*, connector_id: UUID) -> ConnectorPage:
    """Raises UnknownConnectorError."""
    with tenant_scope():
        found = find_connector(connector_id=connector_id)
        if found is None:
            raise UnknownConnectorError("There is no such connector.")
        staged = read_staged(connector_id=connector_id, after=START, limit=PAGE)
        items = read_items(by="connector", of=connector_id, limit=NEWEST)
        named = {link.resource_id for link in staged} | {item.resource_id for item in items}
        names = {source.id: source.name for source in read_sources(resource_ids=named).values()}
        return ConnectorPage(
            ConnectorState(found, count_links(connector_id=connector_id)),
            read_runs(connector_id=connector_id, limit=NEWEST),
            group_troubles(connector_id=connector_id),
            [(link, names.get(link.resource_id, "")) for link in staged],
            [(item, names.get(item.resource_id, "")) for item in items],
        )


def find_run_page(
    *, run_id: UUID, actions: Sequence[str], after: UUID = START
) -> tuple[Run, Connector, list[PlanItem]]:
    """A run, its connector, and a page of its plan with those actions. Raises UnknownRunError."""
    with tenant_scope():
        run = find_run(run_id=run_id)
        connector = find_connector(connector_id=run.connector_id) if run else None
        if run is None or connector is None:
            raise UnknownRunError("There is no such run.")
        return run, connector, read_plan_items(run_id=run_id, actions=actions, after=after, limit=PAGE + 1)


def list_states_of(*, resource_id: UUID) -> list[tuple[Connector, Link]]:
    """How one resource stands with every connector that has to do with it."""
    with tenant_scope():
        connectors = {found.id: found for found in read_connectors()}
        links = read_links_of(resource_id=resource_id)
        return [(connectors[connector_id], link) for connector_id, link in links if connector_id in connectors]
