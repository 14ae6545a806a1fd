"""A bundle proves its events to somebody who has Python and a public key; whatever is changed in it is found."""

import base64
import io
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.actors import system_origin
from audit.queries import list_events
from audit.signing import Signer, find_signer, rotate_signing_key
from audit.verify import BLOCK, BadBundleError, Key, encode, hash_leaf, verify
from tests.audit.histories import as_platform, export, keys_of, list_notes, record, seal

Edit = Callable[[random.Random, list[bytes]], list[bytes]]


@pytest.fixture(name="bundle")
def _bundle(tenant: UUID) -> bytes:
    record(tenant, 12)
    seal()
    return export(tenant)


@pytest.fixture(name="short_bundle")
def _short_bundle(tenant: UUID) -> bytes:
    seal()
    return export(tenant)


@pytest.fixture(name="long_bundle")
def _long_bundle(tenant: UUID) -> bytes:
    record(tenant, BLOCK + 40)
    seal()
    return export(tenant)


def _refuse(bundle: bytes, keys: list[Key], *earlier: str) -> str:
    """What is wrong with it."""
    with pytest.raises(BadBundleError) as caught:
        verify(io.BytesIO(bundle), trusted=keys, earlier=earlier)
    return str(caught.value)


def test_bundle_holds_every_event_of_the_history(tenant: UUID, bundle: bytes) -> None:
    found = verify(io.BytesIO(bundle), trusted=keys_of(tenant))
    lines = bundle.decode().splitlines()
    told = [event.canonical for event in list_events(newest=100) if event.action != "audit.bundle.exported"]
    assert sorted(lines[2:-1]) == sorted(told)
    assert (found.counts["checked"], found.counts["dropped"]) == (len(told), 0)


def test_export_is_itself_an_event(tenant: UUID, bundle: bytes) -> None:
    event = list_events(newest=1)[0]
    details = json.loads(event.canonical)["details"]
    assert event.action == "audit.bundle.exported"
    assert (details["first"], details["count"]) == (0, details["size"])


def test_bundle_of_a_time_holds_its_events_and_proves_them(tenant: UUID) -> None:
    record(tenant, BLOCK - 20)
    since = datetime.now(UTC)
    record(tenant, 5)
    until = datetime.now(UTC)
    record(tenant, BLOCK)
    seal()
    bundle = export(tenant, since=since, until=until)
    found = verify(io.BytesIO(bundle), trusted=keys_of(tenant))
    times = [json.loads(line)["at"] for line in bundle.splitlines() if line.startswith(b'{"action"')]
    assert found.counts["checked"] == len(times) == 5
    assert since.isoformat() < min(times) <= max(times) < until.isoformat()


def test_bundle_of_a_time_without_events_proves_an_empty_part(tenant: UUID, bundle: bytes) -> None:
    empty = export(tenant, since=datetime.now(UTC) + timedelta(days=1))
    assert verify(io.BytesIO(empty), trusted=keys_of(tenant)).counts["checked"] == 0
    assert empty.count(b"\n") == 2


def test_bundle_goes_on_over_the_rotation_of_the_key(tenant: UUID, bundle: bytes) -> None:
    with as_platform(tenant):
        rotate_signing_key(origin=system_origin("test"))
    mixed = export(tenant)
    seal()
    for grown in (mixed, export(tenant)):
        assert verify(io.BytesIO(grown), trusted=keys_of(tenant)).counts["checked"] > 12
        assert "a signature is by no key that is trusted" in _refuse(grown, keys_of(tenant)[1:])


def test_any_change_of_one_character_is_found(tenant: UUID, short_bundle: bytes) -> None:
    keys, draw = keys_of(tenant), random.Random(6962)
    for at in range(len(short_bundle)):
        changed = bytearray(short_bundle)
        changed[at] = draw.choice([byte for byte in b'AB=/{"\n 019z' if byte != short_bundle[at]])
        _refuse(bytes(changed), keys)
        _refuse(bytes(changed), [])


def test_any_missing_or_additional_character_is_found(tenant: UUID, short_bundle: bytes) -> None:
    keys = keys_of(tenant)
    for at in range(len(short_bundle) + 1):
        _refuse(short_bundle[:at] + b" " + short_bundle[at:], keys)
        if at < len(short_bundle):
            _refuse(short_bundle[:at] + short_bundle[at + 1 :], keys)


def test_first_bad_line_is_named(tenant: UUID, long_bundle: bytes) -> None:
    keys, lines = keys_of(tenant), long_bundle.splitlines(keepends=True)
    for at in (0, 1, 2, 100, BLOCK + 1, BLOCK + 2, BLOCK + 10, len(lines) - 1):
        changed = [line.replace(b"e", b"f", 1) if number >= at else line for number, line in enumerate(lines)]
        assert _refuse(b"".join(changed), keys).startswith(f"line {at + 1}:")


def test_forger_who_reckons_the_hashes_anew_is_found_at_the_line_of_hashes(tenant: UUID, long_bundle: bytes) -> None:
    lines = long_bundle.splitlines(keepends=True)
    lines[10] = lines[10].replace(b"Gr\xc3\xbcn", b"Gelb")
    hashes = [hash_leaf(line[:-1]) for line in lines[2 : BLOCK + 2]]
    lines[1] = encode({"leaves": base64.b64encode(b"".join(hashes)).decode()})
    assert "line 2: not the hashes of block 0" in _refuse(b"".join(lines), keys_of(tenant))


def test_forger_with_a_key_of_his_own_is_refused_by_whoever_has_the_genuine_one(tenant: UUID, bundle: bytes) -> None:
    header = json.loads(bundle.splitlines()[0])
    forger = Signer(header["checkpoint"].partition("\n")[0], Ed25519PrivateKey.generate())
    header["checkpoint"] = forger.sign(header["checkpoint"].rpartition("\n\n")[0] + "\n")
    forged = encode(header) + bundle.partition(b"\n")[2]
    assert "a signature is by no key that is trusted" in _refuse(forged, keys_of(tenant))


def test_event_of_another_tenant_is_found(make_tenant: Callable[[], UUID], tenant: UUID, bundle: bytes) -> None:
    other = make_tenant()
    record(other, 12)
    seal()
    moved, lines = export(other).splitlines(keepends=True), bundle.splitlines(keepends=True)
    assert "line 6:" in _refuse(b"".join([*lines[:5], moved[5], *lines[6:]]), keys_of(tenant))
    assert "by no key that is trusted" in _refuse(b"".join(moved), keys_of(tenant))


def test_cut_history_is_found_by_an_outside_checkpoint_alone(tenant: UUID, bundle: bytes) -> None:
    """What was signed yesterday is genuine for ever: only who knows a later checkpoint can tell that it is old."""
    record(tenant, 3)
    seal()
    keys, newest = keys_of(tenant), list_notes()[-1]
    assert verify(io.BytesIO(bundle), trusted=keys).counts["checked"] > 0
    assert "the history was cut" in _refuse(bundle, keys, newest)


def test_bundle_is_held_against_all_outside_checkpoints_that_fall_into_it(tenant: UUID) -> None:
    for count in (30, BLOCK, 20, 1):
        record(tenant, count)
        seal()
    found = verify(io.BytesIO(export(tenant)), trusted=keys_of(tenant), earlier=list_notes())
    assert found.counts["compared"] == len(list_notes()) > 4


def test_another_history_than_the_one_of_an_outside_checkpoint_is_found(tenant: UUID, bundle: bytes) -> None:
    """The issuer itself signs a second history: only a checkpoint of the first one tells."""
    text, *_ = list_notes()[0].rpartition("\n\n")
    origin, size, _, *rest = text.split("\n")
    with as_platform(tenant):
        signer = find_signer(origin=system_origin("test"))
    other = signer.sign("\n".join([origin, size, base64.b64encode(hash_leaf(b"other")).decode(), *rest]) + "\n")
    assert "not the history of the outside checkpoint" in _refuse(bundle, keys_of(tenant), other)


def _cut_byte(draw: random.Random, lines: list[bytes]) -> list[bytes]:
    at = draw.randrange(len(lines))
    byte = draw.randrange(len(lines[at]))
    changed = bytes([lines[at][byte] ^ 1 << draw.randrange(8)])
    return [*lines[:at], lines[at][:byte] + changed + lines[at][byte + 1 :], *lines[at + 1 :]]


def _delete_line(draw: random.Random, lines: list[bytes]) -> list[bytes]:
    at = draw.randrange(len(lines))
    return [*lines[:at], *lines[at + 1 :]]


def _swap_lines(draw: random.Random, lines: list[bytes]) -> list[bytes]:
    first, second = draw.sample(range(len(lines)), 2)
    swapped = list(lines)
    swapped[first], swapped[second] = lines[second], lines[first]
    return swapped


def _insert_line(draw: random.Random, lines: list[bytes]) -> list[bytes]:
    at = draw.randrange(len(lines) + 1)
    return [*lines[:at], draw.choice(lines), *lines[at:]]


def _cut_tail(draw: random.Random, lines: list[bytes]) -> list[bytes]:
    end = draw.randrange(1, len(lines) - 1)
    return [*lines[:end], *draw.choice([[], lines[-1:]])]


def _change_event(draw: random.Random, lines: list[bytes]) -> list[bytes]:
    """An edit that stays an event: another outcome, time or actor."""
    at = draw.choice([number for number, line in enumerate(lines) if line.startswith(b'{"action"')])
    told = json.loads(lines[at])
    told[draw.choice(["action", "at", "outcome"])] = f"forged {draw.random()}"
    return [*lines[:at], encode(told), *lines[at + 1 :]]


def _forge_signature(draw: random.Random, lines: list[bytes]) -> list[bytes]:
    note = json.loads(lines[-1])["note"]
    text, _, line = note.rpartition("\n\n")
    mark, name, signature = line.strip().split(" ")
    key_id = base64.b64decode(signature)[:4]
    return [
        *lines[:-1],
        encode({"note": f"{text}\n\n{mark} {name} {base64.b64encode(key_id + draw.randbytes(64)).decode()}\n"}),
    ]


EDITS: tuple[Edit, ...] = (
    *(_cut_byte, _delete_line, _swap_lines, _insert_line, _cut_tail, _change_event, _forge_signature),
)


def _battery(tenant_id: UUID, bundle: bytes, rounds: int) -> None:
    """Every edit is found, and no clean bundle is refused, with and without the key."""
    lines, draw, keys = bundle.splitlines(keepends=True), random.Random(1_000), keys_of(tenant_id)
    for number in range(rounds):
        edited = b"".join(EDITS[number % len(EDITS)](draw, lines))
        if edited != bundle:
            _refuse(edited, draw.choice([keys, []]))
        verify(io.BytesIO(bundle), trusted=draw.choice([keys, []]))


def test_a_hundred_edits_are_found_and_a_hundred_clean_bundles_pass(tenant: UUID, long_bundle: bytes) -> None:
    _battery(tenant, long_bundle, 105)


@pytest.mark.long
def test_a_thousand_edits_are_found_and_a_thousand_clean_bundles_pass(tenant: UUID, long_bundle: bytes) -> None:
    _battery(tenant, long_bundle, 1_000)
