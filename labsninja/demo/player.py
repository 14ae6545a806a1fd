"""Plays the demo's history through the services, each step one transaction with its row of the request log.

What has been done is read from the changes: their request ids are those of the steps.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter_ns
from typing import Any
from uuid import UUID

import orjson

from audit.actors import Actor, ActorKind, Origin
from labsninja.demo.bodies import resolve
from labsninja.demo.history import WEEKS, Step
from labsninja.demo.people import ENTRA, OKTA
from labsninja.kernel.isolation import current_scope, current_tenant, tenant_scope
from scim.api.representation import represent_resource
from scim.models import Change
from scim.protocol.dialects.base import Dialect, Reading
from scim.protocol.errors import ScimError, error_body
from scim.protocol.projection import Projection, View
from scim.protocol.schemas import BUILT_IN
from scim.queries import Aspects
from scim.services.request_entries import RequestEntry
from scim.services.request_log import write_requests
from scim.services.resources import create_resource, delete_resource, patch_resource, replace_resource
from scim.services.writes import Writing, open_write
from scim.store.resources import StoredResource
from tenants.models import ScimClient

ADDRESSES = {OKTA: "192.0.2.10", ENTRA: "198.51.100.20"}
AGENTS = {OKTA: "Okta SCIM Client 1.0.0", ENTRA: ""}
REFUSED, NO_CONTENT = 400, 204
# A crash may cost the last steps: the next start does them again.
SOON_DURABLE = "SET LOCAL synchronous_commit = off"
VIEWS = {known.name: View(known, Projection()) for known in BUILT_IN.resource_types}
BY_ID = {"PUT": replace_resource, "PATCH": patch_resource}


@dataclass(frozen=True)
class Player:
    """Sends steps for the bound tenant. `clients` and the prefixes of their tokens come by source; `ids` by key."""

    clients: Mapping[str, ScimClient]
    prefixes: Mapping[str, str]
    begins_at: datetime
    base_url: str
    ids: dict[str, str] = field(default_factory=dict)
    refused: list[RequestEntry] = field(default_factory=list)

    def play(self, steps: Sequence[Step]) -> int:
        """Do what has not been done. Gives how many steps that was; one about somebody who isn't there is left out."""
        missing = self._find_missing(steps)
        for step in missing:
            try:
                body, path_id = resolve(step.body, self.ids), self._path_id(step)
            except KeyError:
                continue
            self._send(step, body, path_id)
        return len(missing)

    def _find_missing(self, steps: Sequence[Step]) -> list[Step]:
        """A refused step leaves no change: it has been done when the next one that leaves some has."""
        with tenant_scope():
            changes = Change.objects.filter(request_id__in=[step.request_id for step in steps])
            found = list(changes.values_list("request_id", "kind", "resource_id"))
        done, created = {row[0] for row in found}, {row[0]: row[2] for row in found if row[1] == "created"}
        self.ids.update({step.target: str(created[step.request_id]) for step in steps if step.request_id in created})
        missing, is_done = list[Step](), True
        for step in reversed(steps):
            is_done = is_done if step.status >= REFUSED else step.request_id in done
            if not is_done:
                missing.insert(0, step)
        return missing

    def _path_id(self, step: Step) -> str:
        return "" if step.method == "POST" else self.ids[step.target]

    def _send(self, step: Step, body: Any, path_id: str) -> None:
        began, writing = perf_counter_ns(), self._writing(step)
        known = {"request_body": orjson.dumps(body) if body else b"", "resource_id": path_id}
        try:
            with _one_transaction(step):
                written = _write(step, body, path_id, writing)
                known["response_body"] = self._represent(step, written, writing)
                entry = self._entry(step, writing, step.status, began, **known)
                write_requests(entries=[*self.refused, entry])
        except ScimError as error:
            known["response_body"] = orjson.dumps(error_body(error))
            told = {"detail": error.detail, "scim_type": error.scim_type or ""}
            self.refused.append(self._entry(step, writing, error.status, began, **known, **told))
            return
        self.refused.clear()
        if written is not None:
            self.ids[step.target] = str(written.id)

    def _writing(self, step: Step) -> Writing:
        resource_type, client = BUILT_IN.resource_type(step.resource_type), self.clients[step.source]
        if resource_type is None:
            raise LookupError(step.resource_type)
        actor = Actor(ActorKind.SCIM_CLIENT, str(client.id), client.name, self.prefixes[step.source])
        at, address, agent = self.begins_at + step.after, ADDRESSES[step.source], AGENTS[step.source]
        origin = Origin(actor, "scim", at, step.request_id, address, agent)
        locations = {known.name: f"{self.base_url}{known.endpoint}/" for known in BUILT_IN.resource_types}
        aspects = Aspects(locations, groups=True)
        reading = Reading(Dialect(client.kind))
        return Writing(resource_type, origin, reading, client.id, locations=locations, aspects=aspects)

    def _represent(self, step: Step, written: StoredResource | None, writing: Writing) -> bytes:
        if written is None or step.status == NO_CONTENT:
            return b""
        return represent_resource(written, view=VIEWS[step.resource_type], locations=writing.locations)

    def _entry(self, step: Step, writing: Writing, status: int, began: int, **known: Any) -> RequestEntry:
        path = f"/scim/v2{writing.resource_type.endpoint}"
        return RequestEntry(
            at=writing.origin.at,
            tenant_id=current_tenant(),
            request_id=step.request_id,
            method=step.method,
            path=f"{path}/{known['resource_id']}" if known["resource_id"] else path,
            status=status,
            duration_us=(perf_counter_ns() - began) // 1_000,
            scim_client_id=writing.scim_client_id,
            client_name=writing.origin.actor.label,
            token_prefix=writing.origin.actor.token_prefix,
            address=writing.origin.address,
            user_agent=writing.origin.user_agent,
            resource_type=step.resource_type,
            warnings=tuple(writing.reading.codes),
            **known,
        )


def first_monday(until: datetime) -> datetime:
    """Midnight of the Monday from which the whole history fits before `until`."""
    midnight = until.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday(), weeks=WEEKS)


@contextmanager
def _one_transaction(step: Step) -> Iterator[None]:
    """Around the write and its row of the log; a write that is to be refused stands alone, as it does behind a view."""
    if step.status >= REFUSED:
        yield
        return
    with open_write():
        current_scope().execute(SOON_DURABLE, None)
        yield


def _write(step: Step, body: Any, path_id: str, writing: Writing) -> StoredResource | None:
    if step.method == "POST":
        return create_resource(body=body, writing=writing)
    if step.method == "DELETE":
        delete_resource(resource_id=UUID(path_id), writing=writing)
        return None
    return BY_ID[step.method](resource_id=UUID(path_id), body=body, writing=writing)
