"""Marks that tie a test to what it proves, read from the source: nothing is imported and no test is run.

`@pytest.mark.rfc("7644#3.5.2.1")` names a section; of `"7644#3.5.2.1-2"`, its second rule, the section is checked.
`@pytest.mark.capability("bulk")` names a row of `scim/capabilities.py`.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.house.tree import ROOT, Source, project_files

STATEMENTS = ROOT / "tests" / "conformance" / "statements.toml"
REFERENCE = re.compile(r"(?P<rfc>\d+)#(?P<section>\d+(?:\.\d+)*)(?:-(?P<rule>\d+))?")
# Standards beside SCIM that tests may name; their sections are not counted.
NEIGHBORS = {"6749", "6750", "6962", "8414", "8785", "9110", "9967"}
NAMES = ("rfc", "capability")


@dataclass(frozen=True)
class MarkedTest:
    """One test function: `path` below tests/, what its marks name, and whether `make test` leaves it out."""

    path: str
    name: str
    rfc: frozenset[str]
    capability: frozenset[str]
    is_long: bool

    @property
    def sections(self) -> set[str]:
        """Sections as in 7644#3.4, whether a mark names the section or a rule of it."""
        return {reference.partition("-")[0] for reference in self.rfc}


def read_marks(source: Source) -> Iterator[MarkedTest]:
    """Every test function of a module that carries a mark, its own or its module's."""
    of_module = [mark for node in source.tree.body if _is_pytestmark(node) for mark in _marks(node)]
    for function in source.functions:
        if function.name.startswith("test_"):
            marks = [*of_module, *(mark for decorator in function.decorator_list for mark in _marks(decorator))]
            named = {name: frozenset(text for mark, texts in marks if mark == name for text in texts) for name in NAMES}
            if any(named.values()):
                is_long = any(mark == "long" for mark, _ in marks)
                path = source.path.removeprefix("tests/")
                yield MarkedTest(path, function.name, named["rfc"], named["capability"], is_long)


@cache
def marked_tests() -> tuple[MarkedTest, ...]:
    """Every marked test of the project."""
    return tuple(test for source in _test_modules() for test in read_marks(source))


def find_stray_marks(source: Source) -> Iterator[str]:
    """Marks that `read_marks` would miss: not at a test, or with something else than texts."""
    seen = {id(call) for call in _calls_at_tests(source)}
    for call in _mark_calls(source.tree):
        if id(call) not in seen:
            yield f"line {call.lineno}: {ast.unparse(call)} stands neither at a test nor in pytestmark"
        if not call.args or call.keywords or len(_texts(call)) != len(call.args):
            yield f"line {call.lineno}: {ast.unparse(call)} has to be given texts and nothing else"


def find_unknown_section(reference: str) -> str:
    """What is wrong with a reference of an `rfc` mark, or nothing."""
    match = REFERENCE.fullmatch(reference)
    if match is None:
        return f"{reference} is not of the form 7644#3.4.2 or 7644#3.4.2-1"
    rfc, section = match["rfc"], match["section"]
    if rfc not in NEIGHBORS and section not in statements().get(rfc, {}):
        return f"{reference}: there is no such section"
    return ""


@cache
def statements() -> dict[str, dict[str, int]]:
    """By RFC and section, how many words of obligation the text holds."""
    return tomllib.loads(STATEMENTS.read_text(encoding="utf-8"))


def _test_modules() -> Iterator[Source]:
    return (source for source in project_files(".py") if source.folders[:1] == ("tests",))


def _is_pytestmark(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"


def _marks(node: ast.AST) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Names of all marks below a node, with the texts they are given."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and ast.unparse(part.func) in {f"pytest.mark.{name}" for name in NAMES}:
            yield ast.unparse(part.func).rpartition(".")[2], _texts(part)
        elif isinstance(part, ast.Attribute) and ast.unparse(part) == "pytest.mark.long":
            yield "long", ()


def _mark_calls(node: ast.AST) -> Iterator[ast.Call]:
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and ast.unparse(part.func) in {f"pytest.mark.{name}" for name in NAMES}:
            yield part


def _calls_at_tests(source: Source) -> Iterator[ast.Call]:
    for node in source.tree.body:
        if _is_pytestmark(node):
            yield from _mark_calls(node)
    for function in source.functions:
        if function.name.startswith("test_"):
            for decorator in function.decorator_list:
                yield from _mark_calls(decorator)


def _texts(call: ast.Call) -> tuple[str, ...]:
    return tuple(arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))
