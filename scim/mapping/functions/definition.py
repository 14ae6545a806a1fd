"""What a function of the language is. The documentation and its tests are made from the same entries."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from scim.mapping.values import Kind, Value


@dataclass(frozen=True)
class Parameter:
    """`prepare` turns what is written as text in quotes into what the function gets, once, when it is compiled."""

    name: str
    kinds: frozenset[Kind]
    is_optional: bool = False
    is_repeated: bool = False
    takes_empty: bool = False
    prepare: Callable[[str], Any] | None = None


@dataclass(frozen=True)
class Function:
    """`apply` gets the arguments, after the run where it `uses_run`. An empty first argument gives `empty` without a
    call, unless the parameter takes it.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: Kind
    apply: Callable[..., Value]
    summary: str
    examples: tuple[tuple[str, str], ...]
    empty: Value = None
    uses_run: bool = False

    @property
    def least(self) -> int:
        return sum(not parameter.is_optional for parameter in self.parameters)

    @property
    def most(self) -> int | None:
        return None if self.parameters and self.parameters[-1].is_repeated else len(self.parameters)

    def parameter(self, index: int) -> Parameter:
        return self.parameters[min(index, len(self.parameters) - 1)]

    @property
    def signature(self) -> str:
        """`replace(text, old, new)`; what may be left out stands in brackets."""
        names = [f"[{p.name}]" if p.is_optional and not p.is_repeated else p.name for p in self.parameters]
        return f"{self.name}({', '.join([*names, '…'] if self.most is None else names)})"


def one(name: str, *kinds: Kind, **traits: Any) -> Parameter:
    return Parameter(name, frozenset(kinds) or ANY_KIND, **traits)


ANY_KIND: Final = frozenset(Kind) - {Kind.EMPTY}
TEXT: Final = one("text", Kind.TEXT)
LIST: Final = one("list", Kind.LIST)
