"""A compiled mapping: from a resource of the directory to the document that is wanted at the target.

    mapping = compile_mapping(rows, source=USER, target=USER)
    mapped = mapping.map(document)                       # to be created
    mapped = mapping.map(document, applied=written)      # to be brought from what was written to what is wanted

The same inputs give the same document, so that a preview, the run and its repetition agree. References and memberships
are the caller's to know: `Surroundings` has the names of the groups a resource is in (`memberOf`), and finds the id
that a resource has at the target (`ref`); whatever has none yet is among `Mapped.needs`, and its row waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from scim.mapping.errors import ExpressionError, UnresolvedReferenceError
from scim.mapping.match_keys import MatchRule
from scim.mapping.places import LABELS
from scim.mapping.row_values import HIDDEN, Choice, CompiledRow, RowResult, State, explain_failure
from scim.mapping.rows import Multi
from scim.mapping.run import NOWHERE, Surroundings
from scim.protocol.documents import document_schemas, value_at
from scim.protocol.json_input import JsonObject
from scim.protocol.paths import AttributePath
from scim.protocol.schemas.common_attributes import SCHEMAS_ATTRIBUTE
from scim.protocol.schemas.definitions import ResourceType

REQUIRED: Final = "the target requires a value, and there is none"
_NOTHING: Final[JsonObject] = {}


@dataclass(frozen=True)
class Mapped:
    """`document` is what is wanted at the target, as far as rows write it; `needs` are ids here of resources that have
    none there yet; `missing` are attributes that the target requires and the document lacks.
    """

    document: JsonObject
    results: Sequence[RowResult]
    needs: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()

    @property
    def errors(self) -> list[RowResult]:
        """While there is one, nothing may be written. What the target requires and a row leaves empty is one too."""
        found = [result for result in self.results if result.is_error]
        failed = {result.target_path for result in found}
        numbers = {result.target_path: result.row for result in self.results}
        empty = (path for path in self.missing if path in numbers and path not in failed)
        return found + [RowResult(numbers[path], path, State.ERROR, None, REQUIRED) for path in empty]


@dataclass(frozen=True)
class CompiledMapping:
    """`rows` are those that write something. It keeps no state: one serves all resources, in any thread."""

    rows: tuple[CompiledRow, ...]
    target: ResourceType
    match_rules: tuple[MatchRule, ...] = ()
    _described: tuple[tuple[str, ...], ...] = field(default=(), repr=False)  # lists whose values rows describe
    _merged: tuple[tuple[tuple[str, ...], Multi], ...] = field(default=(), repr=False)

    def map(
        self,
        document: JsonObject,
        *,
        applied: JsonObject | None = None,
        is_create: bool | None = None,
        chosen: Mapping[str, Choice] | None = None,
        surroundings: Surroundings = NOWHERE,
    ) -> Mapped:
        """`document` is canonical, with its id and meta.

        `applied` is what stands at the target or was last written there, None before; unless `is_create` says
        otherwise, its absence means that the resource is to be created. `chosen` has, by target path, the number of
        the attempt at a unique value (0 is the first), or the value itself.
        """
        is_new = applied is None if is_create is None else is_create
        before = applied or _NOTHING
        made: JsonObject = {}
        results: list[RowResult] = []
        needs: set[str] = set()
        choices = chosen or _NOTHING
        for row in self.rows:
            path = row.place.text
            try:
                choice = choices.get(path, 0)
                state, value = row.make(document, before, surroundings, choice, is_create=is_new)
            except ExpressionError as error:
                if isinstance(error, UnresolvedReferenceError):
                    needs.add(error.resource_id)
                    self._keep(row, made, before)
                results.append(explain_failure(row, error))
                continue
            if value is not None:
                row.place.write(made, value)
            shown = HIDDEN if row.row.sensitive and value is not None else value
            results.append(RowResult(row.number, path, state, shown))
        for keys in self._described:
            _drop_bare(keys, made)
        for keys, multi in self._merged:
            _meet(keys, multi, made, before)
        required = self.target.required
        missing = [path.text for path in required if value_at(made, path) is None and _is_in_use(path, made)]
        made = {SCHEMAS_ATTRIBUTE: document_schemas(self.target, made), **made}
        return Mapped(made, results, frozenset(needs), tuple(missing))

    def match(self, made: JsonObject) -> list[tuple[str, str]]:
        """Attributes with values by which the resource is looked for, the best first; rules of several are left out."""
        singles = (rule.terms[0] for rule in self.match_rules if len(rule.terms) == 1)
        found = ((term.place.text, term.read(made)) for term in singles)
        return [(text, value) for text, value in found if isinstance(value, str)]

    def next_choice(self, chosen: Mapping[str, Choice], target_path: str = "") -> dict[str, Choice] | None:
        """What to try after the target refused a value as taken: the next attempt of that row, or of the first that has
        any. None when all were tried.
        """
        for row in self.rows:
            if not row.attempts or target_path not in ("", row.place.text):
                continue
            tried = chosen.get(row.place.text, 0)
            if isinstance(tried, int) and tried + 1 < len(row.attempts):
                return {**chosen, row.place.text: tried + 1}
        return None

    @property
    def sensitive_paths(self) -> frozenset[str]:
        """The paths whose values are shown to nobody."""
        return frozenset(row.place.text for row in self.rows if row.row.sensitive)

    @property
    def references(self) -> frozenset[str]:
        """The paths of the attributes it reads."""
        return frozenset(path for row in self.rows for path in row.references)

    @staticmethod
    def _keep(row: CompiledRow, made: JsonObject, before: JsonObject) -> None:
        """A row that waits leaves what was written."""
        held = row.place.read(before)
        if held is not None:
            row.place.write(made, held)


def _is_in_use(path: AttributePath, made: JsonObject) -> bool:
    """An attribute of an extension is required where the extension is in use."""
    return path.schema is None or path.schema in made


def _drop_bare(keys: tuple[str, ...], made: JsonObject) -> None:
    """Rows may have said what kind of value it is, and none which."""
    held: Any = made
    for key in keys[:-1]:
        held = held.get(key, {})
    elements = held.get(keys[-1])
    if elements is None or all(not LABELS.issuperset(element) for element in elements):
        return
    kept = [element for element in elements if not LABELS.issuperset(element)]
    if kept:
        held[keys[-1]] = kept
    else:
        del held[keys[-1]]
        if not held and held is not made:
            del made[keys[0]]


def _meet(keys: tuple[str, ...], multi: Multi, made: JsonObject, before: JsonObject) -> None:
    """Keep values of a list that were there: all, or those whose type no new one has."""
    held: Any = before
    for key in keys:
        held = held.get(key) if isinstance(held, dict) else None
    if not isinstance(held, list):
        return
    holder = made
    for key in keys[:-1]:
        holder = holder.setdefault(key, {})
    fresh = holder.get(keys[-1]) or []
    if multi is Multi.ADD_ONLY:
        known = {_identity(element) for element in fresh}
        kept = [element for element in held if _identity(element) not in known]
    else:
        types = {_type_of(element) for element in fresh}
        kept = [element for element in held if _type_of(element) not in types]
    holder[keys[-1]] = [*fresh, *(_without_primary(element, fresh) for element in kept)]


def _identity(element: Any) -> Any:
    if not isinstance(element, dict):
        return element
    value = element.get("value")
    return (str(value).casefold() if value is not None else str(sorted(element.items())), _type_of(element))


def _type_of(element: Any) -> Any:
    kind = element.get("type") if isinstance(element, dict) else None
    return kind.casefold() if isinstance(kind, str) else None


def _without_primary(element: Any, fresh: list[Any]) -> Any:
    """At most one value is primary, and a new one that is comes first."""
    if not any(isinstance(one, dict) and one.get("primary") is True for one in fresh):
        return element
    return {**element, "primary": False} if isinstance(element, dict) and element.get("primary") is True else element
