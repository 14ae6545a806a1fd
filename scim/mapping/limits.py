"""How much an expression may be, take and make. What passes a bound is a LimitError.

A program without macros runs each of its nodes once, so its length bounds its time. Fuel is spent where that is not so:
by each turn of a macro (as much as its body has nodes) and by functions and operators for the text and elements they
look at.
"""

from typing import Final

# Versions of the language that can be read. Whoever stores an expression stores its version beside it.
VERSION: Final = 1
VERSIONS: Final = frozenset({1})

SOURCE_CHARACTERS: Final = 4096
DEPTH: Final = 48  # of the tree: brackets, chains of operators and of calls alike
NODES: Final = 600
PATTERN_CHARACTERS: Final = 256
PATTERN_MEMORY: Final = 1024 * 1024  # bytes a compiled pattern may take

FUEL: Final = 50_000
CHARACTERS_PER_FUEL: Final = 64  # of text that a function or operator goes through
TEXT_CHARACTERS: Final = 64 * 1024
LIST_ELEMENTS: Final = 20_000

# A whole number has 64 bits, as CEL's int.
INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1
