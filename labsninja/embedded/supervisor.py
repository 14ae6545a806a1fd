"""The foreground supervisor of `make run`: keeps a table of children and the embedded services alive until it ends.

One loop in the main thread, woken by signals and by output. `kill -9` of the supervisor ends the children too: the
kernel signals them, and the next start removes what outlived that.
"""

import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TextIO

from labsninja.embedded.children import MARK, Child, Watched, WatchedChild, WatchedServer
from labsninja.embedded.errors import EmbeddedError
from labsninja.embedded.home import make_home
from labsninja.embedded.lock import Lock, State
from labsninja.embedded.output import LineReader, Printer
from labsninja.embedded.ports import is_listening, require_free_port
from labsninja.embedded.processes import kill_group, processes_with, send, wait_until_gone
from labsninja.embedded.services import Services
from labsninja.env import read

STOP_SECONDS = 9.5  # for everything
SERVICE_SECONDS = 2.5  # of these, kept for PostgreSQL and Redis
HURRY = 2  # times that a stop is asked for until nobody is given time
HURRIED_SECONDS = 0.5  # for PostgreSQL and Redis then
TEND_SECONDS = 60.0  # between looks at the size of logs
TICK = 1.0
IMPATIENT_TICK = 0.1  # until everything is ready
NAME = "supervisor"
LOCK = "supervisor.lock"
_claimed: set[Path] = set()


class AlreadyRunningError(EmbeddedError):
    """Another supervisor works on this home."""


@contextmanager
def claim_home(home: Path, *, host: str = "", port: int = 0) -> Iterator[None]:
    """Be the only supervisor of `home`; what a killed one left running, on its ports, is ended first.

    `host` and `port` are where it will serve, for whoever asks `find_address`. A claim inside a claim is the same one.
    Raises AlreadyRunningError, which names the other's process id.
    """
    if home in _claimed:
        yield
        return
    make_home(home)
    lock = Lock(home / LOCK)
    if not lock.acquire():
        other = lock.read()
        process = f" (process {other.pid})" if other else ""
        raise AlreadyRunningError(f"LabsNinja already runs on {home}{process}: stop it, or set LABSNINJA_HOME.")
    lock.write(State(pid=os.getpid(), host=host, port=port))
    _claimed.add(home)
    try:
        _sweep(home, signal.SIGTERM, seconds=3.0)
        yield
    finally:
        _claimed.discard(home)
        lock.release()


def find_address(home: Path) -> tuple[str, int] | None:
    """Where the supervisor of `home` serves, or served last; None when there has been none."""
    last = Lock(home / LOCK).read()
    return (last.host, last.port) if last and last.port else None


class Supervisor:
    """Runs `children`, and watches `services` that this process has started or attached to."""

    def __init__(
        self, children: Sequence[Child], *, services: Services | None = None, stream: TextIO | None = None
    ) -> None:
        self.services = services
        self.home = services.home if services else read("LABSNINJA_HOME")
        self.children = [WatchedChild(child, home=self.home) for child in children]
        self.watched: list[Watched] = [
            *(WatchedServer(server) for server in (services.servers if services else ())),
            *self.children,
        ]
        self.printer = Printer(stream or sys.stdout, names=[NAME, *(one.name for one in self.watched)])
        self.addresses = [child.address for child in children if child.address]
        self.selector = selectors.DefaultSelector()
        self.stops_asked = 0
        self.is_ready = False
        self.tended = time.monotonic()

    def run(self, ready: Callable[[], None]) -> int:
        """Keep everything running until SIGINT, SIGTERM or SIGHUP, then stop everything, the services too; 0.

        `ready` is called once, when every address of the table accepts connections. Raises AlreadyRunningError, and
        BusyPortError before anything is started.
        """
        with claim_home(self.home), self._signals():
            for host, port in self.addresses:
                require_free_port(host=host, port=port)
            try:
                while not self.stops_asked:
                    self._start_due()
                    self._announce(ready)
                    self._listen(self._pause())
                    self._report_ends()
                    self._tend()
            finally:
                self._stop()
        return 0

    def _start_due(self) -> None:
        now = time.monotonic()
        for one in self.watched:
            if one.due is not None and one.due <= now:
                failure = one.start()
                if failure:
                    self.printer.say(NAME, f"{one.name} {failure}")
                elif isinstance(one, WatchedChild):
                    self._read_from(one)

    def _read_from(self, one: WatchedChild) -> None:
        if one.pipe is not None:
            reader = LineReader(one.pipe, name=one.name, printer=self.printer)
            self.selector.register(one.pipe, selectors.EVENT_READ, reader)

    def _announce(self, ready: Callable[[], None]) -> None:
        if self.is_ready:
            return
        if all(is_listening(host=host, port=port) for host, port in self.addresses):
            self.is_ready = True
            ready()

    def _pause(self) -> float:
        tick = TICK if self.is_ready else IMPATIENT_TICK
        waits = [one.due - time.monotonic() for one in self.watched if one.due is not None]
        return max(0.0, min([tick, *waits]))

    def _listen(self, seconds: float) -> None:
        """Print the children's output until `seconds` are over or something happens."""
        for key, _ in self.selector.select(seconds):
            reader = key.data
            if isinstance(reader, LineReader):
                if not reader.pump():
                    self.selector.unregister(reader.pipe)
                    os.close(reader.pipe)
            else:
                reader.recv(4096)  # the bytes of signals; their handlers have run

    def _report_ends(self) -> None:
        for one in self.watched:
            if ended := one.look():
                self.printer.say(NAME, f"{one.name} {ended}")

    def _tend(self) -> None:
        if time.monotonic() > self.tended + TEND_SECONDS:
            self.tended = time.monotonic()
            for server in self.services.servers if self.services else ():
                server.tend()

    def _stop(self) -> None:
        """Children by stages, then the services, within STOP_SECONDS; SIGKILL for what is left."""
        deadline = time.monotonic() + STOP_SECONDS
        self.printer.say(NAME, "stopping")
        for stage in sorted({one.child.stage for one in self.children}):
            group = [one for one in self.children if one.child.stage == stage]
            self._stop_group(group, deadline=deadline - SERVICE_SECONDS)
        _sweep(self.home, signal.SIGKILL, seconds=1.0)
        for server in reversed(self.services.servers if self.services else ()):
            left = max(deadline - time.monotonic(), HURRIED_SECONDS)
            server.stop(seconds=HURRIED_SECONDS if self.stops_asked >= HURRY else left)
        self._close()
        self.printer.say(NAME, "stopped")

    def _stop_group(self, group: list[WatchedChild], *, deadline: float) -> None:
        running = [(one, one.process) for one in group if one.process is not None and one.due is None]
        for one, process in running:
            if process.poll() is None:
                process.send_signal(one.child.stop_signal)
        end = min(deadline, time.monotonic() + max((one.child.grace for one in group), default=0.0))
        while (
            self.stops_asked < HURRY
            and time.monotonic() < end
            and any(process.poll() is None for _, process in running)
        ):
            self._listen(min(IMPATIENT_TICK, max(0.0, end - time.monotonic())))
        for one, process in running:
            if process.poll() is None:
                self.printer.say(NAME, f"{one.name} did not stop in time and is killed")
            kill_group(process.pid, signal.SIGKILL)
            process.wait()

    def _close(self) -> None:
        for key in list(self.selector.get_map().values()):
            if isinstance(key.data, LineReader):
                while key.data.pump() and not key.data.dry:
                    pass
                os.close(key.data.pipe)
        self.selector.close()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Signals wake the loop; asking to stop is counted."""
        wake, written = socket.socketpair()
        with wake, written:
            written.setblocking(False)
            self.selector.register(wake, selectors.EVENT_READ, wake)
            before_fd = signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
            before = {number: signal.signal(number, self._ask_to_stop) for number in _STOPS}
            before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _notice)
            try:
                yield
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)
                signal.set_wakeup_fd(before_fd)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stops_asked += 1


_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _notice(_number: int, _frame: FrameType | None) -> None:
    """A child ended: a handler must exist for the wake-up byte to be written."""


def _sweep(home: Path, number: int, *, seconds: float) -> None:
    """End what a killed supervisor, or a killed child, of this home left behind."""
    left = processes_with(MARK, str(home))
    for step in (number, signal.SIGKILL):
        for pid in left:
            send(pid, step)
        left = wait_until_gone(left, seconds=seconds)
