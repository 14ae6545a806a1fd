"""The files of the project as the house rules see them."""

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The packages of the product, from above to below.
PACKAGES = ("labsninja", "portal", "scim", "tenants", "audit")
# Folders that tools make, none of which is the project's text.
MADE_BY_TOOLS = {"__pycache__", "node_modules", "staticfiles", "var", "htmlcov"}
HIDDEN_BUT_OURS = {".ci", ".github"}


@dataclass(frozen=True)
class Source:
    """One file: `path` relative to the root with slashes, and its text."""

    path: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    @cached_property
    def comments(self) -> list[tuple[int, str]]:
        """Line number and text of every comment."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]

    @property
    def name(self) -> str:
        return Path(self.path).stem

    @property
    def folders(self) -> tuple[str, ...]:
        return Path(self.path).parts[:-1]

    @property
    def module(self) -> str:
        """Dotted name; a package is named by its folder."""
        return ".".join(self.folders if self.name == "__init__" else (*self.folders, self.name))

    @property
    def is_migration(self) -> bool:
        return self.folders[-1:] == ("migrations",) and self.name != "__init__"

    @property
    def is_product(self) -> bool:
        return self.folders[:1] != () and self.folders[0] in PACKAGES


def layers() -> set[str]:
    """Dotted names of the modules that are layers of an app."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return {
        f"{container}.{name}"
        for contract in contracts
        for container in contract.get("containers", [])
        for layer in contract["layers"]
        for name in re.findall(r"\w+", layer)
    }


def project_files(*suffixes: str) -> Iterator[Source]:
    """Every text file of the project that ends in one of `suffixes`; all of them without any."""
    for path in _walk(ROOT):
        if not suffixes or path.name.endswith(suffixes):
            try:
                yield Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
            except UnicodeDecodeError:  # a picture or a font
                continue


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name not in MADE_BY_TOOLS and (not path.name.startswith(".") or path.name in HIDDEN_BUT_OURS):
                yield from _walk(path)
        elif not path.is_symlink() and path.name != ".git":  # a file where Git keeps a second working tree
            yield path
