"""Proofs of one event and of two checkpoints, as the command writes them and the verifier reads them."""

import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pymerkle  # type: ignore[import-untyped]  # published without types
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command

from audit.actors import system_origin
from audit.proofs import prove_event, prove_growth
from audit.queries import list_events
from audit.signing import Signer, find_signer, rotate_signing_key
from audit.verify import (
    BLOCK,
    CONSISTENCY,
    BadBundleError,
    decode,
    encode,
    hash_leaf,
    main,
    read_checkpoint,
    verify,
)
from labsninja.kernel.isolation import tenant_scope
from tests.audit.histories import as_platform, erase, keys_of, list_notes, record, record_person, seal

ADA = "01890000-0000-7000-8000-000000000001"
ORIGIN = system_origin("test")
LEAVES = "SELECT event_id FROM audit_leaf WHERE tenant_id = %s ORDER BY leaf_index"


def _leaves() -> list[UUID]:
    with tenant_scope() as scope:
        return [event_id for (event_id,) in scope.execute(LEAVES, [scope.tenant_id]).fetchall()]


def _prove(tenant_id: UUID, event_id: UUID, **options: Any) -> bytes:
    with as_platform(tenant_id):
        return prove_event(event_id=event_id, origin=ORIGIN, **options).content


def _grow(tenant_id: UUID, earlier: int, later: int | None = None) -> bytes:
    with as_platform(tenant_id):
        return prove_growth(earlier=earlier, later=later, origin=ORIGIN).content


def _sizes(tenant_id: UUID) -> list[int]:
    return [read_checkpoint(note, keys_of(tenant_id)).size for note in list_notes()]


def _verify(tenant_id: UUID, proof: bytes, *earlier: str) -> str:
    return verify(io.BytesIO(proof), trusted=keys_of(tenant_id), earlier=earlier).proved


def _refuse(tenant_id: UUID, proof: bytes, *earlier: str) -> str:
    with pytest.raises(BadBundleError) as caught:
        _verify(tenant_id, proof, *earlier)
    return str(caught.value)


@pytest.fixture(name="person")
def _person(tenant: UUID) -> UUID:
    """A sealed event about a person, its id."""
    seal()
    record_person(tenant, ADA, "ada@example.com")
    event_id = list_events(newest=1)[0].id
    record(tenant, 3)
    seal()
    return event_id


def test_every_event_of_a_history_is_proved(tenant: UUID) -> None:
    record(tenant, BLOCK + 9)
    seal()
    leaves = _leaves()
    for index in random.Random(6962).sample(range(len(leaves)), 12):
        told = _verify(tenant, _prove(tenant, leaves[index]))
        assert told == f"event {leaves[index]} is leaf {index} of {len(leaves)}"


def test_proof_of_an_event_is_that_of_another_implementation(tenant: UUID) -> None:
    record(tenant, 40)
    seal()
    texts = {event.id: event.canonical for event in list_events(newest=100)}
    leaves, other = _leaves(), pymerkle.InmemoryTree(algorithm="sha256")
    for event_id in leaves:
        other.append_entry(texts[event_id].encode())
    header, event, _ = (json.loads(line) for line in _prove(tenant, leaves[17]).splitlines())
    proof = other.prove_inclusion(18)
    path = [hash_leaf(texts[leaves[17]].encode()), *map(decode, header["path"])]
    assert (event["id"], path) == (str(leaves[17]), proof.path)
    assert read_checkpoint(header["checkpoint"], keys_of(tenant)).root == other.get_root()


def test_growth_between_all_checkpoints_is_proved(tenant: UUID) -> None:
    for count in (3, 30, BLOCK, 1, 20):
        record(tenant, count)
        seal()
    sizes = _sizes(tenant)
    assert len(sizes) >= 5
    for at, earlier in enumerate(sizes[:-1]):
        for later in sizes[at + 1 :]:
            told = _verify(tenant, _grow(tenant, earlier, later), *list_notes())
            assert told == f"the history of {later} events begins with the one of {earlier}"
    assert f"of {sizes[-1]} events" in _verify(tenant, _grow(tenant, sizes[0]))


def test_any_change_of_one_character_is_found(tenant: UUID, person: UUID) -> None:
    draw = random.Random(9162)
    for proof in (_prove(tenant, person), _grow(tenant, _sizes(tenant)[0])):
        for trusted in (keys_of(tenant), []):
            for at in range(len(proof)):
                other = draw.choice([byte for byte in b'AB=/{"\n 019z' if byte != proof[at]])
                changed = proof[:at] + bytes([other]) + proof[at + 1 :]
                for wrong in (changed, proof[:at] + proof[at + 1 :]):
                    with pytest.raises(BadBundleError):
                        verify(io.BytesIO(wrong), trusted=trusted)


def test_proof_holds_personal_values_while_they_open_and_unless_told_otherwise(tenant: UUID, person: UUID) -> None:
    assert "with personal values" in _verify(tenant, _prove(tenant, person))
    assert b"ada@example.com" not in _prove(tenant, person, personal=False)
    erase(tenant, ADA)
    erased = _prove(tenant, person)
    assert b"ada@example.com" not in erased
    assert _verify(tenant, erased).startswith(f"event {person} is leaf ")


def test_proof_holds_after_the_signing_key_was_rotated(tenant: UUID, person: UUID) -> None:
    before = _sizes(tenant)[0]
    with as_platform(tenant):
        rotate_signing_key(origin=ORIGIN)
    seal()
    for proof in (_prove(tenant, person), _grow(tenant, before)):
        _verify(tenant, proof)


def test_proof_of_a_forger_with_keys_of_his_own_is_refused(tenant: UUID, person: UUID) -> None:
    header, event, *_ = _prove(tenant, person, personal=False).splitlines(keepends=True)
    told = json.loads(header)
    name = told["checkpoint"].partition("\n")[0]
    forger = Signer(name, Ed25519PrivateKey.generate())
    told["checkpoint"] = forger.sign(told["checkpoint"].rpartition("\n\n")[0] + "\n")
    assert "by no key that is trusted" in _refuse(tenant, encode(told) + event + b"{}\n")


def test_checkpoint_outside_of_the_same_size_with_another_root_is_found(tenant: UUID, person: UUID) -> None:
    """The issuer itself signs a second history."""
    notes = list_notes()
    record(tenant, 1)
    seal()
    proof = _grow(tenant, _sizes(tenant)[0], _sizes(tenant)[1])
    assert _verify(tenant, proof, *notes)
    text, _, _ = notes[0].rpartition("\n\n")
    origin, size, _, time = text.split("\n")
    with as_platform(tenant):
        signer = find_signer(origin=ORIGIN)
    forged = signer.sign("\n".join([origin, size, "A" * 43 + "=", time]) + "\n")
    assert "not the history of the outside checkpoint" in _refuse(tenant, proof, forged)


def test_history_that_was_written_anew_cannot_be_proved_to_continue(tenant: UUID, person: UUID) -> None:
    """Whoever holds the keys can sign any root, but finds no path to it."""
    first = _sizes(tenant)[0]
    header, _ = _grow(tenant, first).splitlines(keepends=True)
    told = json.loads(header)
    text, _, _ = told["checkpoint"].rpartition("\n\n")
    origin, size, _, time = text.split("\n")
    with as_platform(tenant):
        signer = find_signer(origin=ORIGIN)
    told["checkpoint"] = signer.sign("\n".join([origin, size, "A" * 43 + "=", time]) + "\n")
    assert told["proof"] == CONSISTENCY
    assert "does not begin with the earlier one" in _refuse(tenant, encode(told) + b"{}\n")


def test_what_cannot_be_proved_is_refused_with_its_reason(
    tenant: UUID, person: UUID, make_tenant: Callable[[], UUID], tmp_path: Path
) -> None:
    slug = next(event.target_display for event in list_events(newest=100) if event.action == "tenants.tenant.created")
    output = tmp_path / "proof"
    first, last = _sizes(tenant)[0], _sizes(tenant)[-1]
    refusals = {
        ("--event", str(uuid4())): "no sealed event",
        ("--event", "ada"): "invalid UUID",
        (
            "--from",
            str(first),
            "--to",
            str(last + 1),
        ): f"no checkpoint has {last + 1} events; those next to it have {last}",
        ("--from", "0"): "no checkpoint has 0 events",
        ("--from", str(last)): "no earlier history",
        ("--event", str(person), "--to", "3"): "--to belongs to --from",
        (): "required",
    }
    for arguments, reason in refusals.items():
        with pytest.raises(CommandError, match=reason):
            call_command("audit_prove", slug, *arguments, "--output", str(output))
        assert not output.exists()
    output.write_text("")
    with pytest.raises(CommandError, match="exists"):
        call_command("audit_prove", slug, "--event", str(person), "--output", str(output))


def test_command_writes_what_the_verifier_reads(tenant: UUID, person: UUID, tmp_path: Path, capsys: Any) -> None:
    slug = next(event.target_display for event in list_events(newest=100) if event.action == "tenants.tenant.created")
    keys, event, growth, bad = (tmp_path / name for name in ("keys", "event", "growth", "bad"))
    with keys.open("w") as file:
        call_command("audit_keys", slug, stdout=file)
    call_command("audit_prove", slug, "--event", str(person), "--output", str(event))
    call_command("audit_prove", slug, "--from", str(_sizes(tenant)[0]), "--output", str(growth))
    bad.write_bytes(event.read_bytes().replace(b"done", b"gone", 1))
    capsys.readouterr()
    for arguments, status, words in (
        ((event, "--key", keys), 0, f"GENUINE {event}: event {person} with personal values is leaf"),
        ((growth, "--key", keys), 0, f"GENUINE {growth}: the history of"),
        ((event,), 2, "SELF-CONSISTENT, ISSUER NOT VERIFIED"),
        ((bad, "--key", keys), 1, f"BAD {bad}: line 2: not the event that was sealed"),
    ):
        assert main([str(argument) for argument in arguments]) == status
        assert capsys.readouterr().out.startswith(words)
    told = [one.action for one in list_events(newest=4)]
    assert told.count("audit.proof.exported") == 2
