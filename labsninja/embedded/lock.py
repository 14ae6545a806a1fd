"""Who runs a service: a file that the runner keeps locked for its lifetime and in which it says where the service is.

The kernel lets go of the lock when the holder dies, whatever killed it: a lock that can be taken means, nobody runs it.
"""

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from labsninja.embedded.errors import naming


@dataclass(frozen=True)
class State:
    """Which process runs a service, and where that listens, if it does. `host` may be a folder of sockets."""

    pid: int
    version: int = 0
    host: str = ""
    port: int = 0


class Lock:
    """One lock file. Forked children of the holder give up their copy, or the lock would outlive the holder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None
        os.register_at_fork(after_in_child=self._close)

    def acquire(self) -> bool:
        """Take the lock unless another process has it. Raises UnusableFolderError."""
        with naming(self.path.parent):
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    @property
    def held(self) -> bool:
        return self._handle is not None

    def release(self) -> None:
        self._close()

    def read(self) -> State | None:
        """What the runner wrote, or the last one; None while it has written nothing."""
        try:
            return State(**json.loads(self.path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def write(self, state: State | None) -> None:
        """Publish `state` (None: nothing listens yet). Only for the holder. Raises DiskFullError."""
        if self._handle is None:
            raise RuntimeError(f"{self.path} is not locked by this process")
        text = json.dumps(asdict(state)).encode() if state else b""
        with naming(self.path.parent):
            os.pwrite(self._handle, text, 0)
            os.ftruncate(self._handle, len(text))

    def _close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
