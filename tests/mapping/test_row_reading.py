"""Rows as plain values: written, read strictly, and described."""

import json
import re
from dataclasses import fields

import orjson
import pytest

from labsninja.env import PROJECT_ROOT
from scim.mapping.compiling import compile_mapping
from scim.mapping.defaults import make_default_mapping
from scim.mapping.row_reading import ROW_CHECKS, read_mapping, read_rows
from scim.mapping.rows import Apply, MappingError, MappingRow, MappingSet, MatchBy, Multi, OnNull, RowKind
from scim.protocol.schemas import GROUP, USER


def test_rows_are_what_they_were_after_a_round_trip() -> None:
    row = MappingRow(
        'emails[type eq "work"].value',
        RowKind.EXPRESSION,
        "user.userName",
        value=[1],
        apply=Apply.ON_CREATE,
        on_null=OnNull.DEFAULT,
        default="x",
        match_rank=1,
        match_by=MatchBy.ASCII_FOLD,
        multi=Multi.ADD_ONLY,
        candidates=("user.title",),
        sensitive=True,
    )
    mapping = MappingSet((row, MappingRow("title", source="title")), "Ours", 7, "Person")
    assert read_mapping(orjson.loads(orjson.dumps(mapping.to_dict()))) == mapping
    assert read_rows([row.to_dict() for row in mapping.rows]) == mapping.rows
    assert mapping.rows[1].to_dict() == {"target_path": "title", "source": "title"}
    for kind in (USER, GROUP):
        made = make_default_mapping(kind)
        assert read_mapping(made.to_dict()) == made


def test_plain_rows_are_read_strictly_and_all_mistakes_told() -> None:
    plain = [
        {"target_path": "title", "sorce": "title", "kind": "dirct"},
        {"source": "title", "match_rank": True, "sensitive": 1, "candidates": "x"},
        "title",
    ]
    with pytest.raises(MappingError) as raised:
        read_mapping({"rows": plain, "versoin": 2, "language": 99})
    found = [(problem.row, problem.field) for problem in raised.value.problems]
    assert found == [
        (0, "versoin"),
        (0, "language"),
        (1, "sorce"),
        (1, "kind"),
        (2, "match_rank"),
        (2, "sensitive"),
        (2, "candidates"),
        (2, "target_path"),
        (3, "row"),
    ]
    assert "did you mean 'source'?" in str(raised.value)
    for nothing in (None, {}, {"rows": 5}):
        with pytest.raises(MappingError):
            read_mapping(nothing)


def test_fields_of_a_row_are_all_described() -> None:
    page = (PROJECT_ROOT / "docs" / "mapping-rows.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(\w+)` \|", page.partition("## Checking")[0], re.MULTILINE))
    assert told | {"default"} == set(ROW_CHECKS) == {one.name for one in fields(MappingRow)}
    example = json.loads(page.partition("```json\n")[2].partition("```")[0])
    compile_mapping(read_mapping(example), source=USER, target=USER)
