"""The rules of `rules/*.toml`: what RFC 7643 (sections 2 to 8), RFC 7644 (3 and 4) and RFC 9865 oblige a service
provider to, each with the tests that name it or the reason why it has none.

`python -m tests.conformance.obligations` writes them to `docs/conformance.md`.
"""

import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from tests.conformance.marks import MarkedTest, marked_tests
from tests.house.tree import ROOT

RULES = ROOT / "tests" / "conformance" / "rules"
PAGE = ROOT / "docs" / "conformance.md"
# By RFC the first part of the sections whose obligations bind us. The rest is prose, registries and security advice.
BINDING: Mapping[str, range] = {"7643": range(2, 9), "7644": range(3, 5), "9865": range(1, 8)}
HEAD = """\
# Conformance

What RFC 7643 (sections 2 to 8), RFC 7644 (3 and 4) and RFC 9865 oblige or advise a service provider to, in our words,
and the tests that hold us to it or the reason why there is none. Every word of obligation in those texts stands behind
one of these rules.

A test names rules or whole sections by a mark: `@pytest.mark.rfc("7644#3.3-2")` is the second rule of section 3.3,
`@pytest.mark.rfc("7644#3.3")` the section. Several may stand in one mark, and a mark of what does not exist fails. What
is supported, with its tests, stands in [capabilities.md](capabilities.md).

"""
FOOT = """
This page is made from `tests/conformance/rules/` by `python -m tests.conformance.obligations`.
"""
COLUMNS = "| rule | level | what it says | shown by |\n|---|---|---|---|\n"


@dataclass(frozen=True)
class Rule:
    """One obligation. `id` is as in 7644#3.3-2; `covers` counts the words of obligation behind it."""

    id: str
    level: str
    rule: str
    covers: int = 1
    reason: str = ""

    @property
    def section(self) -> str:
        """As in 7644#3.3."""
        return self.id.partition("-")[0]


@cache
def list_rules() -> Sequence[Rule]:
    """Every rule, in the order of the RFCs."""
    return [
        Rule(f"{rfc}#{name}", **values)
        for rfc in BINDING
        for name, values in tomllib.loads((RULES / f"{rfc}.toml").read_text(encoding="utf-8")).items()
    ]


def proofs() -> Mapping[str, Sequence[MarkedTest]]:
    """By rule the tests of `make test` that name it."""
    found: dict[str, list[MarkedTest]] = defaultdict(list)
    for test in marked_tests():
        for reference in test.rfc if not test.is_long else ():
            found[reference].append(test)
    return found


def find_miscounts(rules: Sequence[Rule], counted: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Sections whose rules don't cover as many words of obligation as the text has."""
    covered: dict[str, int] = defaultdict(int)
    for rule in rules:
        covered[rule.section] += rule.covers
    wanted = {
        f"{rfc}#{section}": count
        for rfc, sections in counted.items()
        for section, count in sections.items()
        if int(section.partition(".")[0]) in BINDING.get(rfc, ())
    }
    return [
        f"{section}: the text has {wanted.get(section, 0)}, the rules cover {covered[section]}"
        for section in sorted({*wanted, *covered})
        if wanted.get(section, 0) != covered[section]
    ]


def find_unproved(rules: Sequence[Rule], proved: Mapping[str, Sequence[MarkedTest]]) -> list[str]:
    """Rules with neither test nor reason, and those with both."""
    return [
        f"{rule.id} has both a test and a reason to have none" if rule.reason else f"{rule.id} has no test: {rule.rule}"
        for rule in rules
        if bool(proved.get(rule.id)) == bool(rule.reason)
    ]


def render_page() -> str:
    """The page as Markdown; the same text on every machine."""
    proved = proofs()
    parts = [HEAD]
    for rfc, rules in groupby(list_rules(), key=lambda rule: rule.id.partition("#")[0]):
        rows = (_render_row(rule, proved.get(rule.id, ())) for rule in rules)
        parts.append(f"## RFC {rfc}\n\n{COLUMNS}{''.join(rows)}\n")
    return "".join(parts).rstrip() + "\n" + FOOT


def _render_row(rule: Rule, tests: Sequence[MarkedTest]) -> str:
    shown = sorted({f"[{test.name}](../tests/{test.path})" for test in tests})
    return f"| {rule.id.partition('#')[2]} | {rule.level} | {rule.rule} | {', '.join(shown) or rule.reason} |\n"


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
