"""Audit events: their exact text, where they are kept, and that nobody changes them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
import rfc8785
from django.db import ProgrammingError, connections

from audit.actions import Action, Outcome
from audit.actors import Actor, ActorKind, Origin, command_origin, system_origin
from audit.models import AuditEvent
from audit.presenters import SENTENCES, SUFFIXES, describe_event
from audit.queries import list_events, list_events_of
from audit.services import Event, Target, canonicalize_event, record_event
from labsninja.kernel.isolation import OutsideScopeError, tenant_scope

AT = datetime(2026, 11, 5, 12, 30, 15, 123, tzinfo=UTC)
ACTOR = Actor(ActorKind.SCIM_CLIENT, "c1", "Okta \u20ac", "lnj_ls_0123456789ab")
ORIGIN = Origin(ACTOR, "scim", AT, "r1", "192.0.2.1", "agent/1")
EVENT = Event(
    Action.USER_CREATED,
    Target("User", "u1", "ada@example.com"),
    changes=[{"path": "active", "after": True}, {"path": "userName", "after": "ada@example.com"}],
    details={"z": 1, "a": {"\u20ac": 1.0, "A": None}},
)
CANONICAL = (
    '{"action":"scim.user.created","actor":{"id":"c1","kind":"scim_client","label":"Okta \u20ac",'
    '"token":"lnj_ls_0123456789ab"},"at":"2026-11-05T12:30:15.000123+00:00",'
    '"changes":[{"after":true,"path":"active"},{"after":"ada@example.com","path":"userName"}],'
    '"details":{"a":{"A":null,"\u20ac":1},"z":1},"id":"e1",'
    '"origin":{"address":"192.0.2.1","request":"r1","surface":"scim","userAgent":"agent/1"},"outcome":"done",'
    '"target":{"display":"ada@example.com","id":"u1","type":"User"},"tenant":"t1"}'
)


def _canonical(event: Event = EVENT) -> str:
    return canonicalize_event(event=event, origin=ORIGIN, tenant_id="t1", event_id="e1")


def _record(**target: str) -> AuditEvent:
    event = Event(Action.USER_CREATED, Target("User", **target))
    with tenant_scope():
        record_event(event=event, origin=replace(ORIGIN, at=datetime.now(UTC)))
    return list_events(newest=1)[0]


@contextmanager
def _undone() -> Iterator[psycopg.Connection]:
    """The owner's own connection in a transaction that is rolled back."""
    connection = connections["owner"].copy()
    connection.ensure_connection()
    try:
        with connection.connection.transaction(force_rollback=True):
            yield connection.connection
    finally:
        connection.close()


def test_canonical_text_is_exactly_this() -> None:
    """Proofs hash these bytes: a change here breaks every proof of a stored event."""
    assert _canonical() == CANONICAL


def test_canonical_text_of_a_person_holds_the_digest_of_what_was_set_apart() -> None:
    told = canonicalize_event(event=EVENT, origin=ORIGIN, tenant_id="t1", event_id="e1", personal="00ff")
    assert told == CANONICAL.replace('"outcome":"done",', '"outcome":"done","personal":"00ff",')


def test_canonical_text_does_not_depend_on_the_order_of_keys() -> None:
    changes = [dict(reversed([*change.items()])) for change in EVENT.changes]
    details = dict(reversed([*EVENT.details.items()]))
    assert _canonical(Event(EVENT.action, EVENT.target, changes=changes, details=details)) == CANONICAL


def test_stored_text_is_its_own_canonical_form(tenant: UUID) -> None:
    event = _record(id="u1", display='\u00c5da \U0001f600 "quoted"\n')
    whole = json.loads(event.canonical)
    assert rfc8785.dumps(whole).decode() == event.canonical
    assert (whole["id"], whole["tenant"]) == (str(event.id), str(tenant))
    assert datetime.fromisoformat(whole["at"]) == event.at


def test_columns_repeat_what_the_text_says(tenant: UUID) -> None:
    event = _record(id="u1", display="ada")
    whole = json.loads(event.canonical)
    assert (event.action, event.outcome) == (whole["action"], whole["outcome"])
    assert [event.actor_kind, event.actor_id, event.actor_label, event.token_prefix] == [
        whole["actor"][name] for name in ("kind", "id", "label", "token")
    ]
    assert [event.surface, event.address, event.user_agent, event.request_id] == [
        whole["origin"][name] for name in ("surface", "address", "userAgent", "request")
    ]


def test_endless_text_is_cut_in_the_columns_and_whole_in_the_text(tenant: UUID) -> None:
    event = _record(id="u1", display="x" * 5_000)
    assert len(event.target_display) == 1_024
    assert len(json.loads(event.canonical)["target"]["display"]) == 5_000


def test_event_outside_a_scope_is_refused(tenant: UUID) -> None:
    with pytest.raises(OutsideScopeError):
        record_event(event=EVENT, origin=ORIGIN)


@pytest.mark.capability("audit")
def test_event_of_a_scope_that_fails_is_not_kept(tenant: UUID) -> None:
    with suppress(ZeroDivisionError), tenant_scope():
        record_event(event=EVENT, origin=ORIGIN)
        _ = 1 / 0
    assert list_events_of(target_id="u1") == []


def test_newest_events_are_listed_oldest_first(tenant: UUID) -> None:
    for number in range(5):
        _record(id=f"u{number}")
    assert [event.target_id for event in list_events(newest=3)] == ["u2", "u3", "u4"]


@pytest.mark.parametrize(
    "verb", ["UPDATE audit_event SET outcome = 'x'", "DELETE FROM audit_event", "TRUNCATE audit_event"]
)
def test_app_role_may_not_change_what_happened(tenant: UUID, verb: str) -> None:
    _record(id="u1")
    with pytest.raises(ProgrammingError, match="permission denied"), tenant_scope() as scope:
        scope.execute(verb, None)


@pytest.mark.parametrize("verb", ["SELECT count(*) FROM", "DELETE FROM"])
def test_app_role_reaches_no_partition_past_the_policy(tenant: UUID, verb: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), tenant_scope() as scope:
        scope.execute(f"{verb} audit_event_default", None)


def test_platform_role_may_not_change_what_happened(database: None) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(has_table_privilege('ln_platform', c.oid, p)) FROM pg_class c,"
            " unnest('{UPDATE,DELETE,TRUNCATE}'::text[]) p"
            " WHERE c.relname LIKE 'audit\\_event%%' AND c.relkind IN ('r','p')"
        )
        assert cursor.fetchone() == (False,)


def test_event_of_a_month_that_nobody_prepared_is_kept_by_default(tenant: UUID) -> None:
    origin = Origin(ACTOR, "scim", datetime(2019, 1, 2, tzinfo=UTC))
    with tenant_scope() as scope:
        record_event(event=EVENT, origin=origin)
        kept = scope.execute("SELECT tableoid::regclass::text FROM audit_event WHERE target_id = 'u1'", None).fetchall()
    assert kept == [("audit_event_default",)]


def test_event_of_this_month_is_kept_in_its_partition(tenant: UUID) -> None:
    now = datetime.now(UTC)
    with tenant_scope() as scope:
        record_event(event=EVENT, origin=Origin(ACTOR, "scim", now))
        kept = scope.execute("SELECT tableoid::regclass::text FROM audit_event WHERE target_id = 'u1'", None).fetchall()
    assert kept == [(f"audit_event_{now:%Y_%m}",)]


def test_partitions_are_made_for_months_ahead_and_once(database: None) -> None:
    with _undone() as owner:
        made = owner.execute("SELECT audit_prepare_partitions(20)").fetchone()
        again = owner.execute("SELECT audit_prepare_partitions(20)").fetchone()
    assert (made, again) == ((2 * 17,), (0,))  # of events, and of their words


def test_partition_of_a_month_that_has_events_already_takes_them_over(tenant: UUID) -> None:
    """A ledger that stood still for months must be able to go on."""
    late = datetime(2031, 5, 6, tzinfo=UTC)
    months = (late.year - datetime.now(UTC).year) * 12 + late.month
    with _undone() as owner:
        owner.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant)])
        owner.execute(
            "INSERT INTO audit_event (tenant_id, id, at, action, outcome, actor_kind, actor_id, actor_label,"
            " token_prefix, surface, address, user_agent, target_type, target_id, target_display, request_id,"
            " canonical)"
            " VALUES (%s, gen_random_uuid(), %s, '', '', '', '', '', '', '', '', '', '', 'late', '', '', '')",
            [tenant, late],
        )
        owner.execute("SELECT audit_prepare_partitions(%s::integer)", [months])
        kept = owner.execute("SELECT tableoid::regclass::text FROM audit_event WHERE target_id = 'late'").fetchone()
    assert kept == ("audit_event_2031_05",)


@pytest.mark.parametrize(("alias", "allowed"), [("default", False), ("platform", True)])
def test_platform_role_alone_makes_partitions(database: None, alias: str, allowed: bool) -> None:  # a table of cases
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT has_function_privilege('audit_prepare_partitions(integer)', 'EXECUTE')")
        assert cursor.fetchone() == (allowed,)


@pytest.mark.parametrize("action", Action)
def test_action_has_a_sentence(action: Action) -> None:
    assert "{actor}" in SENTENCES[action]


@pytest.mark.parametrize("outcome", Outcome)
def test_outcome_has_an_ending(outcome: Outcome) -> None:
    assert SUFFIXES[outcome] or outcome is Outcome.DONE


def test_action_is_named_by_area_object_and_verb() -> None:
    assert [action for action in Action if len(action.split(".")) != 3] == []
    assert len({SENTENCES[action] for action in Action}) == len(Action)


# Every detail that a sentence may name.
TOLD = (
    *("reason", "secret", "factor", "ended", "name", "kind", "realm", "role", "before", "purpose", "deletes"),
    *("number", "days", "told"),
    *("url", "version", "mode", "state", "done", "failed", "resource", "task", "tenant"),
)


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("action", Action)
def test_every_event_can_be_told(action: Action, outcome: Outcome) -> None:
    event = Event(action, Target("User", "u1", "ada"), outcome, details=dict.fromkeys(TOLD, "something"))
    told = describe_event(_stored(event))
    assert told.startswith("2026-11-05 12:30:15 Okta \u20ac ")
    assert told.endswith(f"{SUFFIXES[outcome]} from 192.0.2.1")


def test_event_is_told_on_one_line_whatever_names_it_holds() -> None:
    """A name may hold line breaks and what steers a terminal: neither may forge another event."""
    forged = "ada\n2026-11-05 12:30:16 root deleted the user bob\r\x1b[2J\x9b\u2028"
    told = describe_event(_stored(Event(Action.USER_CREATED, Target("User", "u1", forged))))
    assert [letter for letter in told if not letter.isprintable()] == []
    assert "ada\\n2026" in told


def test_origins_name_the_command_or_duty_and_a_request_of_their_own() -> None:
    command, duty = command_origin("x"), system_origin("ledger")
    assert (command.actor.kind, command.actor.label, command.surface) == ("administrator", "manage.py x", "command")
    assert (duty.actor.kind, duty.actor.label, duty.surface) == ("system", "ledger", "system")
    assert command.request_id != duty.request_id
    assert command.at.tzinfo is UTC


def _stored(event: Event) -> AuditEvent:
    """The event as a row that was never saved."""
    names: dict[str, Any] = {"action": event.action, "outcome": event.outcome, "target_id": event.target.id}
    return AuditEvent(
        tenant_id=UUID(int=1),
        at=AT,
        actor_label=ACTOR.label,
        address=ORIGIN.address,
        target_display=event.target.display,
        canonical=_canonical(event),
        **names,
    )
