"""What one target can do, layer by layer: what it is known for, what it declares, what was observed, what people set.

A later layer wins over an earlier one, field by field, and the profile can say for each field which one won.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Final, Self

from scim.targets.presets import PRESETS

SCIM_JSON: Final = "application/scim+json"
JSON: Final = "application/json"


class PatchForm(StrEnum):
    """How far PATCH goes: not at all, plain paths, no `path` at all, or also paths with a value filter."""

    NONE = "none"
    CORE = "core"
    NO_PATH = "no-path-only"
    VALUE_FILTERS = "value-filter-paths"


class Paging(StrEnum):
    """How a listing goes on. NONE: one answer holds everything."""

    INDEX = "index"
    CURSOR = "cursor"
    NONE = "none"


class Removal(StrEnum):
    """How a PATCH takes members out of a group: by `members[value eq "..."]`, or by an array of values."""

    FILTER = "filter"
    VALUES = "value-array"


class Source(StrEnum):
    """Where the value of a field comes from, the weakest first."""

    DEFAULT = "default"
    DECLARED = "declared"
    PRESET = "preset"
    OBSERVED = "observed"
    OVERRIDE = "override"


@dataclass(frozen=True)
class Facts:
    """The fields. Where None stands, nothing is known: no bound for numbers, anything for `filter_attributes`."""

    patch: PatchForm = PatchForm.VALUE_FILTERS
    max_operations: int | None = None  # in one PATCH
    max_members_per_patch: int | None = None
    member_removal: Removal = Removal.FILTER
    put: bool = True
    delete: bool = True
    soft_delete: bool = True  # takes active=false
    groups: bool = True
    filter: bool = True
    filter_attributes: tuple[str, ...] | None = None
    paging: Paging = Paging.INDEX
    page_size: int = 100
    etag: bool = False
    bulk: bool = False
    bulk_max_operations: int | None = None
    bulk_max_bytes: int | None = None
    answers_without_body: bool = False  # 204 where the RFC has the resource
    content_type: str = SCIM_JSON
    throttle_words: tuple[str, ...] = ("request_limit_exceeded", "rate limit", "too many requests", "throttl")
    duplicate_words: tuple[str, ...] = ("already exist", "already taken", "already in use", "duplicate", "uniqueness")
    requests_per_second: float | None = None
    user_endpoint: str = "/Users"
    group_endpoint: str = "/Groups"
    schemas: tuple[str, ...] | None = None


NAMES: Final = tuple(found.name for found in fields(Facts))
KINDS: Final[Mapping[str, type[StrEnum]]] = {"patch": PatchForm, "paging": Paging, "member_removal": Removal}
LEAST: Final[Mapping[str, float]] = {
    "max_operations": 1,
    "max_members_per_patch": 1,
    "page_size": 1,
    "bulk_max_operations": 1,
    "bulk_max_bytes": 1,
    "requests_per_second": 0.01,
}
TEXTS: Final = frozenset({"content_type", "user_endpoint", "group_endpoint"})
LISTS: Final = frozenset({"filter_attributes", "throttle_words", "duplicate_words", "schemas"})
MAY_BE_UNKNOWN: Final = frozenset({"filter_attributes", "schemas"})


class ProfileError(ValueError):
    """A value that a field of the profile cannot have; the message names the field."""


@dataclass(frozen=True)
class Profile(Facts):
    """Facts of one target with where they come from. Make one with `Profile.layered` or `Profile.from_dict`."""

    preset: str = "generic"
    layers: Mapping[Source, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def layered(cls, layers: Mapping[Source, Mapping[str, Any]], *, preset: str = "generic") -> Self:
        """A profile of plain values by layer; that of the preset comes from its table. Raises ProfileError."""
        if preset not in PRESETS:
            raise ProfileError(f"preset: one of {', '.join(PRESETS)}")
        given = {**layers, Source.PRESET: PRESETS[preset], Source.DEFAULT: {}}
        kept: dict[Source, Mapping[str, Any]] = {source: _read_layer(given.get(source) or {}) for source in Source}
        values = {name: value for source in Source for name, value in kept[source].items()}
        return cls(**values, preset=preset, layers=kept)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """The profile that `to_dict` gave. Of nothing, or of a preset alone, it is the profile of a target that nobody
        has asked yet. Raises ProfileError.
        """
        kept = stored.get("layers") or {}
        layers = {source: kept.get(source.value) or {} for source in Source}
        return cls.layered(layers, preset=str(stored.get("preset") or "generic"))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a JSON column: the preset's name, and an object for each other layer."""
        told = {source.value: _plain_layer(layer) for source, layer in self.layers.items() if layer}
        told.pop(Source.PRESET, None)
        return {"preset": self.preset, "layers": told}

    def overridden(self, values: Mapping[str, Any]) -> Self:
        """The same with other overrides; None takes one back. Raises ProfileError."""
        override = {**self.layers.get(Source.OVERRIDE, {}), **values}
        kept = {name: value for name, value in override.items() if value is not None}
        return type(self).layered({**self.layers, Source.OVERRIDE: kept}, preset=self.preset)

    def source(self, name: str) -> Source:
        """Which layer the value of a field comes from."""
        return next((source for source in reversed(Source) if name in self.layers.get(source, {})), Source.DEFAULT)

    def explain(self) -> list[tuple[str, Any, Source]]:
        """Every field with its value and where that comes from."""
        return [(name, _plain(getattr(self, name)), self.source(name)) for name in NAMES]

    def endpoint(self, resource_type: str) -> str:
        """Where resources of a type are found behind the base address."""
        known = {"User": self.user_endpoint, "Group": self.group_endpoint}
        return known.get(resource_type, f"/{resource_type}s")

    def can_filter(self, attribute: str) -> bool:
        """Whether the target is believed to find resources by an attribute."""
        known = self.filter_attributes
        return self.filter and (known is None or attribute.casefold() in {name.casefold() for name in known})


def make_profile(preset: str = "generic", override: Mapping[str, Any] | None = None) -> Profile:
    """The profile of a target that nobody has asked yet. Raises ProfileError."""
    return Profile.layered({Source.OVERRIDE: override or {}}, preset=preset)


def _read_layer(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _read_value(name, value) for name, value in values.items()}


def _read_value(name: str, value: Any) -> Any:
    if name not in NAMES:
        raise ProfileError(f"{name}: a profile has no such field")
    if name in KINDS:
        return _read_kind(name, value)
    if name in LEAST:
        return _read_number(name, value)
    if name in TEXTS:
        return _read_text(name, value)
    if name in LISTS:
        return _read_list(name, value)
    if not isinstance(value, bool):
        raise ProfileError(f"{name}: true or false")
    return value


def _read_kind(name: str, value: Any) -> StrEnum:
    try:
        return KINDS[name](value)
    except ValueError:
        raise ProfileError(f"{name}: one of {', '.join(KINDS[name])}") from None


def _read_number(name: str, value: Any) -> float | None:
    is_whole = name != "requests_per_second"
    if value is None and name != "page_size":
        return None
    if isinstance(value, bool) or not isinstance(value, int if is_whole else int | float) or value < LEAST[name]:
        raise ProfileError(f"{name}: a {'whole number' if is_whole else 'number'} of at least {LEAST[name]}")
    found: float = value
    return found


def _read_text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ProfileError(f"{name}: a text")
    if name.endswith("endpoint") and not value.startswith("/"):
        raise ProfileError(f"{name}: a path that begins with /")
    return value


def _read_list(name: str, value: Any) -> tuple[str, ...] | None:
    if value is None and name in MAY_BE_UNKNOWN:
        return None
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(word, str) for word in value):
        raise ProfileError(f"{name}: a list of texts")
    return tuple(value)


def _plain_layer(layer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in layer.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value
