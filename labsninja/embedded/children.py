"""What the supervisor watches: the children of its table and the embedded services, and when each is started again."""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labsninja.embedded.errors import EmbeddedError
from labsninja.embedded.processes import kill_group, start_process
from labsninja.embedded.server import Server

FIRST_DELAY = 0.5  # seconds before the first restart; doubles up to LONGEST_DELAY
LONGEST_DELAY = 30.0
STEADY = 60.0  # seconds alive after which the delay begins anew
MARK = "LABSNINJA_SUPERVISED_HOME"  # tells our children, and theirs, from other processes


@dataclass(frozen=True)
class Child:
    """One row of the supervisor's table.

    `env` is the child's whole environment. Lower stages stop first; `grace` is the seconds between `stop_signal` and
    SIGKILL. With an `address` (host, port) the child counts as ready once connections are accepted there.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    stop_signal: int = signal.SIGTERM
    stage: int = 0
    grace: float = 5.0
    address: tuple[str, int] | None = None


class Watched(ABC):
    """Something that has to run: it is started, looked at, and after its end started again, later each time."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.delay = FIRST_DELAY
        self.began = time.monotonic()
        self.due: float | None = time.monotonic()  # when to start it; None: it runs

    @property
    @abstractmethod
    def process(self) -> subprocess.Popen[bytes] | None:
        """The process of the last start."""

    @abstractmethod
    def launch(self) -> None:
        """Start it. Raises EmbeddedError, OSError."""

    def start(self) -> str | None:
        """Start it; when that fails, why."""
        self.began = time.monotonic()
        try:
            self.launch()
        except (EmbeddedError, OSError) as error:
            return f"could not be started: {error} {self._again()}"
        self.due = None
        return None

    def look(self) -> str | None:
        """How it ended, and when it starts again, if it has ended since the last look."""
        process = self.process
        if self.due is not None or process is None or process.poll() is None:
            return None
        kill_group(process.pid, signal.SIGKILL)  # what it left, or a new one would find the port busy
        return f"ended ({describe(process.returncode)}). {self._again()}"

    def _again(self) -> str:
        now = time.monotonic()
        if now - self.began > STEADY:
            self.delay = FIRST_DELAY
        wait, self.delay = self.delay, min(2 * self.delay, LONGEST_DELAY)
        self.due = now + wait
        return f"Starting again in {wait:g} s."


class WatchedChild(Watched):
    """A row of the table."""

    def __init__(self, child: Child, *, home: Path) -> None:
        super().__init__(child.name)
        self.child = child
        self.mark = {MARK: str(home), "PYTHONUNBUFFERED": "1"}
        self._process: subprocess.Popen[bytes] | None = None
        self.pipe: int | None = None  # its output, new at every start

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        return self._process

    def launch(self) -> None:
        reader, writer = os.pipe()
        try:
            self._process = start_process(
                self.child.argv, env={**self.mark, **self.child.env}, death_signal=self.child.stop_signal, output=writer
            )
        except OSError:
            os.close(reader)
            raise
        finally:
            os.close(writer)
        self.pipe = reader


class WatchedServer(Watched):
    """An embedded service. One that another process runs is taken over when that process ends."""

    def __init__(self, server: Server) -> None:
        super().__init__(server.name)
        self.server = server
        self.due = None
        self.recovering = False

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        return self.server.process

    def launch(self) -> None:
        if self.server.started:
            self.server.launch()
            self.recovering = True
        else:
            self.server.ensure()

    def look(self) -> str | None:
        if not self.server.started and self.due is None and self.server.lock.acquire():
            self.server.lock.release()
            self.due = time.monotonic()
            return "was run by another process, which has ended. Starting it here."
        ended = super().look()
        if ended or not self.recovering or self.server.state is None or self.server.answers(self.server.state):
            return ended
        self.recovering = False
        return "answers again."


def describe(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"
