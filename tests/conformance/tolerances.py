"""The table of tolerances and of what is checked in replies, with the tests of each row: `tolerances.toml`, joined with
the codes and refusals of `scim/protocol/dialects/tolerances.py`.

`python -m tests.conformance.tolerances` writes it to `docs/tolerances.md`.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from scim.protocol.dialects.tolerances import TOLERANCES
from tests.house.tree import ROOT

TESTS = ROOT / "tests"
TABLE = TESTS / "conformance" / "tolerances.toml"
PAGE = ROOT / "docs" / "tolerances.md"
# The modules whose tests and cases say in their names which rows they show: test_t35_t70_…, row("T03-boolean", …).
MODULES = "scim/test_tolerated_*.py"
NAMED = re.compile(r'def test_((?:t\d\d_)+)|\brow\(\s*"(T\d\d)')
HEAD = """\
# Tolerances

What identity providers send beside the RFC, and what becomes of it. A row with a code is accepted with a warning: the
code stands on the request's row in the log and is counted for the SCIM client. A strict SCIM client
(`manage.py client_options TENANT CLIENT --strict`) gets the error instead, and nothing is written. The other rows are
the same for everybody: they are accepted silently, or refused as they say.

| row | what arrives | what becomes of it | code | strict | shown by |
|---|---|---|---|---|---|
"""
REPLIES = """
## What identity providers check in replies

| row | what they want | shown by |
|---|---|---|
"""
FOOT = """
This page is made from `tests/conformance/tolerances.toml` and `scim/protocol/dialects/tolerances.py` by
`python -m tests.conformance.tolerances`.
"""


@dataclass(frozen=True)
class Row:
    """One row; `tests` are named as file::test below tests/, `strict` where the refusal depends on the place."""

    id: str
    arrives: str
    becomes: str = ""
    strict: str = ""
    tests: tuple[str, ...] = ()


@cache
def read_rows(table: str) -> Sequence[Row]:
    """The rows of `rows` or `replies`, in their order."""
    found = tomllib.loads(TABLE.read_text(encoding="utf-8"))[table]
    return [Row(name, **{**values, "tests": tuple(values.get("tests", ()))}) for name, values in found.items()]


@cache
def modules_by_row() -> Mapping[str, frozenset[str]]:
    """By row the modules in which a test or a case has its number."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(TESTS.glob(MODULES)):
        for names, case in NAMED.findall(path.read_text(encoding="utf-8")):
            for number in [case] if case else names.upper().strip("_").split("_"):
                found[number].add(path.relative_to(TESTS).as_posix())
    return {number: frozenset(paths) for number, paths in found.items()}


def codes_of(row: Row) -> list[str]:
    """The warnings that the code has for a row."""
    return [code.value for code, tolerance in TOLERANCES.items() if row.id in tolerance.rows]


def refusal_of(row: Row) -> str:
    """What a strict client gets instead of a warning."""
    refused = [f"400 {tolerance.scim_type}" for tolerance in TOLERANCES.values() if row.id in tolerance.rows]
    return row.strict or ", ".join(refused)


def render_page() -> str:
    """The page as Markdown; the same text on every machine."""
    rows = (
        f"| {row.id} | {row.arrives} | {row.becomes} | {', '.join(f'`{code}`' for code in codes_of(row))} "
        f"| {refusal_of(row)} | {_link_tests(row)} |\n"
        for row in read_rows("rows")
    )
    replies = (f"| {row.id} | {row.arrives} | {_link_tests(row)} |\n" for row in read_rows("replies"))
    return "".join((HEAD, *rows, REPLIES, *replies, FOOT))


def _link_tests(row: Row) -> str:
    named = [name.split("::") for name in row.tests]
    numbered = [(path, path.rpartition("/")[2]) for path in sorted(modules_by_row().get(row.id, ()))]
    return ", ".join(f"[{text}](../tests/{path})" for path, text in [*numbered, *named])


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
