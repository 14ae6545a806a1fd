"""After kill -9 of anything, the next start has the data."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from labsninja.embedded import services
from labsninja.embedded.account import find_account
from labsninja.embedded.binaries import find_postgres
from labsninja.embedded.cluster import make_cluster
from labsninja.embedded.home import Home
from labsninja.embedded.processes import PLAIN_ENVIRONMENT, is_alive, processes_in, start_process
from tests.embedded.holders import Holder, children_of, wait_for

Hold = Callable[..., Holder]


def _write(url: str, statement: str) -> None:
    with psycopg.connect(url, options="-c role=ln_owner", autocommit=True) as connection:
        connection.execute(statement.encode())


def _count(url: str) -> int:
    with psycopg.connect(url, options="-c role=ln_owner") as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row
    return int(row[0])


@pytest.fixture(name="written")
def _written(home: Path, hold: Hold) -> tuple[Holder, Path, str]:
    """A holder whose database has one committed row: the holder, its home, the owner's URL."""
    holder = hold(home)
    url = holder.said["urls"]["OWNER_DATABASE_URL"]
    _write(url, "DROP TABLE IF EXISTS kept")
    _write(url, "CREATE TABLE kept AS SELECT 1")
    return holder, home, url


def test_killing_the_starter_ends_the_services(written: tuple[Holder, Path, str]) -> None:
    holder, _, _ = written
    children = children_of(holder.process.pid)
    holder.kill()
    assert len(children) == 2
    wait_for(lambda: not [pid for pid in children if is_alive(pid)])


def test_start_right_after_killing_the_starter_has_the_data(written: tuple[Holder, Path, str]) -> None:
    holder, home, url = written
    holder.kill()
    with services(home) as found:
        assert found.started
        assert _count(url) == 1


def test_start_after_killing_everything_recovers(written: tuple[Holder, Path, str]) -> None:
    holder, home, url = written
    for pid in [*children_of(holder.process.pid), *processes_in(home / "postgres" / "data", program="postgres")]:
        os.kill(pid, signal.SIGKILL)
    holder.kill()
    assert (home / "postgres" / "data" / "postmaster.pid").exists()
    with services(home):
        assert _count(url) == 1


def test_stale_process_file_of_a_number_that_lives_on_is_no_obstacle(written: tuple[Holder, Path, str]) -> None:
    holder, home, url = written
    stale = home / "postgres" / "data" / "postmaster.pid"
    lines = stale.read_text().splitlines()
    holder.finish()
    account = find_account()
    other = start_process(["/bin/sleep", "60"], env=PLAIN_ENVIRONMENT, death_signal=signal.SIGKILL, account=account)
    stale.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
    os.chown(stale, account.uid, account.gid)
    try:
        with services(home):
            assert _count(url) == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_stale_socket_is_no_obstacle(written: tuple[Holder, Path, str]) -> None:
    holder, home, url = written
    holder.kill()
    wait_for(lambda: not processes_in(home / "postgres" / "data", program="postgres"))
    (home / "run" / ".s.PGSQL.5432").touch()
    (home / "run" / ".s.PGSQL.5432.lock").touch()
    with services(home):
        assert _count(url) == 1


def test_postmaster_that_outlived_its_supervisor_is_stopped_and_replaced(
    written: tuple[Holder, Path, str], capfd: pytest.CaptureFixture[str]
) -> None:
    holder, home, url = written
    holder.finish()
    orphan = start_process(
        [str(find_postgres(18) / "postgres"), "-D", str(home / "postgres" / "data"), f"-k{home / 'run'}", "-h", ""],
        env=PLAIN_ENVIRONMENT,
        death_signal=0,
        account=find_account(),
        folders=[home / "postgres", home / "run"],
        output=subprocess.DEVNULL,
    )
    wait_for((home / "run" / ".s.PGSQL.5432").exists)
    with services(home) as found:
        assert found.started
        assert _count(url) == 1
    assert orphan.wait(1) == 0
    assert f"process {orphan.pid}, left behind" in capfd.readouterr().err


def test_half_made_data_folder_is_made_anew(place: Path) -> None:
    home = Home(path=place / "home", account=find_account())
    home.prepare()
    data = home.path / "postgres" / "data"
    data.with_name("data.new").mkdir()
    (data.with_name("data.new") / "PG_VERSION").write_text("18\n")
    make_cluster(home=home, data=data, programs=find_postgres(18), version=18)
    assert [path.name for path in data.parent.iterdir()] == ["data"]
    assert (data / "pg_wal").is_dir()


def test_data_folder_without_database_and_roles_is_completed(home: Path) -> None:
    with services(home) as found:
        urls = found.urls
        password = (home / "secrets" / "postgres").read_text().strip()
        with psycopg.connect(host=str(home / "run"), user="postgres", password=password, autocommit=True) as connection:
            connection.execute("DROP DATABASE labsninja")
            connection.execute("DROP ROLE ln_app, ln_platform, ln_migrator, ln_owner, ln_lookup")
    with services(home) as again, psycopg.connect(urls["DATABASE_URL"]) as connection:
        assert again.urls == urls
        assert connection.execute("SELECT current_user").fetchone() == ("ln_app",)


@pytest.mark.parametrize("folder", ["postgres/data", "redis"])
def test_somebody_who_stands_in_a_folder_of_the_services_is_left_alone(home: Path, folder: str) -> None:
    with services(home):
        pass
    with subprocess.Popen(["/bin/sleep", "60"], cwd=home / folder) as visitor:
        with services(home):
            assert visitor.poll() is None
        visitor.kill()


def test_logs_of_many_starts_are_pruned(written: tuple[Holder, Path, str]) -> None:
    holder, home, _ = written
    holder.finish()
    logs = home / "postgres" / "log"
    for day in range(10, 30):
        (logs / f"postgresql-2020-01-{day}_000000.log").touch()
    with services(home):
        assert len(list(logs.iterdir())) <= 11
