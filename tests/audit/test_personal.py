"""Personal values of an event stand under the person's key: readers see them while it lives, proofs never need them."""

import io
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError

from audit.actions import Action
from audit.actors import system_origin
from audit.erasure import NothingToEraseError, erase_subject
from audit.models import AuditEvent
from audit.personal import open_events, tell_event
from audit.presenters import describe_event
from audit.queries import list_events, list_events_of
from audit.services import Event, Target, record_event
from audit.verify import BadBundleError, encode, verify
from labsninja.kernel.isolation import tenant_context, tenant_scope
from labsninja.kernel.secrets import rotate_data_key
from labsninja.kernel.secrets.data_keys import key_cache
from tests.audit.histories import as_platform, erase, export, keys_of, record, record_person, seal

ADA = "01890000-0000-7000-8000-000000000001"
BOB = "01890000-0000-7000-8000-000000000002"
NAME = "ada.lovelace@example.com"
KEYS = "SELECT count(*) FROM audit_subject_key WHERE tenant_id = %s AND subject_id = %s"
# Everything that the database holds of a tenant's events and keys, as text.
HELD = """
SELECT e.*::text FROM audit_event e WHERE tenant_id = %(tenant)s
UNION ALL SELECT k.*::text FROM audit_subject_key k WHERE tenant_id = %(tenant)s
"""


def _count_keys(subject_id: str) -> int:
    with tenant_scope() as scope:
        return int(scope.execute(KEYS, [scope.tenant_id, subject_id]).fetchone()[0])


def _values(subject_id: str) -> list[Any]:
    """The user names that events about a person tell."""
    told = (tell_event(event)["changes"] for event in list_events_of(target_id=subject_id))
    return [change.get("after") for changes in told for change in changes if change["path"] == "userName"]


def _read_anew(**replaced: Any) -> AuditEvent:
    """The newest event about Ada with some columns replaced, read like a stored one."""
    with tenant_scope():
        event: AuditEvent = AuditEvent.objects.filter(target_id=ADA).latest("id")
        for name, value in replaced.items():
            setattr(event, name, value)
        open_events([event])
    return event


def test_personal_values_are_in_no_column_and_in_no_proof(tenant: UUID) -> None:
    record_person(tenant, ADA, NAME)
    with tenant_scope() as scope:
        held = scope.execute(HELD, {"tenant": tenant}).fetchall()
    assert [row for (row,) in held if "lovelace" in row or NAME.encode().hex() in row] == []


def test_what_is_no_personal_value_stays_in_the_text(tenant: UUID) -> None:
    record_person(tenant, ADA, NAME)
    whole = json.loads(list_events_of(target_id=ADA)[0].canonical)
    assert whole["changes"] == [{"after": True, "path": "active"}, {"path": "userName"}]
    assert whole["target"] == {"type": "User", "id": ADA, "display": ""}


def test_readers_are_told_the_values_while_the_key_lives(tenant: UUID) -> None:
    record_person(tenant, ADA, NAME)
    (event,) = list_events_of(target_id=ADA)
    assert tell_event(event)["changes"] == [
        {"after": True, "path": "active"},
        {"after": NAME, "before": "nobody", "path": "userName"},
    ]
    assert (event.target_display, tell_event(event)["target"]["display"]) == (NAME, NAME)
    assert f"changed the user {NAME}" in describe_event(list_events(newest=1)[0])


def test_text_commits_to_the_values_by_a_salted_digest(tenant: UUID) -> None:
    for _ in range(2):
        record_person(tenant, ADA, NAME)
    opened = [event.opened for event in list_events_of(target_id=ADA)]
    digests = [json.loads(event.canonical)["personal"] for event in list_events_of(target_id=ADA)]
    assert digests == [sha256(text.encode()).hexdigest() for text in opened]
    assert len({*digests}) == 2
    assert len({json.loads(text)["salt"] for text in opened}) == 2


def test_event_about_no_person_has_neither_key_nor_digest(tenant: UUID) -> None:
    record(tenant, 1)
    (event,) = list_events(newest=1)
    assert (event.personal, event.values, "personal" in json.loads(event.canonical)) == (None, "none", False)
    assert _count_keys("g0") == 0


def test_person_has_a_key_of_the_tenants_own(make_tenant: Callable[[], UUID]) -> None:
    tenants = make_tenant(), make_tenant()
    for tenant_id in tenants:
        record_person(tenant_id, ADA, NAME)
    assert erase(tenants[0], ADA) == 1
    with tenant_context(tenants[1]):
        assert _values(ADA) == [NAME]


@pytest.mark.capability("erasure")
def test_erased_person_is_told_to_nobody_and_others_stay(tenant: UUID) -> None:
    for subject_id in (ADA, BOB, ADA):
        record_person(tenant, subject_id, f"{subject_id}.{NAME}")
    assert erase(tenant, ADA) >= 1
    assert (_values(ADA), _values(BOB)) == ([None, None], [f"{BOB}.{NAME}"])
    told = [describe_event(event) for event in list_events_of(target_id=ADA)]
    assert [line.partition(" ")[2].partition(" ")[2] for line in told[:2]] == [
        f"test changed the user {ADA} (personal values erased)"
    ] * 2
    assert told[2].endswith(f"test erased the personal values of {ADA} in the audit history")
    with tenant_scope():
        (event,) = AuditEvent.objects.filter(target_id=ADA, action=Action.SUBJECT_ERASED)
        open_events([event])
    assert (event.values, json.loads(event.canonical)["details"]) == ("none", {"keys": 2})


def test_other_process_reads_nothing_of_who_was_erased_a_moment_ago(tenant: UUID) -> None:
    """No process keeps a person's key beyond its scope: there is nothing to invalidate."""
    record_person(tenant, ADA, NAME)
    assert _values(ADA) == [NAME]  # this process has opened it
    erase(tenant, ADA)
    assert _values(ADA) == [None]


def test_what_is_told_of_a_person_after_the_erasure_gets_a_new_key(tenant: UUID) -> None:
    record_person(tenant, ADA, "before")
    erase(tenant, ADA)
    record_person(tenant, ADA, "after")
    assert _values(ADA) == [None, "after"]


def test_erasing_whom_the_history_does_not_know_is_refused_and_leaves_no_event(tenant: UUID) -> None:
    with pytest.raises(NothingToEraseError, match="no personal values"):
        erase(tenant, str(uuid4()))
    assert [event.action for event in list_events(newest=9) if event.action == Action.SUBJECT_ERASED] == []


def test_app_role_may_not_destroy_or_change_a_key(tenant: UUID) -> None:
    record_person(tenant, ADA, NAME)
    for statement in ("DELETE FROM audit_subject_key", "UPDATE audit_subject_key SET wrapped = ''"):
        with pytest.raises(ProgrammingError, match="permission denied"), tenant_scope() as scope:
            scope.execute(statement, None)


def test_proofs_of_an_erased_persons_events_stand(tenant: UUID) -> None:
    record_person(tenant, ADA, NAME)
    seal()
    with_values = export(tenant)
    erase(tenant, ADA)
    seal()
    without = export(tenant)
    for bundle, opened in ((with_values, 1), (without, 0)):
        found = verify(io.BytesIO(bundle), trusted=keys_of(tenant))
        assert (found.counts["opened"], NAME.encode() in bundle) == (opened, bool(opened))
        assert found.counts["checked"] > 1


def test_bundle_leaves_personal_values_out_when_told_so(tenant: UUID) -> None:
    record_person(tenant, ADA, NAME)
    seal()
    bundle = export(tenant, personal=False)
    assert NAME.encode() not in bundle
    assert verify(io.BytesIO(bundle), trusted=keys_of(tenant)).counts["opened"] == 0


@pytest.fixture(name="lines")
def _lines(tenant: UUID) -> list[bytes]:
    """A bundle with a person's values in the line before the trailer."""
    seal()
    record_person(tenant, ADA, NAME)
    seal()
    lines = export(tenant).splitlines(keepends=True)
    assert lines[-2].startswith(b'{"changes":')
    return lines


def _refuse(tenant_id: UUID, lines: list[bytes]) -> str:
    with pytest.raises(BadBundleError) as caught:
        verify(io.BytesIO(b"".join(lines)), trusted=keys_of(tenant_id))
    return str(caught.value)


def test_any_change_of_one_character_in_personal_values_is_found(tenant: UUID, lines: list[bytes]) -> None:
    values = lines[-2]
    for at in range(len(values)):
        changed = values[:at] + (b"x" if values[at : at + 1] != b"x" else b"y") + values[at + 1 :]
        assert _refuse(tenant, [*lines[:-2], changed, lines[-1]]).startswith(f"line {len(lines) - 1}:")


def test_forged_personal_values_are_found_where_they_stand(tenant: UUID, lines: list[bytes]) -> None:
    told = json.loads(lines[-2])
    told["display"] = "eve"
    assert "not the personal values" in _refuse(tenant, [*lines[:-2], encode(told), lines[-1]])


def test_personal_values_that_were_left_out_or_added_are_found(tenant: UUID, lines: list[bytes]) -> None:
    assert "lines were left out" in _refuse(tenant, [*lines[:-2], lines[-1]])
    assert _refuse(tenant, [*lines[:-1], lines[-2], lines[-1]])
    assert _refuse(tenant, [*lines[:2], lines[-2], *lines[2:]])


def test_values_moved_from_another_event_do_not_open(tenant: UUID) -> None:
    record_person(tenant, ADA, "first")
    moved = _read_anew().personal
    record_person(tenant, ADA, "second")
    assert _read_anew().values == "shown"
    event = _read_anew(personal=moved)
    assert (event.values, event.opened, event.target_display) == ("damaged", "", "")
    assert "(personal values damaged)" in describe_event(event)


def test_values_sealed_anew_under_the_genuine_key_are_told_from_the_digest(tenant: UUID) -> None:
    """Who owns the database and all keys can seal other values; the text that was proved does not know them."""
    record_person(tenant, ADA, "first")
    genuine = _read_anew()
    forged = genuine.canonical.replace(json.loads(genuine.canonical)["personal"], "0" * 64)
    assert _read_anew(canonical=forged).values == "damaged"


@pytest.mark.parametrize("ciphertext", [b"", b"\x02" + b"x" * 60, b"\x01" + b"x" * 60])
def test_cut_or_foreign_ciphertext_hides_nothing_else(tenant: UUID, ciphertext: bytes) -> None:
    record_person(tenant, ADA, "first")
    event = _read_anew(personal=ciphertext)
    assert event.values in {"damaged", "erased"}
    assert _values(ADA) == ["first"]


def test_damaged_key_of_one_person_hides_that_persons_values_alone(tenant: UUID) -> None:
    for subject_id in (ADA, BOB):
        record_person(tenant, subject_id, subject_id)
    with tenant_scope() as scope:
        scope.execute(
            "INSERT INTO audit_subject_key SELECT tenant_id, %s, id, wrapped FROM audit_subject_key"
            " WHERE tenant_id = %s AND subject_id = %s",
            [ADA, tenant, BOB],
        )
    told = {event.target_id: event.values for event in list_events(newest=2)}
    assert told == {ADA: "damaged", BOB: "shown"}


def test_values_open_after_the_data_key_was_replaced_and_later_ones_use_the_new_one(tenant: UUID) -> None:
    record_person(tenant, ADA, "old")
    rotate_data_key(tenant_id=tenant)
    key_cache.clear()
    record_person(tenant, ADA, "new")
    record_person(tenant, ADA, "newer")
    assert _values(ADA) == ["old", "new", "newer"]
    assert erase(tenant, ADA) == _count_keys(ADA) + 3
    assert _values(ADA) == [None] * 3


def test_events_of_one_scope_about_a_person_share_a_key(tenant: UUID) -> None:
    event = Event(Action.USER_CREATED, Target("User", ADA, NAME), of_person=True)
    with tenant_scope():
        for _ in range(3):
            record_event(event=event, origin=system_origin("test"))
    assert (_count_keys(ADA), len(list_events_of(target_id=ADA))) == (1, 3)


def test_command_erases_a_person_and_refuses_whom_it_does_not_know(tenant: UUID, capsys: Any) -> None:
    record_person(tenant, ADA, NAME)
    slug = next(event.target_display for event in list_events(newest=100) if event.action == "tenants.tenant.created")
    call_command("erase_subject", slug, ADA)
    assert f"erased: personal values of {ADA}" in capsys.readouterr().out
    assert _values(ADA) == [None]
    with pytest.raises(CommandError, match="no personal values"):
        call_command("erase_subject", slug, ADA)
    with pytest.raises(CommandError):
        call_command("erase_subject", slug, "no id")


def test_erasure_that_fails_half_way_destroys_nothing(tenant: UUID) -> None:
    record_person(tenant, ADA, NAME)
    with pytest.raises(ZeroDivisionError), as_platform(tenant), tenant_scope():
        _erase_and_fail()
    assert _values(ADA) == [NAME]


def _erase_and_fail() -> None:
    erase_subject(subject_id=ADA, origin=system_origin("test"))
    _ = 1 / 0
