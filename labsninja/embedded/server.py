"""A service under a home: attach to the one that runs, or start it as a child of this process."""

import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO

from labsninja.embedded import launcher
from labsninja.embedded.errors import EmbeddedError, disk_full, has_no_space
from labsninja.embedded.home import Home, make_home
from labsninja.embedded.lock import Lock, State
from labsninja.embedded.processes import stop_process

PATIENCE = 300.0  # seconds: recovery after a crash, or another process that is just starting
STOP_SECONDS = 15.0
QUIET = 3.0  # seconds before the first word about waiting
REMIND = 10.0  # seconds between words about waiting


class ServerFailedError(EmbeddedError):
    """The service ended while it was starting, or did not answer in time."""


class Server(ABC):
    """What PostgreSQL and Redis have in common. One object serves one process."""

    name: str
    key: str
    stop_signals: tuple[int, ...]  # the gentle one first

    def __init__(self, *, home: Home) -> None:
        self.home = home
        self.lock = Lock(home.path / f"{self.key}.lock")
        self.state: State | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None

    @property
    def started(self) -> bool:
        """Whether this process runs the service; False: it is attached."""
        return self.lock.held

    @abstractmethod
    def urls(self) -> dict[str, str]:
        """Environment variables that lead to the service, once it runs."""

    @abstractmethod
    def prepare(self) -> State:
        """Make what the first start needs; where the service will listen."""

    @abstractmethod
    def launch(self) -> None:
        """Start the process, after the leftovers of a killed one are gone. Does not wait until it answers."""

    @abstractmethod
    def answers(self, state: State) -> str | None:
        """None when it serves requests at `state`; else what it is doing. Raises EmbeddedError when it never will."""

    @abstractmethod
    def tend(self) -> None:
        """Now and then, while it runs: keep its log within bounds."""

    def settle(self) -> None:
        """It answers: tell the others."""
        self.lock.write(self.state)

    def ensure(self) -> None:
        """Attach or start; returns when the service answers. Raises EmbeddedError."""
        make_home(self.home.path)
        waiting = Waiting(name=self.name)
        while not self.lock.acquire():
            state = self.lock.read()
            doing = self.answers(state) if state else "being started by another process"
            if doing is None:
                self.state = state
                return
            waiting.tick(doing)
        self.start()

    def start(self) -> None:
        """Start it as our child; the lock must be held. Raises EmbeddedError, and nothing is left running then."""
        try:
            self.home.prepare()
            self.state = self.prepare()
            self.lock.write(None)
            self.launch()
            self.wait_until_it_answers()
            self.settle()
        except BaseException:
            self.stop()
            raise

    def wait_until_it_answers(self) -> None:
        """Raises EmbeddedError when the process ends or PATIENCE is over."""
        if self.state is None or self.process is None:
            raise RuntimeError(f"{self.name} was not launched")
        waiting = Waiting(name=self.name)
        while (doing := self.answers(self.state)) is not None:
            if self.process.poll() is not None:
                raise self.explain_exit()
            waiting.tick(doing)

    def stop(self, *, seconds: float = STOP_SECONDS) -> None:
        """Stop what this process started, by force after `seconds`; an attached service goes on."""
        if self.process is not None and self.started:  # a forked child knows the process but does not hold the lock
            gentle, *harder = self.stop_signals
            steps = [(gentle, 0.7 * seconds), *((number, 0.3 * seconds) for number in harder)]
            stop_process(self.process, steps=steps)
            self.process = None
        if self._errors is not None:
            self._errors.close()
            self._errors = None
        self.lock.release()

    def open_errors(self) -> IO[bytes]:
        """A nameless file for what the process says before its own log is open."""
        if self._errors is not None:
            self._errors.close()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 it lives as long as the process
        return self._errors

    def explain_exit(self) -> EmbeddedError:
        """Why the process ended, as one sentence."""
        said = self._said()
        status = self.process.returncode if self.process else None
        if status == launcher.FAILED:
            return ServerFailedError(f"{self.name} can't start: {said}")
        if "No space left on device" in said or has_no_space(self.home.path):
            return disk_full(self.home.path)
        lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it said nothing"]
        cause = next((line for line in reversed(lines) if "FATAL" in line), lines[-1])
        return ServerFailedError(f"{self.name} ended at its start (status {status}): {cause} Log: {self.log_folder}")

    @property
    @abstractmethod
    def log_folder(self) -> Path:
        """Where the service writes its log."""

    def _said(self) -> str:
        if self._errors is None:
            return ""
        self._errors.seek(0)
        return self._errors.read()[-4000:].decode(errors="replace").strip()


class Waiting:
    """Patience with an end: sleeps a moment per tick, and says on standard error what is waited for."""

    def __init__(self, *, name: str) -> None:
        self.name = name
        self.began = time.monotonic()
        self.next_word = QUIET

    def tick(self, doing: str) -> None:
        """Raises ServerFailedError after PATIENCE seconds."""
        waited = time.monotonic() - self.began
        if waited > PATIENCE:
            raise ServerFailedError(f"{self.name} did not answer within {PATIENCE:.0f} s; it is {doing}.")
        if waited > self.next_word:
            self.next_word = waited + REMIND
            sys.stderr.write(f"{self.name} is {doing} ({waited:.0f} s; waiting up to {PATIENCE:.0f} s)\n")
            sys.stderr.flush()
        time.sleep(0.02)
