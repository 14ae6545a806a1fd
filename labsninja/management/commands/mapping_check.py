"""Checks a mapping: against the schemas, on one resource, or on everybody in a file. Nothing is changed anywhere."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scim.mapping.compiled import CompiledMapping
from scim.mapping.compiling import compile_mapping
from scim.mapping.defaults import make_default_mapping
from scim.mapping.difference import diff_documents, hash_document, make_patch
from scim.mapping.population import Pair, PopulationReport, Tally, check_population
from scim.mapping.row_reading import read_mapping
from scim.mapping.rows import MappingError, MappingSet
from scim.mapping.run import Surroundings
from scim.protocol.json_input import JsonObject
from scim.protocol.schemas import BUILT_IN

ALONE = Surroundings(find_reference=lambda resource_id: resource_id)


class Command(BaseCommand):
    """Whoever a reference names stands as at the target by the same id."""

    help = "Check the rows of a mapping in a JSON file, and show what they make of a resource"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="the mapping; without one, what a connector begins with")
        parser.add_argument("--type", default="User", help="type of the resources, unless the file names it")
        parser.add_argument("--on", metavar="FILE", help="a resource as JSON: shows the document made of it")
        parser.add_argument("--applied", metavar="FILE", help="what stands at the target: shows what would be sent")
        parser.add_argument("--everyone", metavar="FILE", help="resources as JSON Lines: shows what becomes of all")
        parser.add_argument("--print", action="store_true", help="print the mapping as JSON, to begin a file with")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = _read_mapping(options["file"], options["type"])
        if options["print"]:
            self.stdout.write(json.dumps(chosen.to_dict(), indent=2, ensure_ascii=False))
            return
        kind = BUILT_IN.resource_type(chosen.resource_type)
        if kind is None:
            raise CommandError(f"there is no type {chosen.resource_type} here")
        try:
            mapping = compile_mapping(chosen, source=kind, target=kind)
        except MappingError as error:
            raise _refuse(error) from error
        self._show_rows(mapping)
        if options["on"]:
            applied = _read_resource(options["applied"]) if options["applied"] else None
            self._show_document(mapping, _read_resource(options["on"]), applied)

        if options["everyone"]:
            people = _read_lines(options["everyone"])
            report = check_population(mapping, people, surroundings_of=lambda _document: ALONE)
            self.stdout.writelines(f"{line}\n" for line in _describe(report))

    def _show_rows(self, mapping: CompiledMapping) -> None:
        for found in mapping.rows:
            reads = ", ".join(found.references) or "-"
            self.stdout.write(f"{found.number:4} {found.place.text:60} {found.row.kind.value:10} reads {reads}")
        for rule in mapping.match_rules:
            self.stdout.write(f"looked for by ({rule.rank}): {rule.text}")

    def _show_document(self, mapping: CompiledMapping, document: JsonObject, applied: JsonObject | None) -> None:
        mapped = mapping.map(document, applied=applied, surroundings=ALONE)
        self.stdout.write("")
        for result in mapped.results:
            place = f" (line {result.line}, column {result.column})" if result.column else ""
            shown = result.told or _show(result.value)
            self.stdout.write(f"{result.row:4} {result.target_path:60} {result.state.value:8} {shown}{place}")
        for rule in mapping.match_rules:
            text = rule.filter_text(mapped.document)
            self.stdout.write(f"filter ({rule.rank}): {text or 'a value is missing'}")
        if mapped.errors:
            raise CommandError(f"{len(mapped.errors)} rows fail, so nothing would be written")
        self.stdout.write(f"digest: {hash_document(mapped.document).hex()}")
        before, hidden = applied or {}, mapping.sensitive_paths
        for change in diff_documents(before, mapped.document, resource_type=mapping.target, sensitive=hidden):
            self.stdout.write(f"change {change.path}: {_show(change.before)} -> {_show(change.after)}")
        for operation in make_patch(applied, mapped.document, resource_type=mapping.target) if applied else ():
            self.stdout.write(f"{operation['op']:8} {operation['path']}")


def _read_mapping(file: str | None, resource_type: str) -> MappingSet:
    if file is None:
        kind = BUILT_IN.resource_type(resource_type)
        if kind is None:
            raise CommandError(f"there is no type {resource_type} here")
        return make_default_mapping(kind)
    plain = _read_json(file)
    try:
        return read_mapping({"resource_type": resource_type, "rows": plain} if isinstance(plain, list) else plain)
    except MappingError as error:
        raise _refuse(error) from error


def _read_resource(file: str) -> JsonObject:
    document = _read_json(file)
    if not isinstance(document, dict):
        raise CommandError(f"{file} holds no resource, which is a JSON object")
    return document


def _read_json(file: str) -> Any:
    try:
        return json.loads(Path(file).read_bytes())
    except (OSError, ValueError) as error:
        raise CommandError(f"{file} cannot be read: {type(error).__name__}") from error


def _read_lines(file: str) -> Iterator[Pair]:
    try:
        with Path(file).open("rb") as lines:
            for number, line in enumerate(lines, 1):
                document = json.loads(line) if line.strip() else {}
                if not isinstance(document, dict):
                    raise CommandError(f"line {number} of {file} holds no resource, which is a JSON object")
                if document:
                    yield document, None
    except (OSError, ValueError) as error:
        raise CommandError(f"{file} cannot be read: {type(error).__name__}") from error


def _describe(report: PopulationReport) -> Iterator[str]:
    yield ""
    yield f"{report.checked} checked, {report.ok} without an error, {report.waiting.count} wait for another"
    for group in report.errors:
        yield f"row {group.row}, {group.target_path}: {group.count} fail: {group.told}, as {_name(group)}"
    for path, tally in report.missing.items():
        yield f"{path}: {tally.count} have none, and it is required, as {_name(tally)}"
    for text, tally in report.duplicates.items():
        yield f"{text}: {tally.count} have what another has, as {_name(tally)}"


def _name(tally: Tally) -> str:
    return ", ".join(tally.samples)


def _show(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)


def _refuse(error: MappingError) -> CommandError:
    return CommandError("\n".join(["the mapping is not understood:", *map(str, error.problems)]))
