"""docs/settings.md: the table of settings for people who run a deployment, written by `manage.py settings_doc`."""

from pathlib import Path
from typing import Any

from labsninja.env import PROJECT_ROOT, SETTINGS, Setting

PAGE = PROJECT_ROOT / "docs" / "settings.md"
HEAD = """\
# Settings

Every setting is an environment variable. A secret (marked so) may also come from a file: set `NAME_FILE` to its path
instead of `NAME`. Lists are separated by commas. What is not set has the default.

| name | type | default | what it does |
|---|---|---|---|
"""
FOOT = """
This page is generated from `labsninja/env.py` by `manage.py settings_doc`.
"""


def render_settings() -> str:
    """The whole page as Markdown; the same text on every machine."""
    return HEAD + "".join(_render_row(setting) for setting in SETTINGS) + FOOT


def _render_row(setting: Setting) -> str:
    kind = f"{setting.kind}, secret" if setting.secret else setting.kind
    return f"| `{setting.name}` | {kind} | {_render_default(setting.default)} | {setting.summary} |\n"


def _render_default(default: Any) -> str:
    if isinstance(default, Path):
        return f"`{default.relative_to(PROJECT_ROOT)}` in the project"
    text = ",".join(default) if isinstance(default, list) else str(default)
    return f"`{text}`" if text else ""
