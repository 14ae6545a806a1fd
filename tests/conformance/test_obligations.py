"""The table of obligations is complete: every word of the RFCs stands behind a rule, every rule has a test or a reason,
and every mark names a rule that exists.
"""

from itertools import pairwise

import pytest

from tests.conformance.marks import REFERENCE, marked_tests, statements
from tests.conformance.obligations import (
    BINDING,
    PAGE,
    Rule,
    find_miscounts,
    find_unproved,
    list_rules,
    proofs,
    render_page,
)
from tests.house.test_rules import refuse

RULE = Rule("7644#3.3-1", "MUST", "It is so.")
EXCUSED = Rule("7644#3.3-1", "MUST", "It is so.", reason="It binds clients.")


def test_every_word_of_obligation_stands_behind_a_rule() -> None:
    refuse(find_miscounts(list_rules(), statements()))


@pytest.mark.parametrize("covers", [1, 3])
def test_section_with_another_number_of_obligations_is_found(covers: int) -> None:
    rule = Rule("7644#3.3-1", "MUST", "It is so.", covers=covers)
    assert find_miscounts([rule], {"7644": {"3.3": 2, "9": 5}}) == [
        f"7644#3.3: the text has 2, the rules cover {covers}"
    ]


def test_every_rule_has_a_test_or_a_reason() -> None:
    refuse(find_unproved(list_rules(), proofs()))


def test_rule_without_either_and_rule_with_both_are_found() -> None:
    (test, *_) = marked_tests()
    assert find_unproved([RULE], {}) == ["7644#3.3-1 has no test: It is so."]
    assert find_unproved([EXCUSED], {RULE.id: [test]}) == ["7644#3.3-1 has both a test and a reason to have none"]
    assert find_unproved([RULE], {RULE.id: [test]}) == find_unproved([EXCUSED], {}) == []


def test_every_mark_of_a_rule_names_one_that_exists() -> None:
    known = {rule.id for rule in list_rules()}
    for test in marked_tests():
        for reference in test.rfc - known:
            match = REFERENCE.fullmatch(reference)
            assert match is not None, reference
            assert match["rule"] is None or match["rfc"] not in BINDING, f"{test.path}: {reference} is no rule"


def test_rules_are_numbered_as_they_stand() -> None:
    names = [rule.id for rule in list_rules()]
    assert len(names) == len(set(names))
    for before, after in pairwise(names):
        same = before.partition("-")[0] == after.partition("-")[0]
        assert int(after.rpartition("-")[2]) == (int(before.rpartition("-")[2]) + 1 if same else 1), after


def test_page_of_conformance_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(), "run python -m tests.conformance.obligations"
