"""A mapping on everybody: what its editor is told before it is put in force."""

import json
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from scim.mapping import population
from scim.mapping.compiling import compile_mapping
from scim.mapping.population import PopulationReport, check_population
from scim.mapping.row_values import HIDDEN
from scim.mapping.rows import MappingRow, RowKind
from scim.mapping.run import Surroundings
from scim.protocol import urns
from scim.protocol.schemas import USER
from tests.mapping.samples import SURROUNDINGS, ZOE

Person = dict[str, Any]
SIX = (
    MappingRow("userName", RowKind.EXPRESSION, "user.userName.lower()", match_rank=1),
    MappingRow("displayName", RowKind.EXPRESSION, "[user.name.givenName, user.name.familyName].join(' ').toAscii()"),
    MappingRow("nickName", RowKind.EXPRESSION, "user.userName.replace('@example.com', '@there.example')"),
    MappingRow("userType", RowKind.EXPRESSION, "switch(user.userType, 'other', 'Employee', 'staff')"),
    MappingRow("title", RowKind.EXPRESSION, "coalesce(user.title, user.department, 'none')"),
    MappingRow('emails[type eq "work"].value', RowKind.EXPRESSION, "user.emails.ofType('work').value"),
)


def person(number: int, **more: Any) -> Person:
    named = {"id": str(number), "userName": f"person{number}@example.com", "title": "Engineer", "userType": "Employee"}
    whole = {**named, "name": {"givenName": "Zoë", "familyName": f"Müller {number}"}, **more}
    return {"emails": [{"value": f"{number}@example.com", "type": "work"}], **whole}


def check(rows: Any, *pairs: tuple[Person, Person | None]) -> PopulationReport:
    mapping = compile_mapping(rows, source=USER, target=USER)
    return check_population(mapping, pairs, surroundings_of=lambda _document: SURROUNDINGS)


def test_everybody_is_counted_by_what_would_become_of_them() -> None:
    mapping = compile_mapping(SIX, source=USER, target=USER)
    people = [person(number) for number in range(10)]
    written = [mapping.map(one).document for one in people]
    pairs: list[tuple[Person, Person | None]] = [(one, None) for one in people[:3]]
    pairs += [(one, done) for one, done in zip(people[3:7], written[3:7], strict=True)]
    pairs += [(one, {**done, "title": "Chief"}) for one, done in zip(people[7:], written[7:], strict=True)]
    report = check(SIX, *pairs)
    assert (report.checked, report.ok, report.fresh, report.changed) == (10, 10, 3, 3)
    assert [(changes.path, changes.count) for changes in report.changes.values()] == [("title", 3)]
    resource_id, (change,) = report.changes["title"].samples[0]
    assert (resource_id, change.before, change.after) == ("7", "Chief", "Engineer")


def test_errors_are_grouped_with_the_first_who_have_them() -> None:
    rows = [
        *SIX,
        MappingRow("locale", RowKind.EXPRESSION, "user.nickName + 'x'"),
        MappingRow("timezone", RowKind.EXPRESSION, "{'a': user.emails}.a"),
    ]
    report = check(rows, *((person(number), None) for number in range(20)))
    assert report.ok == 0
    found = [(group.row, group.target_path, group.count, group.samples, group.is_mismatch) for group in report.errors]
    few = [str(number) for number in range(population.MOST_SAMPLES)]
    assert found == [(7, "locale", 20, few, False), (8, "timezone", 20, few, True)]


def test_required_attribute_that_would_be_empty_is_told() -> None:
    report = check(SIX, (person(1), None), (person(2, userName=None), None))
    assert report.missing["userName"].samples == ["2"]
    assert (report.ok, report.fresh) == (1, 1)


def test_mapping_that_writes_a_part_serves_those_who_are_there_already() -> None:
    report = check([MappingRow("title", source="title")], (person(1), None), (person(2), {"title": "Chief"}))
    assert (report.checked, report.ok, report.changed) == (2, 1, 1)
    assert report.missing["userName"].count == 2


def test_people_with_one_key_are_told() -> None:
    report = check(SIX, *((person(number, userName=name), None) for number, name in enumerate(["a", "b", "A", "a"])))
    assert {text: tally.samples for text, tally in report.duplicates.items()} == {"userName": ["2", "3"]}
    assert report.has_all_keys


def test_too_many_keys_are_not_compared_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "MOST_KEYS", 2)
    report = check(SIX, *((person(number), None) for number in range(5)))
    assert not report.has_all_keys


def test_who_waits_for_another_is_counted_and_no_error() -> None:
    row = MappingRow(f"{urns.ENTERPRISE_USER}:manager.value", RowKind.EXPRESSION, "ref(user.manager)")
    mapping = compile_mapping([*SIX, row], source=USER, target=USER)
    report = check_population(mapping, [(ZOE, None)], surroundings_of=lambda _document: Surroundings())
    assert (report.ok, report.waiting.samples) == (1, [ZOE["id"]])


def test_sensitive_values_are_in_no_sample() -> None:
    row = MappingRow("title", source="title", sensitive=True)
    report = check([SIX[0], row], (person(1), {"userName": "person1@example.com", "title": "Chief"}))
    assert [change.before for _id, changes in report.changes["title"].samples for change in changes] == [HIDDEN]


def test_many_kinds_of_error_are_kept_apart_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "MOST_GROUPS", 2)
    paths = ("title", "locale", "timezone")
    rows = [SIX[0], *(MappingRow(path, RowKind.EXPRESSION, "user.nickName + 'x'") for path in paths)]
    report = check(rows, (person(1), None), (person(2), None))
    assert sorted((group.row, group.count) for group in report.errors) == [(0, 2), (2, 2), (3, 2)]


def test_command_checks_everybody_of_a_file(tmp_path: Path) -> None:
    people = [*(person(number) for number in range(5)), {"id": "x", "userName": "person1@example.com"}]
    lines = [json.dumps(one) for one in people]
    (tmp_path / "people.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "rows.json").write_text(json.dumps([row.to_dict() for row in SIX]), encoding="utf-8")
    said = StringIO()
    call_command(
        "mapping_check", str(tmp_path / "rows.json"), "--everyone", str(tmp_path / "people.jsonl"), stdout=said
    )
    assert "6 checked, 6 without an error" in said.getvalue()
    assert "userName: 1 have what another has, as x" in said.getvalue()


@pytest.mark.long
def test_hundred_thousand_people_are_checked_in_seconds() -> None:
    def people() -> Iterator[tuple[Person, Person | None]]:
        for number in range(100_000):
            yield person(number), None

    began = time.process_time()
    list(people())
    made = time.process_time() - began
    mapping = compile_mapping(SIX, source=USER, target=USER)
    began = time.process_time()
    report = check_population(mapping, people())
    taken = time.process_time() - began - made
    assert report.ok == 100_000
    assert taken < 15, f"{taken:.1f} s of CPU"
