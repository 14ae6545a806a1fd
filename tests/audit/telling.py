"""Events for searches: told one by one with whatever is asked for, or 50,000 at once for the plans."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections

from audit.actions import Action, Outcome
from audit.actors import Actor, ActorKind, Origin
from audit.reading.indexing import index_words
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import tenant_context, tenant_scope
from tests.audit.histories import as_platform, seal

NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)
OKTA = Actor(ActorKind.SCIM_CLIENT, "c1", "Okta prod", "lnj_ls_000000000001")

# An event a minute, backwards; of a hundred, one is denied, and each is another client's.
MANY = """
INSERT INTO audit_event (tenant_id, id, at, action, outcome, actor_kind, actor_id, actor_label, token_prefix, surface,
                         address, user_agent, target_type, target_id, target_display, request_id, canonical)
SELECT %(tenant)s, e.id, %(until)s::timestamptz - make_interval(mins => n),
       CASE WHEN n %% 5000 = 0 THEN 'tenants.token.issued' WHEN n %% 3 = 0 THEN 'scim.user.created'
            ELSE 'scim.user.updated' END,
       CASE WHEN n %% 100 = 0 THEN 'denied' ELSE 'done' END,
       'scim_client', 'c' || n %% 100, 'Client ' || n %% 100, 'lnj_ls_' || n %% 100,
       CASE WHEN n %% 1000 = 0 THEN 'command' ELSE 'scim' END, '192.0.2.' || n %% 100, '',
       CASE WHEN n %% 1000 = 0 THEN 'Token' ELSE 'User' END, 'u' || n / 10,
       'ada' || n / 10 || '@example.com', 'r' || n,
       json_build_object(
           'actor', json_build_object('kind', 'scim_client', 'id', 'c' || n %% 100, 'label', 'Client ' || n %% 100,
                                      'token', 'lnj_ls_' || n %% 100),
           'origin', json_build_object('surface', 'scim', 'address', '192.0.2.' || n %% 100, 'userAgent', '',
                                       'request', 'r' || n),
           'target', json_build_object('type', 'User', 'id', 'u' || n / 10,
                                       'display', 'ada' || n / 10 || '@example.com'),
           'changes', '[]'::json, 'details', '{"reason":"none","secret":"none"}'::json)::text
FROM (SELECT n, gen_random_uuid() AS id FROM generate_series(0, %(count)s - 1) AS n) AS e
"""
WORDS = """
INSERT INTO audit_word (tenant_id, word, at, id)
SELECT tenant_id, unnest(ARRAY[target_display, target_id, 'example']), at, id FROM audit_event
WHERE tenant_id = %(tenant)s ON CONFLICT DO NOTHING
"""
# Leaves far from those that the sealer makes: it is to spend no time on these events in other tests.
LEAVES = """
INSERT INTO audit_leaf (tenant_id, leaf_index, event_id, event_at, hash)
SELECT tenant_id, 1000000000000 + row_number() OVER (), id, at, sha256('') FROM audit_event e
WHERE tenant_id = %(tenant)s AND at <= %(until)s
  AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.tenant_id = e.tenant_id AND l.event_id = e.id)
"""


def tell(action: Action = Action.USER_UPDATED, outcome: Outcome = Outcome.DONE, **given: Any) -> None:
    """One event of the bound tenant; `given` are parts of its target and origin, `changes` and `details`."""
    target = Target(given.get("type", "User"), given.get("id", "u1"), given.get("display", "ada@example.com"))
    origin = Origin(
        given.get("actor", OKTA),
        given.get("surface", "scim"),
        given.get("at", NOON),
        given.get("request", "r1"),
        given.get("address", "192.0.2.1"),
        given.get("agent", "agent/1"),
    )
    event = Event(action, target, outcome, given.get("changes", ()), given.get("details", {}))
    with tenant_scope():
        record_event(event=event, origin=origin)


def settle() -> None:
    """Seal what was told and keep its words, as the ledger does."""
    with tenant_context(None):
        seal()
        with as_platform(None):
            index_words()


def make_months(*months: str) -> None:
    """Partitions of months that the ledger would make much later, as in 2041_02; those that are there stay."""
    with connections["owner"].cursor() as cursor:
        for month in months:
            first = datetime.strptime(month, "%Y_%m").replace(tzinfo=UTC)
            end = (first + timedelta(days=32)).replace(day=1)
            for table in ("audit_event", "audit_word"):
                cursor.execute("SELECT to_regclass(%s)", [f"{table}_{month}"])
                if cursor.fetchone()[0] is None:
                    cursor.execute(f"SELECT audit_make_partition('{table}', '{table}_{month}')")
                    bounds = f"FOR VALUES FROM ('{first:%Y-%m-%d}Z') TO ('{end:%Y-%m-%d}Z')"
                    cursor.execute(f"ALTER TABLE {table} ATTACH PARTITION {table}_{month} {bounds}")


def tell_many(tenant_id: UUID, *, count: int, until: datetime, is_analyzed: bool = True) -> None:
    """So many events and their words, set-based, with statistics of them unless told otherwise."""
    values: dict[str, Any] = {"tenant": tenant_id, "count": count, "until": until}
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT set_config('app.tenant_id', %s, false)", [str(tenant_id)])
        cursor.execute(MANY, values)
        cursor.execute(WORDS, values)
        cursor.execute(LEAVES, values)
        cursor.execute("SELECT set_config('app.tenant_id', '', false)")
        if is_analyzed:
            cursor.execute("ANALYZE audit_event, audit_word")
