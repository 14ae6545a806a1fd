"""Every function of the language, by name. `iif` is none of them: it is `?:`, and compiled as such.

A function that changes its meaning, or goes, makes a new version of the language; one that is added doesn't.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from scim.mapping.functions.choices import CHOICE_FUNCTIONS
from scim.mapping.functions.dates import DATE_FUNCTIONS
from scim.mapping.functions.definition import Function
from scim.mapping.functions.lists import LIST_FUNCTIONS
from scim.mapping.functions.patterns import PATTERN_FUNCTIONS
from scim.mapping.functions.text import TEXT_FUNCTIONS

# The sections of the page that describes them.
SECTIONS: Final[Mapping[str, tuple[Function, ...]]] = MappingProxyType(
    {
        "Text": TEXT_FUNCTIONS,
        "Patterns": PATTERN_FUNCTIONS,
        "Lists": LIST_FUNCTIONS,
        "Choices and conversions": CHOICE_FUNCTIONS,
        "Dates": DATE_FUNCTIONS,
    }
)

FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {function.name: function for section in SECTIONS.values() for function in section}
)
