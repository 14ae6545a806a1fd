"""The tree is the one of RFC 6962, as an independent implementation has it."""

import random
from collections.abc import Sequence

import pymerkle  # type: ignore[import-untyped]  # published without types
import pytest

from audit.merkle import Growth, Tree
from audit.verify import BLOCK, fold_blocks, hash_all, hash_leaf, hash_pair

SIZES = [*range(1, 20), 63, 64, 65, 255, 256, 257, 511, 512, 513, 700, 1_030]


class Log:
    """The same leaves in both implementations."""

    def __init__(self, size: int) -> None:
        self.contents = [f"{size} {number}".encode() for number in range(size)]
        self.leaves = [hash_leaf(content) for content in self.contents]
        self.growth, self.other = Growth(), pymerkle.InmemoryTree(algorithm="sha256")
        for content in self.contents:
            self.growth.append(hash_leaf(content))
            self.other.append_entry(content)
        self._subtrees = {(level, number): root for level, number, root in self.growth.subtrees}
        self.tree = Tree(self._load)

    def _load(self, level: int, first: int, end: int) -> Sequence[bytes]:
        if level == 0:
            return self.leaves[first:end]
        return [self._subtrees[level, number] for number in range(first, end)]


def _leads_on(earlier: int, size: int, old: bytes, new: bytes, proof: Sequence[bytes]) -> bool:
    """RFC 9162 section 2.1.4.2, word for word."""
    path = [old, *proof] if earlier & earlier - 1 == 0 else list(proof)
    at, last = earlier - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = path[0]
    for beside in path[1:]:
        if at & 1 or at == last:
            first, second = hash_pair(beside, first), hash_pair(beside, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = hash_pair(second, beside)
        at, last = at >> 1, last >> 1
    return (first, second, last) == (old, new, 0)


@pytest.mark.parametrize("size", SIZES)
def test_root_is_that_of_another_implementation(size: int) -> None:
    log = Log(size)
    assert log.growth.root == hash_all(log.leaves) == log.tree.compute_root(0, size) == log.other.get_root()


@pytest.mark.parametrize("size", SIZES)
def test_inclusion_proof_is_that_of_another_implementation(size: int) -> None:
    log, draw = Log(size), random.Random(size)
    for leaf in draw.sample(range(size), min(size, 8)):
        assert [log.leaves[leaf], *log.tree.prove_inclusion(leaf, size)] == log.other.prove_inclusion(leaf + 1).path


@pytest.mark.parametrize("size", SIZES[1:])
def test_consistency_proof_leads_from_an_earlier_root_to_this_one(size: int) -> None:
    log, draw = Log(size), random.Random(size)
    for earlier in draw.sample(range(1, size), min(size - 1, 8)):
        proof, old = log.tree.prove_consistency(earlier, size), log.other.get_root(earlier)
        assert _leads_on(earlier, size, old, log.other.get_root(), proof)
        assert not _leads_on(earlier, size, hash_pair(old, old), log.other.get_root(), proof)


@pytest.mark.parametrize("size", SIZES)
def test_range_leads_to_the_root_with_what_lies_beside_it(size: int) -> None:
    log, draw = Log(size), random.Random(size)
    for _ in range(8):
        first, end = sorted(draw.choices(range(size + 1), k=2))
        held = range(first // BLOCK, -(-end // BLOCK) if first < end else first // BLOCK)
        blocks = {number: hash_all(log.leaves[number * BLOCK : (number + 1) * BLOCK]) for number in held}
        rest = iter(log.tree.prove_range(first, end, size))
        assert fold_blocks(0, size, blocks, held, rest) == log.growth.root
        assert next(rest, None) is None


def test_proofs_of_a_big_tree_read_few_hashes() -> None:
    log, read = Log(1_030), list[int]()
    size = 1_030

    def load(level: int, first: int, end: int) -> Sequence[bytes]:
        read.append(end - first)
        return log._load(level, first, end)

    assert Tree(load).prove_inclusion(700, size) == log.tree.prove_inclusion(700, size)
    assert sum(read) <= 2 * BLOCK
