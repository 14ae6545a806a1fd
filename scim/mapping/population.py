"""A mapping on everybody, before it is put in force: what fails, what is missing, who would be taken for whom, and what
would change at the target.

One pass over however many resources there are. What is kept is counts, a few samples of each, and a number for each key
that resources are looked for by.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from scim.mapping.compiled import CompiledMapping, Mapped
from scim.mapping.difference import Change, describe_difference, find_differences
from scim.mapping.row_values import RowResult, State
from scim.mapping.run import NOWHERE, Surroundings
from scim.protocol.json_input import JsonObject

# A resource with what stands at the target or was written there last, None where nothing does.
Pair: TypeAlias = tuple[JsonObject, JsonObject | None]
MOST_SAMPLES: Final = 5
MOST_GROUPS: Final = 200  # of errors; what is beyond is counted without being told apart
MOST_KEYS: Final = 2_000_000


@dataclass
class Tally:
    """How many resources, and the ids of the first of them."""

    count: int = 0
    samples: list[str] = field(default_factory=list)

    def add(self, resource_id: str) -> None:
        self.count += 1
        if len(self.samples) < MOST_SAMPLES:
            self.samples.append(resource_id)


@dataclass
class ErrorGroup(Tally):
    """What fails alike. `is_mismatch`: the target's schema does not take the value."""

    row: int = 0
    target_path: str = ""
    told: str = ""
    is_mismatch: bool = False


@dataclass
class AttributeChanges:
    """How many resources get another value of an attribute, and the first of them with both values."""

    path: str
    count: int = 0
    samples: list[tuple[str, tuple[Change, ...]]] = field(default_factory=list)


@dataclass
class PopulationReport:
    """`ok` are resources without an error; `fresh` of them would be created, `changed` changed, the others stay.

    `missing` are required attributes of the target that would be empty, by path. `duplicates` are resources whose key
    another one has that came before, by the text of the rule; `has_all_keys` is false where there were too many to
    compare.
    """

    checked: int = 0
    ok: int = 0
    fresh: int = 0
    changed: int = 0
    waiting: Tally = field(default_factory=Tally)
    errors: list[ErrorGroup] = field(default_factory=list)
    missing: dict[str, Tally] = field(default_factory=dict)
    duplicates: dict[str, Tally] = field(default_factory=dict)
    changes: dict[str, AttributeChanges] = field(default_factory=dict)
    has_all_keys: bool = True


def check_population(
    mapping: CompiledMapping,
    pairs: Iterable[Pair],
    *,
    surroundings_of: Callable[[JsonObject], Surroundings] | None = None,
) -> PopulationReport:
    """Goes through all of them once; `surroundings_of` a resource are its groups and the ids of whom it names."""
    counting = _Counting(mapping)
    for document, applied in pairs:
        surroundings = surroundings_of(document) if surroundings_of is not None else NOWHERE
        mapped = mapping.map(document, applied=applied, surroundings=surroundings)
        counting.count(str(document.get("id", "")), mapped, applied)
    return counting.finish()


class _Counting:
    def __init__(self, mapping: CompiledMapping) -> None:
        self.mapping = mapping
        self.report = PopulationReport()
        self._sensitive = mapping.sensitive_paths
        self._errors: dict[tuple[int, str], ErrorGroup] = {}
        self._keys: list[set[int]] = [set() for _rule in mapping.match_rules]
        self._kept = 0

    def count(self, resource_id: str, mapped: Mapped, applied: JsonObject | None) -> None:
        report = self.report
        report.checked += 1
        errors = [result for result in mapped.results if result.is_error]
        for path in mapped.missing:
            report.missing.setdefault(path, Tally()).add(resource_id)
        for result in errors:
            self._count_error(resource_id, result)
        if mapped.needs:
            report.waiting.add(resource_id)
        self._count_keys(resource_id, mapped.document)
        if mapped.errors or (mapped.missing and applied is None):
            return
        report.ok += 1
        if applied is None:
            report.fresh += 1
        elif applied != mapped.document:
            self._count_changes(resource_id, applied, mapped.document)

    def finish(self) -> PopulationReport:
        self.report.errors = sorted(self._errors.values(), key=lambda group: -group.count)
        return self.report

    def _count_error(self, resource_id: str, result: RowResult) -> None:
        key = (result.row, result.told)
        group = self._errors.get(key)
        if group is None:
            if len(self._errors) >= MOST_GROUPS:
                key = (0, "")
            told = result.told if key[0] else "further errors"
            is_mismatch = result.state is State.MISMATCH
            fresh = ErrorGroup(row=key[0], target_path=result.target_path, told=told, is_mismatch=is_mismatch)
            group = self._errors.setdefault(key, fresh)
        group.add(resource_id)

    def _count_keys(self, resource_id: str, made: JsonObject) -> None:
        for rule, seen in zip(self.mapping.match_rules, self._keys, strict=True):
            key = rule.key(made)
            if key is None:
                continue
            number = hash(key)
            if number in seen:
                self.report.duplicates.setdefault(rule.text, Tally()).add(resource_id)
            elif self._kept < MOST_KEYS:
                self._kept += 1
                seen.add(number)
            else:
                self.report.has_all_keys = False

    def _count_changes(self, resource_id: str, applied: JsonObject, made: JsonObject) -> None:
        is_changed = False
        for found in find_differences(applied, made, resource_type=self.mapping.target):
            is_changed = True
            changes = self.report.changes.setdefault(found.path, AttributeChanges(found.path))
            changes.count += 1
            if len(changes.samples) < MOST_SAMPLES:
                changes.samples.append((resource_id, tuple(describe_difference(found, sensitive=self._sensitive))))
        self.report.changed += is_changed
