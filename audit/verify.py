"""Verifies an audit bundle or a proof offline: `python verify.py FILE [--key FILE] [--checkpoint FILE]`.

Stands alone with Python and `cryptography`. Exit status 0: all events stand in the signed history. 1: they do not, and
the first bad line is named. 2: the file agrees with itself, but without `--key` nobody vouches for its keys.

A bundle is lines of UTF-8: a header, for every block of 256 leaves the leaves' hashes and the events, and a trailer.
The header holds a signed checkpoint (C2SP tlog-checkpoint) of the whole tree (RFC 6962 section 2.1), the roots of the
blocks and the hashes that lead from them to the checkpoint's root, so that whatever was changed is found where it
stands. An event's personal values, where the bundle has them, are the line behind it, and the event holds their salted
digest. The trailer signs the digest of everything before it.

A proof of one event is a header with a checkpoint and the hashes that lead to its root (section 2.1.1), the event, its
personal values where they are there, and a trailer. A proof of two checkpoints is a header with both and the hashes
that show the later tree to begin with the earlier one (section 2.1.2), and a trailer.
"""

import argparse
import base64
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

GENUINE, BAD, ISSUER_UNKNOWN, MISUSED = 0, 1, 2, 64
FORMAT = "labsninja-audit-bundle/1"
INCLUSION, CONSISTENCY = "labsninja-audit-inclusion/1", "labsninja-audit-consistency/1"
PERSONAL = b'{"changes":'  # how personal values begin, and no event does
BLOCK = 256
HASH_BYTES = 32
ED25519 = b"\x01"
Key = tuple[str, bytes]  # name, and the algorithm's byte with the public key
SIGNATURE = re.compile(r"\u2014 (\S+) (\S+)")


class BadBundleError(Exception):
    """Which line is the first bad one, and why."""


def hash_leaf(content: bytes) -> bytes:
    """RFC 6962 section 2.1: a leaf's hash can be no inner node's."""
    return sha256(b"\x00" + content).digest()


def hash_pair(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def hash_all(hashes: Sequence[bytes]) -> bytes:
    """Root of a tree of these leaf hashes; the last one of an odd row goes up as it is."""
    row = list(hashes)
    while len(row) > 1:
        pairs = [hash_pair(*row[at : at + 2]) for at in range(0, len(row) - 1, 2)]
        row = pairs + row[len(pairs) * 2 :]
    return row[0] if row else sha256(b"").digest()


def fold_blocks(low: int, high: int, blocks: Mapping[int, bytes], held: range, rest: Iterator[bytes]) -> bytes:
    """Root of leaves `low` to `high` of a tree, from the roots of the blocks numbered `held`; hashes of what lies
    beside them come from `rest`, from left to right. Raises StopIteration when it has too few.
    """
    first, last = low // BLOCK, (high - 1) // BLOCK
    if last < held.start or held.stop <= first:
        return next(rest)
    if high - low <= BLOCK:
        return blocks[first]
    middle = low + (1 << (high - low - 1).bit_length() - 1)
    return hash_pair(fold_blocks(low, middle, blocks, held, rest), fold_blocks(middle, high, blocks, held, rest))


def fold_path(leaf: bytes, index: int, size: int, path: Iterable[bytes]) -> bytes:
    """Root to which a path leads from a leaf's hash (RFC 9162 section 2.1.3.2). Raises ValueError."""
    at, last, root = index, size - 1, leaf
    for beside in path:
        ensure(last, "the path is too long")
        if at & 1 or at == last:
            root = hash_pair(beside, root)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            root = hash_pair(root, beside)
        at, last = at >> 1, last >> 1
    ensure(not last, "the path is too short")
    return root


def fold_growth(old: bytes, earlier: int, size: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Roots of the earlier tree and the later one (RFC 9162 section 2.1.4.2). Raises ValueError."""
    ensure(0 < earlier < size, "no later tree and an earlier one")
    hashes = [old, *path] if earlier & earlier - 1 == 0 else list(path)
    ensure(hashes, "the path is too short")
    at, last = earlier - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = hashes[0]
    for beside in hashes[1:]:
        ensure(last, "the path is too long")
        if at & 1 or at == last:
            first, second = hash_pair(beside, first), hash_pair(beside, second)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            second = hash_pair(second, beside)
        at, last = at >> 1, last >> 1
    ensure(not last, "the path is too short")
    return first, second


def ensure(condition: object, reason: str) -> None:
    """Raises ValueError."""
    if not condition:
        raise ValueError(reason)


def decode(text: str) -> bytes:
    """Base64 in the one form that encodes its bytes. Raises ValueError."""
    content = base64.b64decode(text, validate=True)
    ensure(base64.b64encode(content).decode() == text, "base64 with loose bits")
    return content


def read_key(line: str) -> Key:
    """Name and key of `name+id+base64` (C2SP signed-note). Raises ValueError."""
    name, key_id, text = line.split("+", 2)
    key = decode(text)
    is_ours = key[:1] == ED25519 and len(key) == 1 + HASH_BYTES and key_id == make_key_id(name, key).hex()
    ensure(is_ours, "not an Ed25519 key with its own id")
    return name, key


def make_key_id(name: str, key: bytes) -> bytes:
    """The four bytes by which a signature names its key; `key` begins with the algorithm's byte."""
    return sha256(name.encode() + b"\n" + key).digest()[:4]


def open_note(note: str, keys: Iterable[Key]) -> str:
    """The text of a note whose signatures are all by one of `keys`. Raises ValueError."""
    text, _, signatures = note.rpartition("\n\n")
    ensure(text and signatures.endswith("\n"), "not a signed note")
    known = {(name, make_key_id(name, key)): Ed25519PublicKey.from_public_bytes(key[1:]) for name, key in keys}
    for line in signatures[:-1].split("\n"):
        found = SIGNATURE.fullmatch(line)
        signed = decode(found[2]) if found else b""
        key = known.get((found[1], signed[:4])) if found else None
        if key is None:
            raise ValueError("a signature is by no key that is trusted")
        try:
            key.verify(signed[4:], f"{text}\n".encode())
        except InvalidSignature:
            raise ValueError("a signature is false") from None
    return f"{text}\n"


@dataclass(frozen=True)
class Checkpoint:
    """What was signed of a log: how many leaves it had, and their root."""

    origin: str
    size: int
    root: bytes


def read_checkpoint(note: str, keys: Iterable[Key]) -> Checkpoint:
    """Raises ValueError when it is not signed by one of `keys` under the log's own name."""
    origin, size, root, *_ = open_note(note, keys).split("\n")
    is_own = f"\u2014 {origin} " in note and re.fullmatch(r"0|[1-9][0-9]*", size)
    ensure(is_own, "not a checkpoint of its signer")
    return Checkpoint(origin, int(size), decode(root))


@dataclass
class Header:
    """The first line, read and proved."""

    keys: list[Key]
    checkpoint: Checkpoint
    first: int
    end: int
    blocks: dict[int, bytes]
    left: list[bytes]
    earlier: list[Checkpoint]


def read_header(line: bytes, trusted: Sequence[Key], earlier: Sequence[str]) -> Header:
    """Raises BadBundleError."""
    try:
        told: dict[str, Any] = json.loads(line)
        ensure(told["bundle"] == FORMAT, "not a bundle of a known form")
        keys = list(trusted) or [read_key(key) for key in told["keys"]]
        checkpoint = read_checkpoint(told["checkpoint"], keys)
        first, end = told["first"], told["first"] + told["count"]
        ensure(0 <= first <= end <= checkpoint.size, "its numbers do not fit each other")
        held = range(first // BLOCK, -(-end // BLOCK) if first < end else first // BLOCK)
        blocks = dict(zip(held, map(decode, told["blocks"]), strict=True))
        rest = [decode(text) for text in told["proof"]]
        proof = iter(rest)
        root = fold_blocks(0, checkpoint.size, blocks, held, proof)
        ensure(root == checkpoint.root and next(proof, None) is None, "its blocks do not lead to the checkpoint")
        keys = [key for key in keys if key[0] == checkpoint.origin]
        left, outside = rest[: (held.start * BLOCK).bit_count()], [read_checkpoint(note, keys) for note in earlier]
        longest = max((kept.size for kept in outside), default=0)
        ensure(longest <= checkpoint.size, f"the history was cut: an outside checkpoint has {longest} events")
        found = Header(keys, checkpoint, first, end, blocks, left, outside)
    except (ValueError, TypeError, KeyError, StopIteration, AttributeError) as error:
        raise BadBundleError(f"line 1: the header: {str(error) or 'it is incomplete'}") from error
    return found


class Lines:
    """Lines of a file but for the last, the trailer; `number` is that of the line taken last."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = sha256()
        self._next = file.readline()
        self.number = 0
        self.trailer = b""

    def is_next(self, beginning: bytes) -> bool:
        return self._next.startswith(beginning)

    def take(self) -> bytes:
        """The next line, empty when only the trailer is left."""
        line, following = self._next, self._file.readline()
        self.number += 1
        if not following:
            self.trailer = line
            return b""
        self._next = following
        self.digest.update(line)
        return line


@dataclass
class Verifier:
    """Reads a bundle once. `checked` counts events, `dropped` those of which retention left the hash alone, `opened`
    those whose personal values are there, `compared` the outside checkpoints that the bundle could be held against.
    """

    lines: Lines
    header: Header
    checked: int = 0
    dropped: int = 0
    opened: int = 0
    compared: int = 0

    def check(self) -> "Verifier":
        """Raises BadBundleError."""
        for number in self.header.blocks:
            self._check_block(number, self._take_hashes(number))
        if self.lines.take():
            raise self._bad("one line too many")
        check_trailer(self.lines, FORMAT, self.header.keys)
        return self

    def _check_block(self, number: int, hashes: Sequence[bytes]) -> None:
        low, end = number * BLOCK, self.header.end
        for index in range(max(low, self.header.first), min(low + BLOCK, end)):
            content = self.lines.take()
            if content == b'{"dropped":%d}\n' % index:
                self.dropped += 1
            elif hash_leaf(content[:-1]) != hashes[index - low] or content[-1:] != b"\n":
                raise self._bad(f"not the event that was sealed as leaf {index}")
            elif self.lines.is_next(PERSONAL):
                self._check_personal(content)
        self.checked += min(low + BLOCK, end) - max(low, self.header.first)

    def _check_personal(self, event: bytes) -> None:
        if not is_personal(self.lines.take(), event):
            raise self._bad("not the personal values of the event before it")
        self.opened += 1

    def _take_hashes(self, number: int) -> list[bytes]:
        line, size = self.lines.take(), min(BLOCK, self.header.checkpoint.size - number * BLOCK)
        try:
            told = json.loads(line)["leaves"]
            content = decode(told)
        except (ValueError, TypeError, KeyError):
            told, content = "", b""
        hashes = [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]
        if len(hashes) != size or hash_all(hashes) != self.header.blocks[number] or line != encode({"leaves": told}):
            raise self._bad(f"not the hashes of block {number}")
        self._compare(number, hashes)
        return hashes

    def _compare(self, number: int, hashes: list[bytes]) -> None:
        for earlier in self.header.earlier:
            if (earlier.size - 1) // BLOCK == number:
                blocks = {**self.header.blocks, number: hash_all(hashes[: earlier.size - number * BLOCK])}
                held, left = range(self.header.first // BLOCK, number + 1), iter(self.header.left)
                if fold_blocks(0, earlier.size, blocks, held, left) != earlier.root:
                    raise BadBundleError(f"line 1: not the history of the outside checkpoint of {earlier.size} events")
                self.compared += 1

    def _bad(self, reason: str) -> BadBundleError:
        return BadBundleError(f"line {self.lines.number}: {reason}")


def encode(content: Mapping[str, Any]) -> bytes:
    """A line in the one form that its content has."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def is_personal(line: bytes, event: bytes) -> bool:
    """Whether the event committed to these personal values."""
    told = json.loads(event)
    return sha256(line[:-1]).hexdigest() == told.get("personal") and line[-1:] == b"\n"


def check_trailer(lines: Lines, form: str, keys: Sequence[Key]) -> None:
    """Raises BadBundleError unless the last line signs everything before it."""
    line = lines.trailer
    try:
        note = json.loads(line)["note"]
        ensure(line == encode({"note": note}), "not in its one form")
        text = open_note(note, keys)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadBundleError(f"line {lines.number}: the trailer: {error}") from error
    if text != f"{form}\n{lines.digest.hexdigest()}\n":
        raise BadBundleError("line 1: the header: not the one that was signed, or lines were left out")


def verify_proof(file: BinaryIO, *, trusted: Sequence[Key] = (), earlier: Sequence[str] = ()) -> str:
    """What a proof of one event or of two checkpoints has proved. Raises BadBundleError."""
    lines = Lines(file)
    try:
        told: dict[str, Any] = json.loads(lines.take())
        keys = list(trusted) or [read_key(key) for key in told["keys"]]
        checkpoint = read_checkpoint(told["checkpoint"], keys)
        keys = [key for key in keys if key[0] == checkpoint.origin]
        check = {INCLUSION: check_inclusion, CONSISTENCY: check_consistency}[told["proof"]]
        known = [checkpoint, *([read_checkpoint(told["earlier"], keys)] if "earlier" in told else [])]
        for kept in (read_checkpoint(note, keys) for note in earlier):
            ensure(
                all(kept == one for one in known if one.size == kept.size), "not the history of a checkpoint outside"
            )
        proved = check(lines, told, known)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadBundleError(f"line {lines.number}: {error}") from error
    if lines.take():
        raise BadBundleError(f"line {lines.number}: one line too many")
    check_trailer(lines, told["proof"], keys)
    return proved


def check_inclusion(lines: Lines, told: Mapping[str, Any], known: Sequence[Checkpoint]) -> str:
    """The event of the next line stands in the tree. Raises ValueError."""
    (checkpoint,), index = known, told["leaf"]
    ensure(0 <= index < checkpoint.size, "the leaf is none of the tree's")
    event = lines.take()
    root = fold_path(hash_leaf(event[:-1]), index, checkpoint.size, map(decode, told["path"]))
    ensure(root == checkpoint.root and event[-1:] == b"\n", f"not the event that was sealed as leaf {index}")
    opened = lines.is_next(PERSONAL)
    ensure(not opened or is_personal(lines.take(), event), "not the personal values of the event before it")
    values = " with personal values" if opened else ""
    return f"event {json.loads(event)['id']}{values} is leaf {index} of {checkpoint.size}"


def check_consistency(_lines: Lines, told: Mapping[str, Any], known: Sequence[Checkpoint]) -> str:
    """The later tree begins with the earlier one. Raises ValueError."""
    later, earlier = known
    roots = fold_growth(earlier.root, earlier.size, later.size, [decode(text) for text in told["path"]])
    ensure(roots == (earlier.root, later.root), "the later history does not begin with the earlier one")
    return f"the history of {later.size} events begins with the one of {earlier.size}"


def verify_bundle(file: BinaryIO, *, trusted: Sequence[Key] = (), earlier: Sequence[str] = ()) -> Verifier:
    """What was found; `earlier` are notes kept outside. Raises BadBundleError."""
    lines = Lines(file)
    return Verifier(lines, read_header(lines.take(), trusted, earlier)).check()


def verify_file(file: BinaryIO, *, trusted: Sequence[Key] = (), earlier: Sequence[str] = ()) -> str:
    """What a bundle or a proof has proved, in words. Raises BadBundleError."""
    is_proof = any(form.encode() in file.readline() for form in (INCLUSION, CONSISTENCY))
    file.seek(0)
    if is_proof:
        return verify_proof(file, trusted=trusted, earlier=earlier)
    found = verify_bundle(file, trusted=trusted, earlier=earlier)
    told = f"{found.checked} events of {found.header.checkpoint.size}, {found.dropped} dropped by retention"
    return f"{told}, {found.opened} with personal values; {found.compared} checkpoints compared"


def read_keys(text: str) -> list[Key]:
    """Keys of a file, one a line; a line that begins with # tells something else. Raises ValueError."""
    return [read_key(line.strip()) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def main(arguments: Sequence[str]) -> int:
    """The command; gives its exit status."""
    parser = argparse.ArgumentParser(prog="verify.py", description="Verify an audit bundle or a proof.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", type=Path, help="the issuer's public keys, got by another way than the bundle")
    parser.add_argument("--checkpoint", type=Path, help="signed checkpoints kept outside, a line of JSON each")
    parser.error = lambda message: parser.exit(MISUSED, f"{message}\n")  # type: ignore[method-assign]  # 2 is taken
    options = parser.parse_args(arguments)
    try:
        trusted = read_keys(options.key.read_text()) if options.key else []
        outside = options.checkpoint.read_text().splitlines() if options.checkpoint else []
        earlier = [json.loads(line)["note"] for line in outside]
        with options.file.open("rb") as file:
            told = verify_file(file, trusted=trusted, earlier=earlier)
    except (BadBundleError, ValueError, KeyError, OSError) as error:
        sys.stdout.write(f"BAD {options.file}: {error}\n")
        return BAD
    verdict = "GENUINE" if options.key else "SELF-CONSISTENT, ISSUER NOT VERIFIED"
    sys.stdout.write(f"{verdict} {options.file}: {told}\n")
    return GENUINE if options.key else ISSUER_UNKNOWN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
