"""The Merkle tree of a log (RFC 6962 section 2.1): how it grows, and the proofs that come from it. Pure.

Of a tree are kept its leaves' hashes and the roots of all complete subtrees of 256, 256 * 256 ... leaves, so that a
proof reads some hundred hashes whatever the size. Growing needs the peaks alone: the roots of the complete subtrees
into which a tree falls, from left to right.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from audit.verify import BLOCK, hash_all, hash_pair, split

BITS = BLOCK.bit_length() - 1
# Roots of the complete subtrees of 256 ** level leaves, from the first number to before the last; level 0: the leaves.
Load = Callable[[int, int, int], Sequence[bytes]]


@dataclass
class Growth:
    """A tree that grows; `subtrees` are those completed on the way, as level, number and root."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)
    subtrees: list[tuple[int, int, bytes]] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Add a leaf's hash."""
        self.size += 1
        self.peaks.append(leaf)
        height = 0
        while not self.size >> height & 1:
            right = self.peaks.pop()
            self.peaks[-1] = hash_pair(self.peaks[-1], right)
            height += 1
            if height % BITS == 0:
                self.subtrees.append((height // BITS, (self.size >> height) - 1, self.peaks[-1]))

    @property
    def root(self) -> bytes:
        """Of all leaves so far."""
        *higher, found = self.peaks or [hash_all([])]
        for peak in reversed(higher):
            found = hash_pair(peak, found)
        return found


@dataclass(frozen=True)
class Tree:
    """Reads hashes of a stored tree."""

    load: Load

    def compute_root(self, low: int, high: int) -> bytes:
        """Root of the leaves from `low` to before `high`: an inner node of the tree, or the whole of one."""
        size = high - low
        if size & size - 1:
            middle = low + split(size)
            return hash_pair(self.compute_root(low, middle), self.compute_root(middle, high))
        shift = (size.bit_length() - 1) // BITS * BITS
        return hash_all(self.load(shift // BITS, low >> shift, high >> shift))

    def prove_inclusion(self, leaf: int, size: int) -> list[bytes]:
        """RFC 6962 section 2.1.1: what leads from a leaf to the root of the tree of `size`, from below to above."""
        return list(self._path(leaf, 0, size))

    def prove_consistency(self, earlier: int, size: int) -> list[bytes]:
        """RFC 6962 section 2.1.2: that the tree of `earlier` leaves is the beginning of the one of `size`."""
        return list(self._consistency(earlier, 0, size, is_whole=True)) if 0 < earlier < size else []

    def prove_range(self, first: int, end: int, size: int) -> list[bytes]:
        """What audit.verify.fold_blocks needs besides the blocks that hold the leaves from `first` to before `end`."""
        held = range(first // BLOCK, -(-end // BLOCK) if first < end else first // BLOCK)
        return list(self._beside(held, 0, size))

    def _path(self, leaf: int, low: int, high: int) -> Iterator[bytes]:
        if high - low > 1:
            middle = low + split(high - low)
            if leaf < middle:
                yield from chain(self._path(leaf, low, middle), [self.compute_root(middle, high)])
            else:
                yield from chain(self._path(leaf, middle, high), [self.compute_root(low, middle)])

    def _consistency(self, earlier: int, low: int, high: int, *, is_whole: bool) -> Iterator[bytes]:
        if earlier == high:
            if not is_whole:
                yield self.compute_root(low, high)
            return
        middle = low + split(high - low)
        if earlier <= middle:
            yield from self._consistency(earlier, low, middle, is_whole=is_whole)
            yield self.compute_root(middle, high)
        else:
            yield from self._consistency(earlier, middle, high, is_whole=False)
            yield self.compute_root(low, middle)

    def _beside(self, held: range, low: int, high: int) -> Iterator[bytes]:
        first, last = low // BLOCK, (high - 1) // BLOCK
        if last < held.start or held.stop <= first:
            yield self.compute_root(low, high)
        elif high - low > BLOCK:
            middle = low + split(high - low)
            yield from chain(self._beside(held, low, middle), self._beside(held, middle, high))
