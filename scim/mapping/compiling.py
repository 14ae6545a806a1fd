"""Rows against the schemas of both sides: everything that is wrong is found at once, each with its row and field."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from scim.mapping import limits
from scim.mapping.compiled import CompiledMapping
from scim.mapping.errors import ExpressionError
from scim.mapping.expressions import Expression, compile_expression
from scim.mapping.match_keys import MatchTerm, make_rules
from scim.mapping.places import Place, PlaceError, find_place
from scim.mapping.row_values import NUMBERED, SUFFIXES, CompiledRow, Reader, add_suffix, make_check
from scim.mapping.rows import MappingError, MappingRow, MappingSet, Multi, OnNull, RowKind, RowProblem
from scim.mapping.values import SCALARS, Kind, kind_of
from scim.protocol.folding import fold_text
from scim.protocol.schemas.definitions import ResourceType


def compile_mapping(
    rows: MappingSet | Sequence[MappingRow], *, source: ResourceType, target: ResourceType, suffix_key: bytes = b""
) -> CompiledMapping:
    """Raises MappingError with every problem there is.

    `suffix_key` is the tenant's own, for the digits of unique values.
    """
    language, problems = limits.VERSION, list[RowProblem]()
    if isinstance(rows, MappingSet):
        if rows.resource_type != source.name:
            problems.append(RowProblem(0, "resource_type", f"this mapping is for {rows.resource_type}"))
        language, rows = rows.language, rows.rows
    compiler = _RowCompiler(source, target, language, suffix_key, problems)
    made = [found for number, row in enumerate(rows, 1) if (found := compiler.compile(number, row)) is not None]
    problems.extend(_find_overlaps(compiler.places))
    problems.extend(_find_gaps(rows))
    if problems:
        raise MappingError(problems)
    writing = tuple(row for row in made if row.row.kind is not RowKind.NONE)
    ranked = (
        (row.row.match_rank or 0, MatchTerm(row.place, row.row.match_by)) for row in writing if row.row.match_rank
    )
    merged = {row.place.keys: row.row.multi for row in writing if row.row.multi is not Multi.REPLACE}
    described = tuple(dict.fromkeys(row.place.keys for row in writing if row.place.element is not None))
    return CompiledMapping(writing, target, make_rules(ranked, target), described, tuple(merged.items()))


class _RowCompiler:
    """Notes what is wrong with a row, and goes on."""

    def __init__(
        self, source: ResourceType, target: ResourceType, language: int, key: bytes, problems: list[RowProblem]
    ) -> None:
        self.source, self.target = source, target
        self.language, self.key = language, key
        self.problems = problems
        self.places: list[tuple[int, Place]] = []  # of targets, by the number of their row

    def compile(self, number: int, row: MappingRow) -> CompiledRow | None:
        before = len(self.problems)
        place = self._find_place(number, "target_path", row.target_path)
        if place is None:
            return None
        self.places.append((number, place))
        self._check_policies(number, row, place)
        check = make_check(place)
        found = self._compile_reader(number, row, place)
        if row.on_null is OnNull.DEFAULT:
            row = replace(row, default=self._check_value(number, "default", row.default, place))
        if found is None or len(self.problems) > before:
            return None
        read, is_checked, references = found
        attempts = self._compile_attempts(number, row, place)
        if len(self.problems) > before:
            return None
        return CompiledRow(
            number, row, place, read, (lambda value: value) if is_checked else check, attempts, references
        )

    def _find_place(self, number: int, name: str, text: str) -> Place | None:
        is_target = name == "target_path"
        try:
            return find_place(text, self.target if is_target else self.source, is_target=is_target)
        except PlaceError as error:
            self._note(number, name, error.told, error.hint)
            return None

    def _note(self, number: int, name: str, told: str, hint: str = "") -> None:
        self.problems.append(RowProblem(number, name, told, hint))

    def _compile_reader(
        self, number: int, row: MappingRow, place: Place
    ) -> tuple[Reader, bool, tuple[str, ...]] | None:
        """The reader, whether what it gives is known to fit, and the paths it reads."""
        if row.kind is RowKind.NONE:
            return (lambda _document, _surroundings: None), True, ()
        if row.kind is RowKind.CONSTANT:
            constant = self._check_value(number, "value", row.value, place)
            return (lambda _document, _surroundings: constant), True, ()
        if row.kind is RowKind.DIRECT:
            return self._compile_direct(number, row, place)
        source = row.source or (row.candidates[0] if row.candidates else "")
        expression = self._compile_expression(number, "source", source, place)
        return None if expression is None else (expression.evaluate, False, expression.references)

    def _compile_direct(
        self, number: int, row: MappingRow, place: Place
    ) -> tuple[Reader, bool, tuple[str, ...]] | None:
        at = self._find_place(number, "source", row.source)
        if at is None:
            return None
        if at.kinds.isdisjoint(place.kinds):
            hint = (
                "say which value, as in emails[0].value in an expression"
                if at.is_list
                else "convert it in an expression"
            )
            self._note(number, "source", f"{at.text} holds {_name(at)}, and {place.text} {_name(place)}", hint)
            return None
        is_same = at.attribute is not None and at.attribute == place.attribute
        has_parts_of_ours = at.attribute is not None and any(part.is_read_only for part in at.attribute.sub_attributes)
        return (lambda document, _surroundings: at.read(document)), is_same and not has_parts_of_ours, (at.text,)

    def _compile_expression(self, number: int, name: str, text: str, place: Place) -> Expression | None:
        try:
            found = compile_expression(text, resource_type=self.source, version=self.language)
        except ExpressionError as error:
            column = error.column if error.at is not None else None
            self.problems.append(RowProblem(number, name, error.message, error.hint, column, error.line))
            return None
        if found.kind not in place.kinds | {Kind.ANY, Kind.EMPTY}:
            hint = "convert it, as in toText(value)" if found.kind in SCALARS else ""
            self._note(number, name, f"it gives {found.kind}, and {place.text} holds {_name(place)}", hint)
            return None
        return found

    def _compile_attempts(self, number: int, row: MappingRow, place: Place) -> tuple[Reader, ...]:
        attempts: list[Reader] = []
        for text in row.candidates:
            expression = self._compile_expression(number, "candidates", text, place)
            if expression is None:
                continue
            if NUMBERED in text:
                numbers = range(1, SUFFIXES + 1)
                attempts.extend(add_suffix(expression.evaluate, number=at, key=self.key) for at in numbers)
            else:
                attempts.append(expression.evaluate)
        return tuple(attempts)

    def _check_value(self, number: int, name: str, value: object, place: Place) -> object:
        if value is None or value in ("", [], {}):
            self._note(number, name, "a value is wanted")
            return None
        try:
            kind_of(value)
            return make_check(place)(value)
        except ExpressionError as error:
            self._note(number, name, error.message, error.hint)
            return None

    def _check_policies(self, number: int, row: MappingRow, place: Place) -> None:
        is_expression = row.kind is RowKind.EXPRESSION
        if row.kind is RowKind.DIRECT and not row.source:
            self._note(number, "source", "the path of an attribute is wanted")
        if is_expression and not row.source and not row.candidates:
            self._note(number, "source", "an expression is wanted")
        if row.candidates and (not is_expression or place.kinds != {Kind.TEXT}):
            self._note(number, "candidates", "candidates are expressions for text")
        if row.match_rank and place.kinds.isdisjoint(SCALARS):
            self._note(number, "match_rank", f"{place.text} holds {_name(place)}, and one value is looked for")
        if row.match_rank and row.kind is RowKind.NONE:
            self._note(number, "match_rank", "a row that writes nothing has nothing to look for")
        if row.multi is not Multi.REPLACE and not place.is_list and place.element is None:
            self._note(number, "multi", f"{place.text} is no list, so nothing is merged")


def _find_overlaps(places: Sequence[tuple[int, Place]]) -> Iterator[RowProblem]:
    """Two rows for one place, or one for what another writes as a whole."""
    first: dict[str, int] = {}
    whole = {place.keys: number for number, place in places if place.element is None}
    for number, place in places:
        known = first.setdefault(fold_text(place.text), number)
        if known != number:
            yield RowProblem(number, "target_path", f"row {known} writes {place.text} already")
            continue
        outer = place.keys if place.element is not None else place.keys[:-1]
        if outer in whole:
            yield RowProblem(number, "target_path", f"row {whole[outer]} writes all of {outer[-1]} already")


def _find_gaps(rows: Sequence[MappingRow]) -> Iterator[RowProblem]:
    ranks = {row.match_rank for row in rows if row.match_rank}
    missing = min(set(range(1, len(ranks) + 1)) - ranks, default=None)
    if missing is not None:
        number = next(at for at, row in enumerate(rows, 1) if row.match_rank == max(ranks))
        yield RowProblem(number, "match_rank", f"no row has rank {missing}", "ranks count from 1 without a gap")


def _name(place: Place) -> str:
    return " or ".join(sorted(place.kinds))
