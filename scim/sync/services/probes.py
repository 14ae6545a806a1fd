"""Whether a system answers: the test that people ask for, and the probes that end a quarantine."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, record_event
from labsninja.kernel.isolation import tenant_scope
from labsninja.kernel.outbound import OutboundClient, build_policy
from scim.sync.breaker import wait_for_probe
from scim.sync.drivers.building import build_driver, build_target
from scim.sync.services.connectors import (
    close_quarantine,
    lock_connector,
    make_target,
    open_quarantine,
    open_secret,
)
from scim.sync.store.connectors import find_connector, update_connector
from scim.targets import Report, check_connection
from tenants.models import Role
from tenants.services.roles import check_role

UNDER_WAY: Final = timedelta(minutes=2)


def check_connector(*, connector_id: UUID, origin: Origin) -> Report:
    """Get to know its system without changing anything there; what was learned is kept. Raises RoleRefusedError,
    UnknownConnectorError.
    """
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        connector = lock_connector(connector_id=connector_id)
        secret = open_secret(connector=connector)
    with OutboundClient(policy=build_policy(settings.LABSNINJA_OUTBOUND)) as client:
        report = check_connection(build_target(connector=connector, secret=secret, client=client))
    with tenant_scope():
        lock_connector(connector_id=connector_id)
        update_connector(connector_id=connector_id, at=origin.at, profile=report.profile.to_dict())
        told = "usable" if report.is_usable else "not usable"
        target = make_target(connector_id=connector_id, name=connector.name)
        record_event(event=Event(Action.CONNECTOR_TESTED, target, details={"reason": told}), origin=origin)
    return report


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
