"""Verifies an audit bundle or a proof offline: `python verify.py FILE [--key FILE] [--checkpoint FILE]`.

Stands alone with Python and `cryptography`. Exit status 0: all events stand in the signed history. 1: they do not, and
the first bad line is named. 2: the file agrees with itself, but without `--key` nobody vouches for its keys.
A bundle is lines of UTF-8: a header, for every block of 256 leaves the leaves' hashes and the events, and a trailer
that signs the digest of everything before it. The header holds a signed checkpoint (C2SP tlog-checkpoint) of the whole
tree (RFC 6962 section 2.1), the roots of the blocks and the hashes that lead from them to its root. An event holds the
salted digest of its personal values; where they are there, they are the line behind it. A proof of one event has the
hashes that lead to the root (2.1.1), one of two checkpoints those that show one tree to begin with the other (2.1.2).
"""

import argparse
import base64
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

GENUINE, BAD, ISSUER_UNKNOWN, MISUSED = 0, 1, 2, 64
FORMAT = "labsninja-audit-bundle/1"
INCLUSION, CONSISTENCY = "labsninja-audit-inclusion/1", "labsninja-audit-consistency/1"
VERDICTS = {True: ("GENUINE", GENUINE), False: ("SELF-CONSISTENT, ISSUER NOT VERIFIED", ISSUER_UNKNOWN)}
PROVED = "{checked} events of {size}, {dropped} dropped, {opened} with personal values; {compared} checkpoints compared"
PERSONAL = b'{"changes":'  # how personal values begin, and no event does
BLOCK, HASH_BYTES, ED25519 = 256, 32, b"\x01"
Key = tuple[str, bytes]  # name, and the algorithm's byte with the public key


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


def split(size: int) -> int:
    """Leaves on the left of a tree's root: the largest power of two below its size."""
    return 1 << (size - 1).bit_length() - 1


def fold_blocks(low: int, high: int, blocks: Mapping[int, bytes], held: range, rest: Iterator[bytes]) -> bytes:
    """Root of the leaves `low` to `high`, from the roots of blocks `held` and those beside them, left to right."""
    first, last = low // BLOCK, (high - 1) // BLOCK
    if last < held.start or held.stop <= first:
        return next(rest)
    if high - low <= BLOCK:
        return blocks[first]
    middle = low + split(high - low)
    return hash_pair(fold_blocks(low, middle, blocks, held, rest), fold_blocks(middle, high, blocks, held, rest))


def fold_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Roots of the leaves up to one and of all, to which its path leads (RFC 6962 section 2.1.1). Raises ValueError."""
    if size == 1:
        ensure(not path and index == 0, "the path does not fit the tree")
        return leaf, leaf
    (*inner, beside), middle = path, split(size)
    if index < middle:
        first, second = fold_path(leaf, index, middle, inner)
        return first, hash_pair(second, beside)
    first, second = fold_path(leaf, index - middle, size - middle, inner)
    return hash_pair(beside, first), hash_pair(beside, second)


def fold_growth(old: bytes, earlier: int, size: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Roots of the earlier tree and the later one (RFC 6962 section 2.1.2): trees of blocks like the former's last."""
    ensure(0 < earlier < size, "no earlier tree and a later one")
    block = earlier & -earlier
    node, *rest = [old, *path] if block == earlier else path
    return fold_path(node, earlier // block - 1, -(-size // block), rest)


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
    is_ed25519 = key[:1] == ED25519 and len(key) == 1 + HASH_BYTES
    ensure(is_ed25519 and key_id == make_key_id(name, key).hex(), "not an Ed25519 key with its own id")
    return name, key


def make_key_id(name: str, key: bytes) -> bytes:
    """The four bytes by which a signature names its key; `key` begins with the algorithm's byte."""
    return sha256(name.encode() + b"\n" + key).digest()[:4]


def open_note(note: str, keys: Iterable[Key]) -> str:
    """The text of a note whose signatures are all by one of `keys`. Raises ValueError."""
    text, _, signatures = note.rpartition("\n\n")
    ensure(text and signatures.endswith("\n"), "not a signed note")
    known = {(f"\u2014 {name}", make_key_id(name, key)): key[1:] for name, key in keys}
    for line in signatures[:-1].split("\n"):
        signer, _, encoded = line.rpartition(" ")
        signature = decode(encoded)
        ensure((signer, signature[:4]) in known, "a signature is by no key that is trusted")
        try:
            Ed25519PublicKey.from_public_bytes(known[signer, signature[:4]]).verify(signature[4:], f"{text}\n".encode())
        except InvalidSignature:
            raise ValueError("a signature is false") from None
    return f"{text}\n"


class Checkpoint(NamedTuple):
    """What was signed of a log: how many leaves it had, and their root."""

    origin: str
    size: int
    root: bytes


def read_checkpoint(note: str, keys: Iterable[Key]) -> Checkpoint:
    """Raises ValueError when it is not signed by one of `keys` under the log's own name."""
    origin, size, root, *_ = open_note(note, keys).split("\n")
    is_plain = 0 <= int(size) < 1 << 60 and str(int(size)) == size
    ensure(is_plain and f"\u2014 {origin} " in note, "not a checkpoint of its signer")
    return Checkpoint(origin, int(size), decode(root))


class Reading:
    """A file, read once line by line: `told` is the header, `keys` are the log's, `outside` checkpoints kept elsewhere.
    Of a bundle `counts` tells what was checked, dropped (retention left the hash alone), opened, and compared.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.next, self.number = file, file.readline(), 0
        self.digest, self.counts, self.proved = sha256(), Counter[str](), ""

    def take(self) -> bytes:
        """The next line, empty when only the trailer is left; `number` is its number."""
        line, following = self.next, self._file.readline()
        self.number += 1
        if following:
            self.next = following
            self.digest.update(line)
        return line if following else b""

    def take_header(self, trusted: Sequence[Key], earlier: Iterable[str]) -> None:
        self.told: dict[str, Any] = json.loads(self.take())
        keys = list(trusted) or [read_key(key) for key in self.told["keys"]]
        self.checkpoint = read_checkpoint(self.told["checkpoint"], keys)
        self.keys = [key for key in keys if key[0] == self.checkpoint.origin]
        self.outside = [read_checkpoint(note, self.keys) for note in earlier]
        self.compare(self.checkpoint)

    def take_personal(self, event: bytes) -> None:
        """The personal values to which the event committed, where they are the next line."""
        if self.next.startswith(PERSONAL):
            told = json.loads(event).get("personal")
            ensure(sha256(self.take()[:-1]).hexdigest() == told, "not the personal values of the event before it")
            self.counts["opened"] += 1

    def compare(self, known: Checkpoint) -> None:
        if any(kept != known for kept in self.outside if kept.size == known.size):
            raise BadBundleError(f"line 1: not the history of the outside checkpoint of {known.size} events")


def check_bundle(reading: Reading) -> str:
    """All events of the bundle stand in the tree. Raises what a wrong line raises, as the other checks do."""
    told, size = reading.told, reading.checkpoint.size
    first, end = told["first"], told["first"] + told["count"]
    ensure(0 <= first <= end <= size, "its numbers do not fit each other")
    held = range(first // BLOCK, -(-end // BLOCK) if first < end else first // BLOCK)
    blocks = dict(zip(held, map(decode, told["blocks"]), strict=True))
    rest = [decode(text) for text in told["proof"]]
    proof, left = iter(rest), rest[: (held.start * BLOCK).bit_count()]
    is_whole = fold_blocks(0, size, blocks, held, proof) == reading.checkpoint.root and next(proof, None) is None
    ensure(is_whole, "its blocks do not lead to the checkpoint")
    ensure(all(kept.size <= size for kept in reading.outside), "the history was cut: an outside checkpoint is longer")
    for number in held:
        line, count = reading.take(), min(BLOCK, size - number * BLOCK)
        leaves = base64.b64decode(json.loads(line)["leaves"])
        hashes = [leaves[at : at + HASH_BYTES] for at in range(0, len(leaves), HASH_BYTES)]
        is_plain = line == encode({"leaves": base64.b64encode(leaves).decode()}) and len(hashes) == count
        ensure(is_plain and hash_all(hashes) == blocks[number], f"not the hashes of block {number}")
        for kept in (kept for kept in reading.outside if (kept.size - 1) // BLOCK == number):
            known = {**blocks, number: hash_all(hashes[: kept.size - number * BLOCK])}
            root = fold_blocks(0, kept.size, known, range(held.start, number + 1), iter(left))
            reading.compare(Checkpoint(kept.origin, kept.size, root))
            reading.counts["compared"] += 1
        for index in range(max(number * BLOCK, first), min((number + 1) * BLOCK, end)):
            event = reading.take()
            if event == b'{"dropped":%d}\n' % index:
                reading.counts["dropped"] += 1
            else:
                ensure(hash_leaf(event[:-1]) == hashes[index % BLOCK], f"not the event that was sealed as leaf {index}")
                reading.take_personal(event)
    reading.counts.update(checked=end - first, size=size)
    return PROVED.format_map(reading.counts)


def check_inclusion(reading: Reading) -> str:
    """The event of the next line stands in the tree."""
    index, path = reading.told["leaf"], [decode(text) for text in reading.told["path"]]
    event, size = reading.take(), reading.checkpoint.size
    is_own = fold_path(hash_leaf(event[:-1]), index, size, path)[1] == reading.checkpoint.root
    ensure(is_own, f"not the event that was sealed as leaf {index}")
    reading.take_personal(event)
    values = " with personal values" if reading.counts["opened"] else ""
    return f"event {json.loads(event)['id']}{values} is leaf {index} of {size}"


def check_consistency(reading: Reading) -> str:
    """The later tree begins with the earlier one."""
    later, earlier = reading.checkpoint, read_checkpoint(reading.told["earlier"], reading.keys)
    reading.compare(earlier)
    roots = fold_growth(earlier.root, earlier.size, later.size, [decode(text) for text in reading.told["path"]])
    ensure(roots == (earlier.root, later.root), "the later history does not begin with the earlier one")
    return f"the history of {later.size} events begins with the one of {earlier.size}"


CHECKS = {FORMAT: check_bundle, INCLUSION: check_inclusion, CONSISTENCY: check_consistency}


def encode(content: Mapping[str, Any]) -> bytes:
    """A line in the one form that its content has."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def verify(file: BinaryIO, *, trusted: Sequence[Key] = (), earlier: Iterable[str] = ()) -> Reading:
    """What a bundle or a proof has proved; `earlier` are notes kept outside. Raises BadBundleError."""
    reading = Reading(file)
    try:
        reading.take_header(trusted, earlier)
        form = reading.told.get("bundle") or reading.told["proof"]
        reading.proved = CHECKS[form](reading)
        ensure(not reading.take(), "one line too many")
        note = json.loads(reading.next)["note"]
        ensure(reading.next == encode({"note": note}), "the trailer is not in its one form")
        if open_note(note, reading.keys) != f"{form}\n{reading.digest.hexdigest()}\n":
            raise BadBundleError("line 1: not the header that was signed, or lines were left out")
    except (ValueError, TypeError, LookupError, StopIteration, AttributeError, RecursionError) as error:
        reason = str(error) if type(error) is ValueError else "incomplete, or not in its form"
        place = "line 1: the header" if reading.number == 1 else f"line {reading.number}"
        raise BadBundleError(f"{place}: {reason}") from error
    return reading


def read_lines(path: Path | None) -> list[str]:
    """Lines of a file but for those that begin with #, which tell something else; none without a file."""
    lines = path.read_text().splitlines() if path else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def main(arguments: Sequence[str]) -> int:
    """The command; gives its exit status."""
    parser = argparse.ArgumentParser(prog="verify.py", description="Verify an audit bundle or a proof.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", type=Path, help="the issuer's public keys, got by another way than the bundle")
    parser.add_argument("--checkpoint", type=Path, help="signed checkpoints kept outside, a line of JSON each")
    parser.error = lambda message: parser.exit(MISUSED, f"{message}\n")  # type: ignore[method-assign]  # 2 is taken
    options = parser.parse_args(arguments)
    try:
        trusted = [read_key(line) for line in read_lines(options.key)]
        earlier = [json.loads(line)["note"] for line in read_lines(options.checkpoint)]
        with options.file.open("rb") as file:
            told = verify(file, trusted=trusted, earlier=earlier).proved
    except (BadBundleError, ValueError, TypeError, LookupError, OSError) as error:
        sys.stdout.write(f"BAD {options.file}: {error}\n")
        return BAD
    verdict, status = VERDICTS[bool(trusted)]
    sys.stdout.write(f"{verdict} {options.file}: {told}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
