"""Processes beside the test's own: holders of services, a user without rights, and looks at what runs."""

import json
import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from labsninja.embedded.account import Account
from labsninja.embedded.launcher import FAILED
from labsninja.embedded.processes import start_process
from labsninja.env import PROJECT_ROOT

IS_ROOT = os.geteuid() == 0

# Holds services for as long as its standard input is open; prints its URLs, or the error's sentence.
HOLD = """
import json, sys
from pathlib import Path
from labsninja.embedded import EmbeddedError, services
try:
    with services(Path(sys.argv[1])) as found:
        print(json.dumps({"urls": found.urls, "started": found.started}), flush=True)
        sys.stdin.read()
except EmbeddedError as error:
    print(json.dumps({"error": str(error)}), flush=True)
"""


class Holder:
    """A process that runs HOLD, or another script whose first line of output is JSON."""

    def __init__(self, home: Path, *, code: str = HOLD, env: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT), **(env or {})},
        )

    @property
    def said(self) -> dict[str, Any]:
        """The line it prints; asked for once."""
        assert self.process.stdout
        line: dict[str, Any] = json.loads(self.process.stdout.readline())
        return line

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def finish(self) -> int:
        """Close its input and wait; its exit status."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(20)


def ordinary_account() -> Account:
    """A user that is not root and not the one that embedded services take by default."""
    entry = next(entry for entry in pwd.getpwall() if entry.pw_uid and entry.pw_name != "nobody")
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, changed=True)


def run_as_ordinary(code: str, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """Run Python as a user without rights and give what it prints; from root, as `ordinary_account`."""
    python = Path(sys.executable)
    with tempfile.TemporaryFile() as output:
        process = start_process(
            [str(python), "-c", code, *arguments],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT_ROOT), **(env or {})},
            death_signal=signal.SIGKILL,
            account=ordinary_account() if IS_ROOT else None,
            folders=[Path(sys.prefix), Path(sys.base_prefix).resolve(), PROJECT_ROOT],
            output=output,
            cwd=Path("/"),
        )
        status = process.wait(60)
        output.seek(0)
        said = output.read().decode()
    assert status != FAILED, said
    return said


def wait_for(condition: Callable[[], object], *, seconds: float = 10.0) -> None:
    """Wait until the condition holds; fails when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def children_of(pid: int) -> dict[int, str]:
    """Command lines of the processes whose parent is `pid`, by process id."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            stat, command = (entry / "stat").read_text(), (entry / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if entry.name.isdigit() and stat.rpartition(")")[2].split()[1] == str(pid):
            found[int(entry.name)] = command.replace(b"\0", b" ").decode()
    return found
