"""How each SCIM client of the bound tenant does: its state, its rhythm, its last day; and tokens that end soon."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_context, tenant_scope
from scim.queries.client_states import ClientState, Signs, judge_client
from scim.queries.rhythm import LOOKED_AT, Batch, Rhythm, describe_rhythm, find_batches, learn_rhythm
from scim.queries.traffic import Tally, tally
from scim.store.request_counts import CountRow, read_activity, sum_counts
from scim.store.request_log import RequestRow
from scim.store.request_reading import read_strangers
from tenants.models import ClientToken, ScimClient
from tenants.queries import tell_state

HOUR: Final = timedelta(hours=1)
CALLS_SINCE: Final = timedelta(days=1)
MOST_CALLS: Final = 100
IN_FORCE: Final = frozenset({"live", "retiring"})


@dataclass(frozen=True)
class ClientHealth:
    """One SCIM client. `last` is its newest batch, of which only the time is known when it is long ago; `told` says in
    a sentence when it sends.
    """

    client: ScimClient
    state: ClientState
    rhythm: Rhythm
    last: Batch | None
    hour: Tally
    tokens: Sequence[ClientToken]
    calls: Sequence[RequestRow]
    told: str

    @property
    def ending(self) -> Sequence[ClientToken]:
        """Its tokens in force, which end first."""
        return sorted(self.tokens, key=lambda token: token.expires_at)


def list_client_health(*, now: datetime | None = None, scim_client_id: UUID | None = None) -> Sequence[ClientHealth]:
    """All of the bound tenant's SCIM clients, or the one, oldest first."""
    at = now or datetime.now(UTC)
    with tenant_scope():
        clients = list(ScimClient.objects.all())
        tokens = list(ClientToken.objects.exclude(kind=ClientToken.Kind.ACCESS))
        spans = read_activity(since=at - LOOKED_AT, scim_client_id=scim_client_id)
        hour = sum_counts(since=at - HOUR, until=at + HOUR, step=HOUR, scim_client_id=scim_client_id)
    found = _Found(tokens, spans, hour, _find_calls(tokens, at), at)
    return [_examine(client, found) for client in clients if scim_client_id in {None, client.id}]


@dataclass(frozen=True)
class _Found:
    """What was read for all SCIM clients at once."""

    tokens: Sequence[ClientToken]
    spans: Sequence[tuple[UUID, datetime, datetime]]
    hour: Sequence[CountRow]
    calls: Sequence[RequestRow]
    now: datetime


def _examine(client: ScimClient, found: _Found) -> ClientHealth:
    own = [token for token in found.tokens if token.scim_client_id == client.id]
    batches = find_batches((first, last) for client_id, first, last in found.spans if client_id == client.id)
    rhythm, last = learn_rhythm(batches), batches[-1] if batches else _find_last_use(own)
    prefixes = {token.prefix for token in own}
    refused = [call for call in found.calls if call.token_prefix in prefixes and (last is None or call.at > last.ended)]
    hour = tally(row for row in found.hour if row.scim_client_id == client.id)
    live = [token for token in own if tell_state(token=token, now=found.now) in IN_FORCE]
    signs = Signs(
        kind=client.kind,
        name=client.name,
        has_token=bool(live),
        last=last,
        rhythm=rhythm,
        hour=hour,
        calls=len(refused),
        refusal=refused[0].detail if refused else "",
    )
    told = describe_rhythm(name=client.name, rhythm=rhythm, last=last, now=found.now) if last else ""
    return ClientHealth(client, judge_client(signs=signs, now=found.now), rhythm, last, hour, live, refused, told)


def _find_last_use(tokens: Sequence[ClientToken]) -> Batch | None:
    """What a token remembers when the counts do not reach so far back."""
    used = max((token.last_used_at for token in tokens if token.last_used_at), default=None)
    return Batch(used, used) if used else None


def _find_calls(tokens: Sequence[ClientToken], now: datetime) -> Sequence[RequestRow]:
    """Refused at the door within a day, newest first: without a genuine token they stand in the deployment's log."""
    if not tokens:
        return []
    with tenant_context(DEPLOYMENT_TENANT_ID), tenant_scope():
        prefixes = [token.prefix for token in tokens]
        return read_strangers(prefixes=prefixes, since=now - CALLS_SINCE, limit=MOST_CALLS)
