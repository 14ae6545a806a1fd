"""tools/environment.sh on machines that have the wrong Python, half an environment, or nothing to do."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.house.tree import ROOT

SCRIPT = ROOT / "tools" / "environment.sh"
# A stand-in for python: answers the version, and fails where `refused` occurs in the code it is asked to run.
INTERPRETER = """#!/bin/sh
case "$2" in
    *python_version*) echo {version} ;;
    *{refused}*) exit 1 ;;
esac
"""


def make_project(folder: Path, requirements: str = "# nothing\n") -> Path:
    for name in ("requirements.txt", "requirements-dev.txt"):
        (folder / name).write_text(requirements)
    return folder


def prepare(folder: Path, name: str = "requirements.txt", **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the script in `folder`, without a package index."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "VIRTUAL_ENV"))}
    return subprocess.run(
        ["/bin/sh", SCRIPT, name],
        cwd=folder,
        env={**clean, "PIP_NO_INDEX": "1", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def fake_python(folder: Path, version: str, refused: str) -> str:
    path = folder / "python3"
    path.write_text(INTERPRETER.format(version=version, refused=refused))
    path.chmod(0o755)
    return str(path)


def test_old_python_is_named_with_what_is_needed(tmp_path: Path) -> None:
    result = prepare(make_project(tmp_path), PYTHON=fake_python(tmp_path, "3.9.2", "version_info"))
    assert result.returncode == 1
    assert "needs Python 3.11 or newer" in result.stderr
    assert "3.9.2" in result.stderr


def test_python_without_venv_is_told_how_to_get_it(tmp_path: Path) -> None:
    result = prepare(make_project(tmp_path), PYTHON=fake_python(tmp_path, "3.11.9", "ensurepip"))
    assert result.returncode == 1
    assert "apt install python3-venv" in result.stderr


def test_machine_without_python_is_told_so(tmp_path: Path) -> None:
    result = prepare(make_project(tmp_path), PYTHON="python-that-is-not-there")
    assert result.returncode == 1
    assert "found none" in result.stderr


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_project(tmp_path_factory.mktemp("original"))
    result = prepare(folder, PYTHON=sys.executable)
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture
def moved(original: Path, tmp_path: Path) -> Path:
    """A prepared project at another place than it was prepared at."""
    return shutil.copytree(original, tmp_path / "moved", symlinks=True)


@pytest.fixture
def prepared(moved: Path) -> Path:
    (moved / ".venv" / "made-in").write_text(f"{moved}\n")
    return moved


def test_second_call_does_nothing(prepared: Path) -> None:
    result = prepare(prepared, PYTHON="python-that-is-not-there")
    assert (result.returncode, result.stderr) == (0, "")


def test_changed_requirements_are_installed_again(prepared: Path) -> None:
    make_project(prepared, "# nothing else\n")
    assert "Installing requirements.txt" in prepare(prepared).stderr


def test_failed_install_is_not_taken_as_done(prepared: Path) -> None:
    make_project(prepared, f"absent==1 --hash=sha256:{'0' * 64}\n")
    for _ in range(2):
        result = prepare(prepared)
        assert result.returncode != 0
        assert "Installing requirements.txt" in result.stderr


def test_development_covers_running(prepared: Path) -> None:
    assert prepare(prepared, "requirements-dev.txt").returncode == 0
    assert prepare(prepared, "requirements.txt").stderr == ""


def test_environment_that_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    folder = make_project(tmp_path)
    venv.create(folder / ".venv", symlinks=True)  # without pip, as an interrupted `python -m venv` leaves it
    result = prepare(folder, PYTHON=sys.executable)
    assert result.returncode == 0, result.stderr
    assert "Making .venv" in result.stderr


def test_environment_of_another_folder_is_made_anew(moved: Path) -> None:
    assert "Making .venv" in prepare(moved, PYTHON=sys.executable).stderr
