"""What can't work is said in one plain sentence that names the cause."""

import errno
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labsninja.embedded import EmbeddedError, services
from labsninja.embedded.account import UnknownUserError, find_account
from labsninja.embedded.binaries import MissingBinaryError, find_postgres
from labsninja.embedded.errors import DiskFullError, UnusableFolderError, explain
from labsninja.embedded.home import Home
from labsninja.embedded.ports import BusyPortError, require_free_port
from tests.embedded.holders import HOLD, IS_ROOT, Holder, run_as_ordinary


def _refusal(home: Path, version: int = 18) -> str:
    with pytest.raises(EmbeddedError) as caught, services(home, version):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_folder_that_may_not_be_written_is_named(place: Path) -> None:
    place.chmod(0o555)
    assert f"Can't use the folder {place / 'home'}" in run_as_ordinary(HOLD, str(place / "home"))


def test_home_of_somebody_else_is_named(place: Path) -> None:
    (place / "home").mkdir()
    (place / "home").chmod(0o555)
    assert f"Can't write to the folder {place / 'home'}" in run_as_ordinary(HOLD, str(place / "home"))


def test_file_in_place_of_the_home_is_named(place: Path) -> None:
    (place / "home").write_text("")
    assert f"Can't use the folder {place / 'home'}" in _refusal(place / "home")


@pytest.mark.parametrize("megabytes", [1, 30])
def test_full_disk_is_named_and_leaves_nothing_running(place: Path, megabytes: int) -> None:
    if not IS_ROOT:  # no file system of a chosen size can be mounted: the sentence alone is looked at
        assert isinstance(explain(OSError(errno.ENOSPC, "full"), folder=place), DiskFullError)
        return
    subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)], check=True)
    try:
        place.chmod(0o755)
        assert f"The disk that holds {place / 'home'} is full" in _refusal(place / "home")
    finally:
        subprocess.run(["/bin/umount", str(place)], check=True)


def test_data_of_another_version_is_named(place: Path) -> None:
    home = Home(path=place / "home", account=find_account())
    home.prepare()
    data = home.path / "postgres" / "data"
    data.mkdir()
    (data / "PG_VERSION").write_text("16\n")
    assert "was made by PostgreSQL 16, and this is PostgreSQL 18" in _refusal(home.path)


def test_version_that_no_wheel_holds_is_named() -> None:
    with pytest.raises(MissingBinaryError, match="no embedded PostgreSQL 17, only 16 and 18"):
        find_postgres(17)


@pytest.mark.parametrize(("user", "sentence"), [("no-such", "no user 'no-such'"), ("root", "refuses to run as root")])
def test_unknown_user_is_named(monkeypatch: pytest.MonkeyPatch, user: str, sentence: str) -> None:
    monkeypatch.setenv("LABSNINJA_EMBEDDED_USER", user)
    if not IS_ROOT:  # who is not root runs the services as himself, whatever the setting says
        assert find_account().uid == os.geteuid()
        return
    with pytest.raises(UnknownUserError, match=sentence):
        find_account()


def test_folder_of_another_user_is_named(place: Path) -> None:
    account = find_account()
    Home(path=place / "home", account=account).prepare()
    stranger = replace(account, uid=account.uid + 1, changed=False)
    with pytest.raises(UnusableFolderError, match=f"{place}/home/run belongs to user id {account.uid}, "):
        Home(path=place / "home", account=stranger).prepare()


@pytest.fixture(name="password")
def _password(home: Path) -> Iterator[Path]:
    """The superuser's password file of a home with data; put right again after the test."""
    with services(home):
        pass
    file = home / "secrets" / "postgres"
    right = file.read_text()
    yield file
    file.write_text(right)


def test_lost_password_is_named(home: Path, password: Path) -> None:
    password.unlink()
    assert f"{password} is gone" in _refusal(home)


def test_wrong_password_is_named(home: Path, password: Path) -> None:
    password.write_text("other\n")
    assert f"does not take the password in {password}" in _refusal(home)


def test_busy_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BusyPortError, match=f"Port {port} on 127.0.0.1 is in use; set PORT"):
            require_free_port(host="127.0.0.1", port=port)
    require_free_port(host="127.0.0.1", port=port)


def test_address_of_no_interface_is_named() -> None:
    with pytest.raises(BusyPortError, match=r"Can't listen on port 8000 of 192.0.2.1"):
        require_free_port(host="192.0.2.1", port=8000)


def test_failed_start_releases_the_home_for_the_next(home: Path, password: Path, hold: Callable[..., Holder]) -> None:
    right = password.read_text()
    password.write_text("other\n")
    _refusal(home)
    password.write_text(right)
    assert hold(home).said["started"]
