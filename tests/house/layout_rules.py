"""Rules that see many modules at once: names, shadows, dead modules, packages that no contract knows."""

import ast
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from importlib.metadata import packages_distributions

from tests.house.size_rules import LOOKED_UP, LOOKED_UP_FOLDERS
from tests.house.tree import Source

# A name that says nothing about what is inside draws everything inside.
VAGUE = re.compile(r"(?:^|_)(?:utils?|helpers?|misc|miscellaneous|common|stuff|part_?\d+)$")
# A dotted name in a text: "scim.api.urls", "labsninja.wsgi:application".
DOTTED = re.compile(r"\w+(?:\.\w+)+(?::\w+)?")


def find_vague_name(source: Source) -> Iterator[str]:
    if source.is_product or source.folders[:1] == ("tests",):
        for name in (*source.folders, source.name):
            if VAGUE.search(name):
                yield f"{name} does not say what is inside; name it by its noun"


def find_shadows(sources: Iterable[Source]) -> Iterator[str]:
    """A module beside one that imports its namesake from outside.

    Python takes the nearer one as soon as that folder is on the path, and a reader takes the nearer one at once.
    """
    modules = [source for source in sources if not source.is_migration]
    outside = (sys.stdlib_module_names | packages_distributions().keys()) - LOOKED_UP
    for source in modules:
        *folder, name = source.module.split(".")
        for neighbor in modules if name in outside else ():
            is_near = [*neighbor.folders][: len(folder)] == folder and len(neighbor.folders) <= len(folder) + 1
            if is_near and name in {imported.partition(".")[0] for imported in _imported(neighbor)}:
                yield f"{source.path} shadows the {name} that {neighbor.path} imports"


def find_dead_modules(sources: Collection[Source]) -> Iterator[str]:
    """Product modules that nobody needs.

    Neither the product nor a script beside it imports them or names them in a text, and no framework looks them up.
    """
    used = {name for source in sources if source.is_product or not source.folders for name in _references(source)}
    for source in (source for source in sources if source.is_product):
        looked_up = source.name in LOOKED_UP or LOOKED_UP_FOLDERS & set(source.folders) or source.name == "models"
        if not looked_up and source.module not in used and not _is_script(source):
            yield f"{source.path}: nobody imports it"


def find_packages_without_contract(packages: Iterable[str], roots: Iterable[str]) -> Iterator[str]:
    for package in sorted(set(packages) ^ set(roots)):
        yield f"{package}: the packages of the tree and root_packages in pyproject.toml differ"


def _imported(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _references(source: Source) -> Iterator[str]:
    """Dotted names that a module imports or holds as a text (settings, include(), dotted entry points)."""
    texts = (node.value for node in ast.walk(source.tree) if isinstance(node, ast.Constant))
    dotted = (text.replace(":", ".") for text in texts if isinstance(text, str) and DOTTED.fullmatch(text))
    for name in {*_imported(source), *dotted} - {source.module}:
        parts = name.split(".")
        yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _is_script(source: Source) -> bool:
    return any(isinstance(node, ast.If) and "__name__" in ast.unparse(node.test) for node in source.tree.body)
