"""docs/test-long.md: what the last whole long run found, when, on which commit and machine; `make test-long` loads it.

A failed run is written down like any other: the page tells what was seen, not what was hoped for.
"""

import os
import platform
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parent.parent / "docs" / "test-long.md"
HEAD = """\
# The long tests

What the last whole `make test-long` found: fuzzing, generated requests, big directories. A row is a test; one with
several seeds or sizes counts each of them.

"""
GIT = shutil.which("git") or "git"
COLUMNS = "| test | runs | outcome | seconds |\n|---|---|---|---|\n"


@dataclass
class Result:
    """One test function: how often each outcome came, and how long all of its runs took together."""

    seconds: float = 0.0
    outcomes: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def runs(self) -> int:
        return sum(self.outcomes.values())


def render_page(results: Mapping[str, Result], *, at: datetime, commit: str, machine: str) -> str:
    """The page as Markdown; `results` by the test's path and name without its parameters."""
    failed = sum(
        runs for result in results.values() for outcome, runs in result.outcomes.items() if outcome != "passed"
    )
    runs = sum(result.runs for result in results.values())
    verdict = f"{failed} of {runs} failed" if failed else f"all {runs} passed"
    facts = f"{at:%Y-%m-%d %H:%M}Z, commit {commit}, {machine}: **{verdict}**.\n\n"
    return "".join((HEAD, facts, COLUMNS, *(_render_row(name, results[name]) for name in sorted(results))))


def _render_row(name: str, result: Result) -> str:
    path, _, test = name.partition("::")
    outcome = ", ".join(
        f"{count} {word}" if len(result.outcomes) > 1 else word for word, count in result.outcomes.items()
    )
    return f"| [{path}](../{path}) {test} | {result.runs} | {outcome} | {result.seconds:.0f} |\n"


def describe_commit() -> str:
    """The commit's short name, and whether the tree held more than it."""
    changed = _git("status", "--porcelain")
    return _git("rev-parse", "--short", "HEAD") + (" with uncommitted changes" if changed else "")


def describe_machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _git(*arguments: str) -> str:
    told = subprocess.run([GIT, *arguments], cwd=PAGE.parent, check=True, capture_output=True, text=True)
    return told.stdout.strip()


class LongReport:
    """Collects the reports of a run, from the processes of xdist too, and writes the page at its end."""

    def __init__(self) -> None:
        self.results: dict[str, Result] = defaultdict(Result)
        self._commit = describe_commit()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        result = self.results[report.nodeid.partition("[")[0]]
        result.seconds += report.duration
        if report.when == "call" or report.outcome != "passed":
            result.outcomes[report.outcome] += 1

    def pytest_sessionfinish(self) -> None:
        if self.results:
            page = render_page(self.results, at=datetime.now(UTC), commit=self._commit, machine=describe_machine())
            PAGE.write_text(page)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(LongReport())
