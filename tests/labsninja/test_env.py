"""Settings: the one table, secrets from files, bad values, and the page that tells them."""

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from labsninja import env, settings_doc
from labsninja.env import SETTINGS, Setting, read, read_keys
from labsninja.settings_doc import PAGE, render_settings

KEY, OTHER = "ab" * 32, "cd" * 32
BY_NAME = {setting.name: setting for setting in SETTINGS}


@pytest.fixture(autouse=True)
def without_files_read_before() -> Iterator[None]:
    """A file is read once a process: forget what other tests, or this one, read."""
    env._env.ENVIRON.files_cache.clear()
    yield
    env._env.ENVIRON.files_cache.clear()


@pytest.fixture
def give(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Sets an environment variable for the test."""
    return monkeypatch.setenv


def test_page_of_settings_is_current() -> None:
    assert PAGE.read_text() == render_settings(), "run manage.py settings_doc"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_setting_is_told_with_its_sentence(setting: Setting) -> None:
    (row,) = [line for line in render_settings().splitlines() if line.startswith(f"| `{setting.name}` |")]
    assert setting.summary in row
    assert ("secret" in row.split("|")[2]) is setting.secret


def test_page_names_no_path_of_a_machine() -> None:
    assert str(PAGE.parents[1]) not in render_settings()


def test_command_writes_the_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("labsninja.management.commands.settings_doc.PAGE", tmp_path / "settings.md")
    call_command("settings_doc", stdout=StringIO())
    assert (tmp_path / "settings.md").read_text() == settings_doc.render_settings()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("PORT", "8443", 8443),
        ("DEMO", "0", False),
        ("DEMO", "true", True),
        ("LABSNINJA_ALLOWED_HOSTS", "a.example,b.example", ["a.example", "b.example"]),
        ("LABSNINJA_ENVIRONMENT", "test", "test"),
    ],
)
def test_value_is_read_as_its_type(give: Callable[[str, str], None], name: str, text: str, value: object) -> None:
    give(name, text)
    assert read(name) == value


def test_what_is_not_set_has_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORT", raising=False)
    assert read("PORT") == BY_NAME["PORT"].default


def test_path_is_absolute(give: Callable[[str, str], None]) -> None:
    give("LABSNINJA_HOME", "somewhere/../else")
    assert read("LABSNINJA_HOME") == Path.cwd() / "else"


def test_name_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(KeyError):
        read("LABSNINJA_NOTHING")


@pytest.mark.parametrize("setting", [setting for setting in SETTINGS if setting.secret], ids=lambda found: found.name)
def test_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, setting: Setting) -> None:
    (tmp_path / "secret").write_text("a:b")
    monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.setenv(f"{setting.name}_FILE", str(tmp_path / "secret"))
    assert read(setting.name) == (["a:b"] if setting.kind == "list" else "a:b")


def test_line_end_of_a_secret_file_is_no_part_of_the_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("postgresql://ln_app:secret@db/labsninja\n")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "secret"))
    assert read("DATABASE_URL") == "postgresql://ln_app:secret@db/labsninja"


@pytest.mark.parametrize(
    ("name", "text"), [("PORT", "eighty"), ("LABSNINJA_STATEMENT_TIMEOUT", "1s"), ("LABSNINJA_WEB_WORKERS", "")]
)
def test_bad_number_is_refused_by_name(give: Callable[[str, str], None], name: str, text: str) -> None:
    give(name, text)
    with pytest.raises(ImproperlyConfigured, match=name):
        read(name)


def test_keys_keep_their_order(give: Callable[[str, str], None]) -> None:
    give("LABSNINJA_TOKEN_PEPPERS", f"new:{KEY},old:{OTHER}")
    assert list(read_keys("LABSNINJA_TOKEN_PEPPERS").items()) == [("new", b"\xab" * 32), ("old", b"\xcd" * 32)]


@pytest.mark.parametrize("text", ["one:abcd", "one", f"one:{KEY[:-2]}zz", KEY, f"one:{KEY},two:00", f":{KEY}"])
def test_bad_key_is_refused_by_the_name_of_its_setting_and_not_shown(
    give: Callable[[str, str], None], text: str
) -> None:
    give("LABSNINJA_TOKEN_PEPPERS", text)
    with pytest.raises(ValueError, match="LABSNINJA_TOKEN_PEPPERS") as caught:
        read_keys("LABSNINJA_TOKEN_PEPPERS")
    assert KEY[:8] not in str(caught.value)


def test_two_keys_of_one_id_are_refused(give: Callable[[str, str], None]) -> None:
    """The later one would silently take the place of the first, and its digests would match nothing."""
    give("LABSNINJA_TOKEN_PEPPERS", f"one:{KEY},one:{OTHER}")
    with pytest.raises(ValueError, match="LABSNINJA_TOKEN_PEPPERS"):
        read_keys("LABSNINJA_TOKEN_PEPPERS")
