"""docs/capabilities.md: what is supported and what is not, written by `manage.py capabilities_doc`."""

from itertools import groupby

from labsninja.env import PROJECT_ROOT
from scim.capabilities import CAPABILITIES, Capability

PAGE = PROJECT_ROOT / "docs" / "capabilities.md"
HEAD = """\
# Capabilities

What LabsNinja can do, since which version, and the tests that prove it. 7644#3.7 is section 3.7 of RFC 7644. Each
capability is part of every plan unless it says otherwise.
"""
COLUMNS = "| capability | section | status | since | tests |\n|---|---|---|---|---|\n"
FOOT = """
This page is generated from `scim/capabilities.py` by `manage.py capabilities_doc`.
"""


def render_capabilities() -> str:
    """The whole page as Markdown; the same text on every machine."""
    areas = groupby(CAPABILITIES, key=lambda capability: capability.area)
    tables = [f"\n## {area}\n\n{COLUMNS}{''.join(map(_render_row, rows))}" for area, rows in areas]
    return "".join((HEAD, *tables, FOOT))


def _render_row(row: Capability) -> str:
    remarks = [row.note] if row.note else []
    if not row.every_plan:
        remarks.append("Not in every plan.")
    name = f"{row.name}. {' '.join(remarks)}" if remarks else row.name
    tests = ", ".join(f"[{path}](../tests/{path})" for path in row.tests)
    since = row.since if row.tests else ""
    return f"| {name} | {', '.join(row.sections)} | {row.status} | {since} | {tests} |\n"
