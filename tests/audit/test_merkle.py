"""The tree is the one of RFC 6962, as an independent implementation has it."""

import random
from collections.abc import Sequence
from contextlib import suppress

import pymerkle  # type: ignore[import-untyped]  # published without types
import pytest

from audit.merkle import Growth, Tree
from audit.verify import BLOCK, fold_blocks, fold_growth, fold_path, hash_all, hash_leaf, hash_pair

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


@pytest.mark.parametrize("size", SIZES)
def test_root_is_that_of_another_implementation(size: int) -> None:
    log = Log(size)
    assert log.growth.root == hash_all(log.leaves) == log.tree.compute_root(0, size) == log.other.get_root()


@pytest.mark.parametrize("size", SIZES)
def test_inclusion_proof_is_that_of_another_implementation(size: int) -> None:
    log, draw = Log(size), random.Random(size)
    for leaf in draw.sample(range(size), min(size, 8)):
        path = log.tree.prove_inclusion(leaf, size)
        assert [log.leaves[leaf], *path] == log.other.prove_inclusion(leaf + 1).path
        roots = (log.other.get_root(leaf + 1), log.other.get_root())
        assert fold_path(log.leaves[leaf], leaf, size, path) == roots


@pytest.mark.parametrize("size", SIZES[1:])
def test_inclusion_proof_of_another_leaf_place_or_length_leads_elsewhere(size: int) -> None:
    log, draw = Log(size), random.Random(size)
    for leaf in draw.sample(range(size), min(size, 8)):
        path, root = log.tree.prove_inclusion(leaf, size), log.other.get_root()
        assert fold_path(log.leaves[leaf - 1], leaf, size, path)[1] != root
        for index, other in ((leaf ^ 1, path), (leaf, path[:-1]), (leaf, [*path, root])):
            with suppress(ValueError):
                assert fold_path(log.leaves[leaf], index, size, other)[1] != root


@pytest.mark.parametrize("size", SIZES[1:])
def test_consistency_proof_leads_from_an_earlier_root_to_this_one(size: int) -> None:
    log, draw = Log(size), random.Random(size)
    for earlier in draw.sample(range(1, size), min(size - 1, 8)):
        proof, old = log.tree.prove_consistency(earlier, size), log.other.get_root(earlier)
        assert fold_growth(old, earlier, size, proof) == (old, log.other.get_root())
        forged = hash_pair(old, old)
        assert fold_growth(forged, earlier, size, proof) != (forged, log.other.get_root())
        for other in (proof[:-1], [*proof, old]):
            with suppress(ValueError):
                assert fold_growth(old, earlier, size, other) != (old, log.other.get_root())


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
