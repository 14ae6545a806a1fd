"""Searching and downloading the audit history on the command line."""

import io
import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from labsninja.kernel.isolation import tenant_context
from tenants.models import Tenant
from tests.audit.telling import NOON, tell


@pytest.fixture(name="slug")
def _slug(tenant: UUID) -> str:
    """A tenant with three events about people, known by its name; nothing is bound."""
    for number in range(3):
        tell(id=f"u{number}", display=f"ada{number}", at=NOON + timedelta(hours=number))
    return str(Tenant.objects.get(id=tenant).slug)


def _say(command: str, *arguments: str) -> list[str]:
    out = io.StringIO()
    with tenant_context(None):
        call_command(command, *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_search_tells_sentences_and_where_to_go_on(slug: str) -> None:
    newest, cursor = _say("audit_search", slug, "type:User", "--limit", "1")
    assert newest == "2026-11-05 14:00:00 Okta prod changed the user ada2 from 192.0.2.1"
    older = _say("audit_search", slug, "type:User", "--limit", "1", "--after", cursor.split()[-1])
    assert "ada1" in older[0]
    back = _say("audit_search", slug, "type:User", "--before", older[1].split()[-1])
    assert back[0] == newest
    assert [line.split()[1] for line in back[1:]] == ["older:"]


def test_search_tells_json_a_count_facets_and_a_histogram(slug: str) -> None:
    lines = [json.loads(line) for line in _say("audit_search", slug, "type:User", "--json")]
    assert [line["target"]["id"] for line in lines] == ["u2", "u1", "u0"]
    assert _say("audit_search", slug, "type:User", "--count") == ["3"]
    assert "action       3 scim.user.updated" in _say("audit_search", slug, "type:User", "--facets")
    hours = _say("audit_search", slug, "type:User", "--histogram", "hour")
    assert hours == [f"2026-11-05 {hour}:00       1" for hour in (12, 13, 14)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("audit_search", "{slug}", "actr:x"), "at character 1: .* did you mean actor?"),
        (("audit_search", "{slug}", "--after", "x"), "not given out"),
        (("audit_search", "nobody-here"), "no tenant named"),
        (("audit_download", "{slug}", "--query", "actr:x", "--output", "{folder}/x"), "did you mean actor?"),
        (("audit_download", "{slug}", "--format", "xls", "--output", "{folder}/x"), "invalid choice"),
        (("audit_download", "{slug}", "--output", "{folder}"), "exists"),
    ],
)
def test_mistake_is_told_in_a_sentence(slug: str, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        _say(*(argument.format(slug=slug, folder=tmp_path) for argument in arguments))
    assert list(tmp_path.iterdir()) == []


def test_download_writes_a_new_file_and_says_what_is_in_it(slug: str, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    (said,) = _say("audit_download", slug, "--format", "csv", "--query", "type:User", "--output", str(file))
    assert said.startswith("3 events, sha256 ")
    assert len(file.read_bytes().splitlines()) == 4
    with pytest.raises(CommandError, match="exists"):
        _say("audit_download", slug, "--output", str(file))
