"""Connectors of the bound tenant: made as drafts, started, paused, and what ends a quarantine."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import uuid_utils.compat
from django.db import IntegrityError

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import current_tenant, tenant_scope
from labsninja.kernel.secrets import decrypt_secret, encrypt_secret
from scim.sync.errors import RefusedError, UnknownConnectorError
from scim.sync.guards import Limits
from scim.sync.services.mappings import insert_default_mappings
from scim.sync.store.connectors import (
    Connector,
    delete_connector,
    find_connector,
    insert_connector,
    read_connectors,
    update_connector,
)
from scim.targets.presets import TITLES
from tenants.models import Role
from tenants.services.roles import check_role

KINDS: Final[Mapping[str, str]] = {"scim": "SCIM 2.0", "webhook": "Webhook"}
MOST: Final = 20
LONGEST_NAME, LONGEST_ADDRESS, LONGEST_SECRET = 100, 2000, 4000
SYSTEMS: Final[Mapping[str, str]] = TITLES
LEAVING: Final[Mapping[str, str]] = {"deactivate": "Deactivate", "delete": "Delete"}
# From which states one may come.
STARTED_FROM: Final = frozenset({"draft", "paused", "disabled", "quarantined"})
PAUSED_FROM: Final = frozenset({"active", "quarantined"})


@dataclass(frozen=True)
class Settings:
    """What an operator says about a connector. `leaving`: what becomes of people there who leave here or its scope.

    `looks_first`: look for somebody who is there already before creating. `limits` are of the guards.
    """

    url: str
    preset: str = "generic"
    leaving: str = "deactivate"
    with_groups: bool = True
    looks_first: bool = True
    limits: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> "Settings":
        """Raises TypeError for a name that does not exist."""
        return cls(**found)

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"limits": dict(self.limits)}


def create_connector(*, name: str, kind: str, settings: Settings, secret: str, origin: Origin) -> UUID:
    """A draft, with a mapping that carries everything over. Raises RoleRefusedError, RefusedError."""
    connector_id = uuid_utils.compat.uuid7()
    _check(name, kind, settings, secret)
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        if len(read_connectors()) >= MOST:
            raise RefusedError(f"There are {MOST} connectors already, which is the most.")
        _check_name(name)
        values: dict[str, Any] = {
            "name": name,
            "kind": kind,
            "settings": settings.to_dict(),
            "secret": _seal(connector_id, secret),
        }
        with _refused_when_taken():
            insert_connector(connector_id=connector_id, at=origin.at, **values)
        if kind == "scim":
            insert_default_mappings(connector_id=connector_id, origin=origin)
        _record(Action.CONNECTOR_CREATED, connector_id, name, origin, details={"kind": kind, "url": settings.url})
    return connector_id


def change_connector(*, connector_id: UUID, name: str, settings: Settings, secret: str | None, origin: Origin) -> None:
    """Set what an operator says about it; the secret stays where it is None. Raises RoleRefusedError,
    UnknownConnectorError, RefusedError.
    """
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        found = lock_connector(connector_id=connector_id)
        _check(name, found.kind, settings, secret)
        _check_name(name, but=connector_id)
        old = {"name": found.name, **found.settings}
        new = {"name": name, **settings.to_dict()}
        changes = [{"path": key, "before": old.get(key), "after": new[key]} for key in new if old.get(key) != new[key]]
        values: dict[str, Any] = {"name": name, "settings": settings.to_dict()}
        if secret is not None:
            values["secret"] = _seal(connector_id, secret)
            changes.append({"path": "secret", "before": "(kept)", "after": "(replaced)"})
        if changes:
            with _refused_when_taken():
                update_connector(connector_id=connector_id, at=origin.at, **values)
            _record(Action.CONNECTOR_CHANGED, connector_id, name, origin, changes=changes)


def start_connector(*, connector_id: UUID, origin: Origin) -> None:
    """Let it work: from a draft, a pause or a quarantine. Raises RoleRefusedError, UnknownConnectorError,
    RefusedError.
    """
    _move(connector_id, STARTED_FROM, "active", Action.CONNECTOR_STARTED, origin)


def pause_connector(*, connector_id: UUID, origin: Origin) -> None:
    """Send nothing; what changes meanwhile is kept as one look each. Raises as start_connector."""
    _move(connector_id, PAUSED_FROM, "paused", Action.CONNECTOR_PAUSED, origin)


def remove_connector(*, connector_id: UUID, origin: Origin) -> None:
    """Forget it; its system keeps what it has. Raises RoleRefusedError, UnknownConnectorError, RefusedError."""
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        found = lock_connector(connector_id=connector_id)
        if found.state == "active":
            raise RefusedError("Pause it first.")
        delete_connector(connector_id=connector_id)
        _record(Action.CONNECTOR_REMOVED, connector_id, found.name, origin)


def open_quarantine(*, connector: Connector, cause: str, probe_at: datetime, origin: Origin) -> None:
    """Send nothing but probes until one succeeds. Call it within the open scope of who found it."""
    is_new = connector.state != "quarantined"
    failures = 0 if is_new else connector.failures + 1
    values: dict[str, Any] = {
        "state": "quarantined",
        "cause": cause,
        "probe_at": probe_at,
        "failures": failures,
        "breaker": {},
    }
    update_connector(connector_id=connector.id, at=origin.at, **values)
    if is_new:
        _record(Action.CONNECTOR_QUARANTINED, connector.id, connector.name, origin, details={"reason": cause})


def close_quarantine(*, connector: Connector, origin: Origin) -> None:
    """Its system answers again. Call it within the open scope."""
    values: dict[str, Any] = {"state": "active", "cause": "", "probe_at": None, "failures": 0, "breaker": {}}
    update_connector(connector_id=connector.id, at=origin.at, **values)
    _record(Action.CONNECTOR_RECOVERED, connector.id, connector.name, origin)


def lock_connector(*, connector_id: UUID) -> Connector:
    """The connector, locked until the open scope closes. Raises UnknownConnectorError."""
    found = find_connector(connector_id=connector_id, lock=True)
    if found is None:
        raise UnknownConnectorError("There is no such connector any more.")
    return found


def open_secret(*, connector: Connector) -> str:
    """The secret in the clear, for the call that needs it; '' when there is none."""
    if connector.secret is None:
        return ""
    place: dict[str, Any] = {"table": "sync_connector", "column": "secret", "row": connector.id}
    return decrypt_secret(tenant_id=current_tenant(), ciphertext=connector.secret, **place).decode()


def make_target(*, connector_id: UUID, name: str) -> Target:
    """Of audit events about the connector."""
    return Target("Connector", str(connector_id), name)


def _seal(connector_id: UUID, secret: str) -> bytes | None:
    if not secret:
        return None
    place: dict[str, Any] = {"table": "sync_connector", "column": "secret", "row": connector_id}
    return encrypt_secret(tenant_id=current_tenant(), plaintext=secret.encode(), **place)


def _move(connector_id: UUID, froms: frozenset[str], state: str, action: Action, origin: Origin) -> None:
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        found = lock_connector(connector_id=connector_id)
        if found.state not in froms:
            raise RefusedError(f"This cannot be done while the connector is {found.state}.")
        values: dict[str, Any] = {"state": state, "cause": "", "probe_at": None, "failures": 0, "breaker": {}}
        update_connector(connector_id=connector_id, at=origin.at, **values)
        _record(action, connector_id, found.name, origin)


def _check(name: str, kind: str, settings: Settings, secret: str | None) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise RefusedError(f"A name has 1 to {LONGEST_NAME} characters.", field="name")
    if kind not in KINDS:
        raise RefusedError("There is no such kind of connector.", field="kind")
    address = urlsplit(settings.url)
    if address.scheme not in {"http", "https"} or not address.hostname or len(settings.url) > LONGEST_ADDRESS:
        raise RefusedError("An address looks like https://scim.example.com/v2.", field="url")
    if address.query or address.fragment or address.username or address.password:
        raise RefusedError("The address may have no user name, query or fragment.", field="url")
    if settings.leaving not in LEAVING:
        raise RefusedError("Choose what becomes of people who leave.", field="leaving")
    if secret is not None and len(secret) > LONGEST_SECRET:
        raise RefusedError(f"A token has at most {LONGEST_SECRET} characters.", field="secret")
    try:
        Limits.from_dict(settings.limits)
    except (TypeError, ValueError) as error:
        raise RefusedError("A limit is a whole number between 0 and 1,000,000.", field="limits") from error


def _check_name(name: str, *, but: UUID | None = None) -> None:
    if any(other.name.lower() == name.lower() and other.id != but for other in read_connectors()):
        raise RefusedError("Another connector has this name.", field="name")


@contextmanager
def _refused_when_taken() -> Iterator[None]:
    """Of two who choose the same name at the same moment the second is told like any other."""
    try:
        yield
    except IntegrityError as error:
        raise RefusedError("Another connector has this name.", field="name") from error


def _record(
    action: Action,
    connector_id: UUID,
    name: str,
    origin: Origin,
    *,
    changes: Any = (),
    details: Mapping[str, Any] | None = None,
) -> None:
    event = Event(action, make_target(connector_id=connector_id, name=name), changes=changes, details=details or {})
    record_event(event=event, origin=origin)
