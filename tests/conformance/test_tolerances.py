"""The table of tolerances is complete: every row has a test, every warning of the code has its row and a case, and
the page says what the code does.
"""

import re

import pytest

from scim.protocol.dialects.tolerances import TOLERANCES, WarningCode
from tests.conformance.tolerances import (
    MODULES,
    PAGE,
    TESTS,
    Row,
    codes_of,
    modules_by_row,
    read_rows,
    refusal_of,
    render_page,
)

ROWS = [*read_rows("rows"), *read_rows("replies")]


def test_no_row_is_without_a_test() -> None:
    assert [row.id for row in ROWS if not row.tests and row.id not in modules_by_row()] == []


def test_no_test_has_the_number_of_no_row() -> None:
    assert set(modules_by_row()) <= {row.id for row in ROWS}


@pytest.mark.parametrize("named", sorted({name for row in ROWS for name in row.tests}))
def test_test_that_a_row_names_is_there(named: str) -> None:
    path, name = named.split("::")
    assert f"def {name}(" in (TESTS / path).read_text(encoding="utf-8")


def test_every_warning_of_the_code_is_of_rows_of_the_table() -> None:
    assert set(TOLERANCES) == set(WarningCode)
    assert {number for tolerance in TOLERANCES.values() for number in tolerance.rows} <= {row.id for row in ROWS}


def test_every_warning_is_earned_by_a_case() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in TESTS.glob(MODULES))
    assert [code.value for code in WarningCode if f'"{code.value}"' not in text] == []


def test_strict_error_that_depends_on_the_place_is_one_of_a_row_with_a_warning() -> None:
    assert [row.id for row in ROWS if row.strict and not codes_of(row)] == []
    assert all(re.fullmatch(r"400 \w+(; 400 \w+ in a \w+)?|", refusal_of(row)) for row in ROWS)


def test_row_takes_code_and_refusal_from_the_code() -> None:
    row = Row("T08", "a path as a member")
    assert (codes_of(row), refusal_of(row)) == (["W_DOTTED_KEY"], "400 invalidSyntax")


def test_page_of_tolerances_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(), "run python -m tests.conformance.tolerances"
