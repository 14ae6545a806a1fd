"""`manage.py mapping_check`: what people see of a mapping in a file."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.mapping.samples import ZOE


@pytest.fixture
def zoe(tmp_path: Path) -> str:
    return write(tmp_path / "zoe.json", ZOE)


def write(file: Path, plain: Any) -> str:
    file.write_text(json.dumps(plain), encoding="utf-8")
    return str(file)


def check(*arguments: str) -> str:
    said = StringIO()
    call_command("mapping_check", *arguments, stdout=said)
    return said.getvalue()


def test_default_mapping_is_shown_and_applied(zoe: str) -> None:
    shown = check("--on", zoe)
    assert 'userName eq "Zoë.Müller@example.com"' in shown
    assert "manager.value" in shown


def test_what_would_be_sent_is_shown_without_sensitive_values(tmp_path: Path, zoe: str) -> None:
    rows = [
        {"target_path": "title", "source": "title", "sensitive": True},
        {"target_path": "userName", "source": "userName"},
    ]
    applied = write(tmp_path / "applied.json", {"title": "Chief", "userName": "zoe"})
    shown = check(write(tmp_path / "rows.json", rows), "--on", zoe, "--applied", applied)
    assert 'change userName: "zoe" -> "Zoë.Müller@example.com"' in shown
    assert "replace  title" in shown
    assert "Chief" not in shown
    assert "Engineer" not in shown


def test_printed_mapping_is_one_that_can_be_checked(tmp_path: Path) -> None:
    for kind in ("User", "Group"):
        printed = json.loads(check("--type", kind, "--print"))
        assert "looked for by (1): externalId" in check(write(tmp_path / "rows.json", printed))


def test_mistakes_are_told_with_their_rows(tmp_path: Path, zoe: str) -> None:
    rows = [{"target_path": "titel", "source": "title"}, {"target_path": "title", "kind": "none"}]
    with pytest.raises(CommandError, match=r"row 1, target_path: User has no attribute 'titel' - did you mean 'title'"):
        check(write(tmp_path / "rows.json", rows))
    rows = [{"target_path": "title", "kind": "expression", "source": "user.nickName + 'x'"}]
    with pytest.raises(CommandError, match="1 rows fail"):
        check(write(tmp_path / "rows.json", rows), "--on", zoe)


@pytest.mark.parametrize("content", ["", "5", '{"resource_type": "Robot", "rows": []}', '{"rows": 1}'])
def test_file_that_is_no_mapping_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "rows.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError):
        check(str(file))
