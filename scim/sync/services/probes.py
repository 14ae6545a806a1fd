"""Whether a system answers: the test that people ask for, and the probes that end a quarantine."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from audit.actors import Origin
from labsninja.kernel.isolation import tenant_scope
from scim.sync.breaker import wait_for_probe
from scim.sync.drivers.building import build_driver
from scim.sync.services.connectors import close_quarantine, open_quarantine, open_secret
from scim.sync.store.connectors import find_connector, update_connector

UNDER_WAY: Final = timedelta(minutes=2)


def request_probe(*, connector_id: UUID, origin: Origin) -> None:
    """Note that a worker was asked, so that it is not asked again while it is at it."""
    with tenant_scope():
        found = find_connector(connector_id=connector_id, lock=True)
        if found is not None and found.state == "quarantined":
            update_connector(connector_id=connector_id, at=origin.at, probe_at=datetime.now(UTC) + UNDER_WAY)


def probe_connector(*, connector_id: UUID, origin: Origin) -> bool:
    """Ask once; whether it answers. A quarantine ends, or its next probe comes later."""
    with tenant_scope():
        connector = find_connector(connector_id=connector_id)
        if connector is None or connector.state != "quarantined":
            return False
        secret = open_secret(connector=connector)
    driver = build_driver(connector=connector, secret=secret)
    try:
        failure = driver.probe()
    finally:
        driver.close()
    with tenant_scope():
        current = find_connector(connector_id=connector_id, lock=True)
        if current is None or current.state != "quarantined":
            return failure is None
        if failure is None:
            close_quarantine(connector=current, origin=origin)
            return True
        probe_at = datetime.now(UTC) + wait_for_probe(current.failures + 1)
        open_quarantine(connector=current, cause=failure.told, probe_at=probe_at, origin=origin)
    return False
