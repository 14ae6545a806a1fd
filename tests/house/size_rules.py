"""Sizes: a module up to 300 lines and not under 25, a function up to 50, a template up to 150."""

import ast
from collections.abc import Iterator

from tests.house.tree import Source, layers

MODULE_LINES = 300
LEAST_MODULE_LINES = 25
FUNCTION_LINES = 50
TEMPLATE_LINES = 150
# Modules that a framework looks up by name: they cannot fold into a neighbor.
PYTHON_LOOKS_UP = {"__init__", "__main__", "conftest", "manage"}
DJANGO_LOOKS_UP = {"admin", "apps", "base", "urls"}
SERVERS_LOOK_UP = {"asgi", "celery", "tasks", "wsgi"}
LOOKED_UP = PYTHON_LOOKS_UP | DJANGO_LOOKS_UP | SERVERS_LOOK_UP
LOOKED_UP_FOLDERS = {"commands", "migrations", "templatetags"}


def find_long_module(source: Source) -> Iterator[str]:
    """A data table's lines do not count: a table is one thing however long."""
    count = len(source.lines) - sum(_lines(node) for node in source.tree.body if _is_table(node))
    if count > MODULE_LINES and not source.is_migration:
        yield f"{count} lines besides its tables, {MODULE_LINES} are the most: split by noun"


def find_short_module(source: Source) -> Iterator[str]:
    """In the product alone, for a test stands where its subject stands. A layer has no neighbor to fold into."""
    needed = source.name in LOOKED_UP or LOOKED_UP_FOLDERS & set(source.folders) or source.module in layers()
    if source.is_product and not needed and len(source.lines) < LEAST_MODULE_LINES:
        yield f"{len(source.lines)} lines, {LEAST_MODULE_LINES} are the least: fold it into its neighbor"


def find_long_function(source: Source) -> Iterator[str]:
    for function in source.functions:
        if _lines(function) > FUNCTION_LINES:
            yield f"{function.name}: {_lines(function)} lines, {FUNCTION_LINES} are the most"


def find_long_template(source: Source) -> Iterator[str]:
    if len(source.lines) > TEMPLATE_LINES:
        yield f"{len(source.lines)} lines, {TEMPLATE_LINES} are the most: split off a fragment"


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _is_table(node: ast.stmt) -> bool:
    """NAME = literal, in capitals."""
    if isinstance(node, ast.Assign):
        target, value = node.targets[0], node.value
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        target, value = node.target, node.value
    else:
        return False
    holds_code = any(isinstance(part, ast.Lambda | ast.comprehension) for part in ast.walk(value))
    return isinstance(target, ast.Name) and target.id.lstrip("_").isupper() and not holds_code
