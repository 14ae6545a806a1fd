"""Downloads: their forms, their size, and that they are events themselves."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from audit.actions import Action, Outcome
from audit.actors import system_origin
from audit.export.downloads import FORMS, write_download
from audit.export.spreadsheets import COLUMNS
from audit.queries import list_events
from audit.reading import pages
from audit.reading.syntax import QuerySyntaxError
from labsninja.kernel.files import guard_cell
from tests.audit.telling import NOON, tell


def _download(form: str, text: str = "") -> bytes:
    file = io.BytesIO()
    write_download(file=file, form=form, text=text, origin=system_origin("test"))
    return file.getvalue()


def _lines(form: str, text: str = "") -> list[Any]:
    return [json.loads(line) for line in _download(form, text).splitlines()]


@pytest.mark.capability("audit-download")
def test_lines_of_json_are_the_canonical_texts(tenant: UUID) -> None:
    tell(id="a", changes=[{"path": "active", "after": False}])
    tell(id="b", at=NOON + timedelta(minutes=1))
    found = _lines("jsonl", "type:User")
    assert [line["target"]["id"] for line in found] == ["a", "b"]
    canonical = [json.loads(event.canonical) for event in list_events(newest=100)]
    assert found == [event for event in canonical if event["target"]["type"] == "User"]


def test_download_of_many_batches_has_every_event_once(tenant: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "BATCH", 3)
    for number in range(10):
        tell(id=str(number), at=NOON + timedelta(seconds=number // 4))
    found = [line["target"]["id"] for line in _lines("jsonl", "type:User")]
    assert sorted(found) == [str(number) for number in range(10)]
    assert len(found) == 10


@pytest.mark.parametrize("form", FORMS)
def test_download_is_told_before_and_after_it(tenant: UUID, form: str) -> None:
    tell()
    content = _download(form, "type:User")
    began, ended = list_events(newest=2)
    assert (began.action, ended.action) == (Action.DOWNLOAD_STARTED, Action.DOWNLOAD_FINISHED)
    assert json.loads(began.canonical)["details"] == {"query": "type:User"}
    told = {"query": "type:User", "count": 1, "sha256": sha256(content).hexdigest()}
    assert json.loads(ended.canonical)["details"] == told
    assert began.target_display == form


def test_download_holds_nothing_that_was_told_after_it_began(tenant: UUID) -> None:
    tell(at=datetime.now(UTC) + timedelta(hours=1))
    assert _lines("jsonl", "type:User") == []


def test_download_by_a_query_that_cannot_be_read_is_no_event(tenant: UUID) -> None:
    before = list_events(newest=1)
    with pytest.raises(QuerySyntaxError):
        _download("jsonl", "actr:x")
    assert [event.id for event in list_events(newest=1)] == [event.id for event in before]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            " =1",
            "\u00a0=1",
            "|calc",
            "%0A",
            "\uff1d1",
            "\uff0b1",
        ),
        *("=cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", '=HYPERLINK("http://x")'),
    ],
)
def test_cell_that_would_be_calculated_is_text(text: str) -> None:
    assert guard_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "ada", "ada=1", "a-b", "2026-11-05", "\u00e5da", '"', "a,b", "line\nbreak"])
def test_other_cells_are_left_as_they_are(text: str) -> None:
    assert guard_cell(text) == text


@pytest.mark.parametrize(
    "name", ["=1+1", 'a"b', "a,b", "a\r\nb", "=x,=y", "a\x00b".replace("\x00", ""), "\u00e5\u20ac"]
)
def test_table_reads_back_and_no_name_breaks_a_row(tenant: UUID, name: str) -> None:
    tell(id="a", display=name, details={"reason": name})
    content = _download("csv", "type:User").decode()
    head, row = csv.reader(io.StringIO(content, newline=""), strict=True)
    cells = dict(zip(head, row, strict=True))
    assert tuple(head) == COLUMNS
    assert cells["target"] == guard_cell(name)
    assert json.loads(cells["details"]) == {"reason": name}
    assert content.endswith("\r\n")
    assert all(cell.startswith('"') for line in [content.split("\r\n")[0]] for cell in line.split(","))


def test_cloud_event_names_itself_for_ever(tenant: UUID) -> None:
    tell(id="a", outcome=Outcome.UNCHANGED)
    (found,), (again,) = _lines("cloudevents", "type:User"), _lines("cloudevents", "type:User")
    assert found == again
    event = next(event for event in list_events(newest=10) if event.target_id == "a")
    assert (found["specversion"], found["id"]) == ("1.0", str(event.id))
    assert found["source"] == f"labsninja/{tenant}"
    assert found["type"] == "ninja.labs.audit.scim.user.updated"
    assert found["subject"] == "User/a"
    assert datetime.fromisoformat(found["time"]) == event.at
    assert {**json.loads(event.canonical), "sentence": found["data"]["sentence"]} == found["data"]
