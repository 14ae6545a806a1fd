"""Counts the words of RFC 2119 in an RFC, section by section: `python -m tests.conformance.counting rfc7643.txt`.

`statements.toml` holds what this printed for the texts as the RFC Editor publishes them. A table of rules
can be held against these numbers, so that none is forgotten.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

HEADING = re.compile(r"^(\d+(?:\.\d+)*)\.\s+\S", re.MULTILINE)
# A negation is part of its word, also across a line break. MAY and OPTIONAL bind nobody.
OBLIGATION = re.compile(r"\b(?:(?:MUST|SHALL|SHOULD)(?:\s+NOT)?|REQUIRED|(?:NOT\s+)?RECOMMENDED)\b")


def count_statements(text: str) -> Mapping[str, int]:
    """By section, without its subsections, how often the text obliges or recommends."""
    _, *parts = HEADING.split(text)
    return {section: len(OBLIGATION.findall(body)) for section, body in zip(parts[::2], parts[1::2], strict=True)}


if __name__ == "__main__":
    for section, count in count_statements(Path(sys.argv[1]).read_text(encoding="utf-8")).items():
        sys.stdout.write(f'"{section}" = {count}\n')
