"""The committed style sheet fits its sources, every class has a style, and a page weighs little."""

import gzip
import re
import shutil
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings

from assets import build
from labsninja.checks import refuse_to_serve
from tests.portal.conftest import MANIFEST

BUDGET = 150_000


def test_style_sheet_was_built_from_these_sources() -> None:
    assert build.read_digest() == build.compute_digest(), "run make assets (needs npm) and commit the result"


def test_every_class_of_the_templates_has_a_style() -> None:
    """Those without one are misspelt, or put together by template logic, which no build can see."""
    sheet = build.BUILT.read_text()
    styled = {re.sub(r"\\(.)", r"\1", name) for name in re.findall(r"\.((?:\\.|[\w-])+)", sheet)}
    assert sorted(set(build.collect_classes()) - styled) == []


@pytest.mark.parametrize(
    ("markup", "classes"),
    [
        ('<p class="a b">', {"a", "b"}),
        ('<p class="a{% if x == "y" %} b{% endif %}">', {"a", "b"}),
        ('<p class="badge-{{ tone }}">', {"badge-"}),
        ('{% icon "x" class="c" %}', {"c"}),
        ("<p>class of its own</p>", set()),
    ],
)
def test_classes_are_found(markup: str, classes: set[str]) -> None:
    assert build.find_classes(markup) == classes


@pytest.mark.parametrize("name", ["app.css", "package-lock.json"])
def test_changed_source_is_noticed_without_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    for source in build.SOURCES:
        shutil.copy(source, tmp_path)
    (tmp_path / name).write_text((tmp_path / name).read_text() + " ")
    monkeypatch.setattr(build, "SOURCES", tuple(tmp_path / source.name for source in build.SOURCES))
    assert "make assets" in build.check(None)


def test_lock_file_names_no_registry() -> None:
    assert "http" not in re.sub(r'"(?:url|funding)": "[^"]*"', "", (build.ASSETS / "package-lock.json").read_text())


def test_home_page_keeps_its_budget(collected: Path) -> None:
    """One HTML, one style sheet, one script, the font and the icon: together under 150 KB as they are sent."""
    answer = Client().get("/", headers={"accept-encoding": "gzip"})
    page = gzip.decompress(answer.content).decode()
    sources = set(re.findall(r'(?:src|href)="/static/([^"]+)"', page))
    assert sorted(source.rpartition(".")[2] for source in sources) == ["css", "js", "svg", "woff2"]
    folder = {source: collected / source for source in sources}
    sent = {source: min(_sizes(path)) for source, path in folder.items()}
    assert sum(sent.values()) + len(answer.content) < BUDGET


def test_static_files_are_hashed_compressed_and_kept_for_ever(collected: Path) -> None:
    address = staticfiles_storage.url("lnj/app.css")
    assert re.fullmatch(r"/static/lnj/app\.[0-9a-f]{12}\.css", address)
    answer = Client().get(address, headers={"accept-encoding": "gzip"})
    answer.close()
    assert answer["Content-Encoding"] == "gzip"
    assert "immutable" in answer["Cache-Control"]


def test_web_process_refuses_to_start_without_collected_files(database: None, tmp_path: Path) -> None:
    with (
        override_settings(STORAGES=MANIFEST, STATIC_ROOT=tmp_path),
        pytest.raises(ImproperlyConfigured, match="collectstatic"),
    ):
        refuse_to_serve(pages=True)


def test_web_process_starts_with_collected_files(database: None, collected: Path) -> None:
    refuse_to_serve(pages=True)


def _sizes(path: Path) -> list[int]:
    compressed = path.with_name(f"{path.name}.gz")
    return [file.stat().st_size for file in (path, compressed) if file.exists()]
