"""The folder of the embedded services, LABSNINJA_HOME: what is where, whose it is, and the passwords in it.

    postgres.lock, redis.lock   who runs the service and where it listens; ours, 0600
    secrets/                    one password per file; ours, 0700 and 0600
    run/                        sockets; of the services' user, 0700
    postgres/data, postgres/log, redis/   of the services' user, 0700

Nothing outside is ever written or changed.
"""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from labsninja.embedded.account import Account
from labsninja.embedded.errors import EmbeddedError, UnusableFolderError, explain, naming

PRIVATE, PASSABLE = 0o700, 0o711


class MissingPasswordError(EmbeddedError):
    """There is data, but the password made with it is gone."""


@dataclass(frozen=True)
class Home:
    """Paths below the home, and the user that the services run as."""

    path: Path
    account: Account

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets"

    def prepare(self) -> None:
        """Make the folders that are missing. Raises UnusableFolderError, DiskFullError."""
        make_home(self.path)
        self._make_private(self.secrets, ours=True)
        for folder in (self.run, self.path / "postgres", self.path / "redis"):
            self._make_private(folder, ours=False)

    def _make_private(self, folder: Path, *, ours: bool) -> None:
        """Make `folder` with mode 0700, ours or the services' user's; refuse one that belongs to somebody else."""
        with naming(folder):
            _make(folder, mode=PRIVATE)
            if not ours and self.account.changed and folder.lstat().st_uid == os.geteuid():
                os.chown(folder, self.account.uid, self.account.gid)
            found = folder.lstat()
            if found.st_uid not in {self.account.uid, os.geteuid() if ours else self.account.uid}:
                raise UnusableFolderError(
                    f"{folder} belongs to user id {found.st_uid}, but the embedded services would run as "
                    f"{self.account.name}: start as its owner (from root: LABSNINJA_EMBEDDED_USER), or set "
                    f"LABSNINJA_HOME to another folder."
                )
            if found.st_mode & 0o777 != PRIVATE:
                folder.chmod(PRIVATE)

    def make_password(self, name: str) -> str:
        """The password `name`, made now if it is missing: 256 bits."""
        try:
            return self.read_password(name)
        except MissingPasswordError:
            password = secrets.token_urlsafe(32)
            with naming(self.secrets):
                _write_private(self.secrets / name, password, like=self.secrets.stat())
            return self.read_password(name)

    def read_password(self, name: str) -> str:
        """Raises MissingPasswordError, UnusableFolderError (it is somebody else's)."""
        path = self.secrets / name
        try:
            return path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise MissingPasswordError(
                f"The password file {path} is gone; without it the data can't be opened."
            ) from None
        except OSError as error:
            raise explain(error, folder=self.secrets) from error


def make_home(path: Path) -> None:
    """Make the home; other users may pass through (their own folders lie below) but not list it."""
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _make(path, mode=PASSABLE)
    if not os.access(path, os.W_OK | os.X_OK):
        raise UnusableFolderError(f"Can't write to the folder {path}: set LABSNINJA_HOME to a folder of your own.")


def _make(folder: Path, *, mode: int) -> bool:
    try:
        folder.mkdir(mode=PRIVATE)
    except FileExistsError:
        if not folder.is_dir():
            raise
        return False
    folder.chmod(mode)  # mkdir's own mode is cut by the umask
    return True


def _write_private(path: Path, text: str, *, like: os.stat_result) -> None:
    """Write whole or not at all, and past a power cut; the owner is that of `like`. Whoever comes first wins."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        os.fchown(file.fileno(), like.st_uid, like.st_gid)
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        path.hardlink_to(fresh)
    fresh.unlink()
