"""Marks say what a test proves, and what they name exists."""

import pytest

from tests.conformance.counting import count_statements
from tests.conformance.marks import find_stray_marks, find_unknown_section, marked_tests, read_marks
from tests.house.test_rules import refuse
from tests.house.tree import Source, project_files

SAMPLE = Source(
    "tests/scim/test_sample.py",
    """\
pytestmark = pytest.mark.rfc("7644#3.3")

@pytest.mark.long
@pytest.mark.rfc("7644#3.4.2-1", "7643#2.1")
def test_first(): ...

@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.rfc("7643#7"))])
@pytest.mark.capability("bulk")
def test_second(x): ...

def not_a_test(): ...
""",
)


def test_marks_of_test_and_module_are_read() -> None:
    first, second = read_marks(SAMPLE)
    assert first.rfc == {"7644#3.3", "7644#3.4.2-1", "7643#2.1"}
    assert first.sections == {"7644#3.3", "7644#3.4.2", "7643#2.1"}
    assert (first.path, first.name, first.is_long) == ("scim/test_sample.py", "test_first", True)
    assert (sorted(second.rfc), sorted(second.capability), second.is_long) == (["7643#7", "7644#3.3"], ["bulk"], False)


@pytest.mark.parametrize(
    "text",
    [
        "MARK = pytest.mark.rfc('7643#7')",
        "@pytest.mark.rfc(SECTION)\ndef test_it(): ...",
        "@pytest.mark.rfc()\ndef test_it(): ...",
        "@pytest.mark.capability(key='bulk')\ndef test_it(): ...",
    ],
)
def test_mark_that_would_be_missed_is_found(text: str) -> None:
    assert len(list(find_stray_marks(Source("tests/test_it.py", text)))) >= 1


def test_mark_at_a_test_is_no_stray() -> None:
    assert list(find_stray_marks(SAMPLE)) == []


@pytest.mark.parametrize("reference", ["7643", "7643#0.1", "7644#3.4.9", "1234#1", "7644#3.4.2-"])
def test_reference_to_nothing_is_found(reference: str) -> None:
    assert find_unknown_section(reference)


@pytest.mark.parametrize("reference", ["7643#2.1", "7644#3.4.2-3", "9865#2.1", "6749#4.4"])
def test_reference_to_a_section_is_taken(reference: str) -> None:
    assert find_unknown_section(reference) == ""


def test_every_mark_of_the_tree_can_be_read() -> None:
    refuse(f"{source.path}: {stray}" for source in project_files(".py") for stray in find_stray_marks(source))


def test_every_mark_of_the_tree_names_a_section_that_exists() -> None:
    wrong = [(test, find_unknown_section(named)) for test in marked_tests() for named in sorted(test.rfc)]
    refuse(f"tests/{test.path}::{test.name}: {what}" for test, what in wrong if what)


def test_words_of_obligation_are_counted_by_section() -> None:
    text = (
        "1.  One\n\n   It MUST be so and MUST\n   NOT be otherwise; it MAY be.\n\n1.1.  Two\n\n   REQUIRED.  SHOULD.\n"
    )
    assert count_statements(text) == {"1": 2, "1.1": 2}
