"""By what a resource is looked for at the target: rules in the order of their rank, each of attributes that all agree.

    for rule in mapping.match_rules:
        text = rule.filter_text(made)       # what to ask the target with, None where the resource lacks a value
        key = rule.key(made)                # the same for what is the same person

A target may compare in its own way, or pay no heed to a filter: what it answers is judged by `rule.key`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import orjson
from anyascii import anyascii

from scim.mapping.places import Place, PlaceError, find_place
from scim.mapping.rows import MatchBy
from scim.protocol.folding import fold_text
from scim.protocol.scalars import Scalar
from scim.protocol.schemas.definitions import ResourceType
from scim.protocol.urns import ENTERPRISE_USER

Key: TypeAlias = tuple[Scalar, ...]
NORMALIZERS: Final[Mapping[MatchBy, Callable[[str], str]]] = {
    MatchBy.EXACT: lambda text: text,
    MatchBy.CASELESS: lambda text: fold_text(text.strip()),
    MatchBy.ASCII_FOLD: lambda text: fold_text(anyascii(text).strip()),
}
# Where no row has a rank. What is given to one person alone comes before what several may share.
DEFAULT_RULES: Final[Mapping[str, tuple[tuple[tuple[str, MatchBy], ...], ...]]] = {
    "User": (
        (("externalId", MatchBy.EXACT),),
        (("userName", MatchBy.CASELESS),),
        (('emails[type eq "work"].value', MatchBy.CASELESS),),
        (
            ("name.familyName", MatchBy.ASCII_FOLD),
            ("name.givenName", MatchBy.ASCII_FOLD),
            (f"{ENTERPRISE_USER}:employeeNumber", MatchBy.CASELESS),
        ),
    ),
    "Group": ((("externalId", MatchBy.EXACT),), (("displayName", MatchBy.CASELESS),)),
}


@dataclass(frozen=True)
class MatchTerm:
    place: Place
    by: MatchBy = MatchBy.CASELESS

    def read(self, document: Mapping[str, Any]) -> Scalar | None:
        """The value as it stands there, None where there is none to look for."""
        value = self.place.read(document)
        if isinstance(value, str):
            return value if value.strip() else None
        return value if isinstance(value, bool | int | float) else None


@dataclass(frozen=True)
class MatchRule:
    """Its terms have to agree together."""

    rank: int
    terms: tuple[MatchTerm, ...]

    def key(self, document: Mapping[str, Any]) -> Key | None:
        """The normalized values, None where one is missing: then the rule finds nobody."""
        key = []
        for term in self.terms:
            value = term.read(document)
            if value is None:
                return None
            key.append(NORMALIZERS[term.by](value) if isinstance(value, str) else value)
        return tuple(key)

    def filter_text(self, document: Mapping[str, Any]) -> str | None:
        """A filter for the target (RFC 7644 section 3.4.2.2), None where a value is missing."""
        parts = []
        for term in self.terms:
            value = term.read(document)
            if value is None:
                return None
            parts.append(write_comparison(term.place, value))
        return " and ".join(parts)

    @property
    def text(self) -> str:
        """For people: what has to agree."""
        return " and ".join(term.place.text for term in self.terms)


def write_comparison(place: Place, value: Scalar) -> str:
    """`place eq value`. A value of a list is asked for within its brackets, for a filter has nothing behind them."""
    literal = orjson.dumps(value).decode()
    if place.element is None:
        return f"{place.text} eq {literal}"
    path, _, inside = place.text.partition("[")
    condition = inside.rpartition("]")[0]
    return f"{path}[{condition} and {place.part or 'value'} eq {literal}]"


def make_rules(ranked: Iterable[tuple[int, MatchTerm]], resource_type: ResourceType) -> tuple[MatchRule, ...]:
    """Rules of rows with ranks; where there are none, those that are usual for the type."""
    by_rank: defaultdict[int, list[MatchTerm]] = defaultdict(list)
    for rank, term in ranked:
        by_rank[rank].append(term)
    if by_rank:
        return tuple(MatchRule(rank, tuple(terms)) for rank, terms in sorted(by_rank.items()))
    rules: list[MatchRule] = []
    for pairs in DEFAULT_RULES.get(resource_type.name, ()):
        try:
            terms = [MatchTerm(find_place(path, resource_type, is_target=True), by) for path, by in pairs]
        except PlaceError:  # the target's schema has no such attribute
            continue
        rules.append(MatchRule(len(rules) + 1, tuple(terms)))
    return tuple(rules)
