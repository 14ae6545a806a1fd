"""The page of the long run tells every outcome, failures first of all."""

from datetime import UTC, datetime
from typing import Literal

import pytest

from tests.long_report import LongReport, render_page

AT = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


def _report(nodeid: str, when: Literal["setup", "call"], outcome: Literal["passed", "failed"]) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=nodeid,
        location=("", 0, ""),
        keywords={},
        outcome=outcome,
        longrepr=None,
        when=when,
        duration=1.5,
    )


def _render(*reports: pytest.TestReport) -> str:
    collected = LongReport()
    for report in reports:
        collected.pytest_runtest_logreport(report)
    return render_page(collected.results, at=AT, commit="abc1234", machine="2 cores")


def test_parameters_of_a_test_are_one_row() -> None:
    page = _render(*(_report(f"tests/a.py::test_x[{seed}]", "call", "passed") for seed in range(3)))
    assert "2026-03-04 05:06Z, commit abc1234, 2 cores: **all 3 passed**." in page
    assert "| [tests/a.py](../tests/a.py) test_x | 3 | passed | 4 |" in page


def test_failure_is_told_in_the_verdict_and_in_its_row() -> None:
    page = _render(
        _report("tests/a.py::test_x[1]", "call", "passed"),
        _report("tests/a.py::test_x[2]", "call", "failed"),
        _report("tests/b.py::test_y", "setup", "failed"),
    )
    assert "**2 of 3 failed**" in page
    assert "test_x | 2 | 1 passed, 1 failed |" in page
    assert "test_y | 1 | failed |" in page


def test_set_up_that_passed_is_no_run_of_its_own() -> None:
    page = _render(_report("tests/a.py::test_x", "setup", "passed"), _report("tests/a.py::test_x", "call", "passed"))
    assert "**all 1 passed**" in page
