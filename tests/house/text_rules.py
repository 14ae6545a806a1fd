"""Rules for every text file, code or not, and for the requirements."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import Source

# In brackets, so that this file keeps its own rules.
UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E|XX[X])\b")
MACHINE_PATH = re.compile(r"(?<![\w.}\])])/(?:home|root|work|Users)/\w")
# What `pip` and `uv` write when they were told of an index or a folder of one machine.
MACHINE_INDEX = re.compile(
    r"^\s*--(?:index-url|extra-index-url|find-links|trusted-host)\b|(?:^|\s)@\s+(?:file|https?):", re.MULTILINE
)
INLINE_CODE = re.compile(r"<style\b|\sstyle=|\son[a-z]{3,}=|\bhx-on\b|javascript:|<script\b(?![^>]*\bsrc=)")
PINNED = re.compile(r"[\w.\[\]-]+==\S+ .*--hash=sha256:[0-9a-f]{64}")
REASON_WORDS = 2


def find_unfinished(source: Source) -> Iterator[str]:
    for number, line in enumerate(source.lines, 1):
        if UNFINISHED.search(line):
            yield f"line {number}: unfinished; do it, or file an issue"


def find_machine_path(source: Source) -> Iterator[str]:
    for number, line in enumerate(source.lines, 1):
        if MACHINE_PATH.search(line):
            yield f"line {number}: a path of one machine"


def find_inline_code(source: Source) -> Iterator[str]:
    """For templates: the policy of every page refuses it, so that it would fail in the browser alone."""
    for number, line in enumerate(source.lines, 1):
        for match in INLINE_CODE.finditer(line):
            yield f"line {number}: {match.group().strip()} is inline code; it belongs into app.css or app.js"


def find_requirement_without_reason(source: Source) -> Iterator[str]:
    """For *.in: `name   # why it is here`."""
    for number, line in enumerate(source.lines, 1):
        requirement, _, reason = line.partition("#")
        if requirement.strip() and not requirement.startswith("-r ") and len(reason.split()) < REASON_WORDS:
            yield f"line {number}: {requirement.strip()} without its reason"


def find_requirement_without_hash(source: Source) -> Iterator[str]:
    """For the compiled files: every requirement is pinned and hashed, and comes from the package index."""
    for match in MACHINE_INDEX.finditer(source.text):
        yield f"{match.group().strip()} belongs to one machine"
    for entry in source.text.replace("\\\n", " ").splitlines():
        requirement = entry.partition(" #")[0].strip()
        if requirement and not requirement.startswith("#") and not PINNED.match(requirement):
            yield f"{requirement.split()[0]} is not pinned with a hash"


def find_requirement_not_compiled(source: Source, compiled: str) -> Iterator[str]:
    """For *.in: every name stands in the compiled text. Names are compared as the package index does."""
    pinned = {_fold(name) for name in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", compiled, re.MULTILINE)}
    for line in source.lines:
        name = re.match(r"[\w.-]+", line)
        if name and not line.startswith("-") and _fold(name.group()) not in pinned:
            yield f"{name.group()} is not in the compiled file: make requirements"


def find_dead_link(source: Source, root: Path) -> Iterator[str]:
    """For Markdown: a relative link leads to a file of the project."""
    for target in re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", source.text):
        if not re.match(r"[a-z]+:", target) and not (root / source.path).parent.joinpath(target).exists():
            yield f"link to {target}, which does not exist"


def _fold(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
