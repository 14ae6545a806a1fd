"""Child processes: start one through the launcher, stop it in steps, and find what an earlier run left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from labsninja.embedded.account import Account

LAUNCHER = Path(__file__).with_name("launcher.py")
PLAIN_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}


def start_process(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    death_signal: int,
    account: Account | None = None,
    folders: Sequence[Path] = (),
    stdin: int | None = subprocess.DEVNULL,
    output: int | IO[bytes] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `argv` in a session of its own; it gets `death_signal` when this process dies.

    With an `account` to change to it runs as that user, who can reach `folders`. Call from a thread that lives as long
    as the process should: the kernel takes the starting thread for the parent.
    """
    order = {"argv": list(argv), "parent": os.getpid(), "death_signal": int(death_signal)}
    if account and account.changed:
        order |= {"user": account.name, "uid": account.uid, "gid": account.gid, "folders": [str(f) for f in folders]}
    command = [sys.executable, "-I", "-S", str(LAUNCHER), json.dumps(order)]
    return subprocess.Popen(
        command,
        env=dict(env),
        stdin=stdin,
        stdout=output,
        stderr=output,
        cwd=cwd,
        start_new_session=True,  # the terminal's Ctrl-C is for this process, which stops its children in order
    )


def stop_process(process: subprocess.Popen[bytes], *, steps: Sequence[tuple[int, float]]) -> None:
    """Send each signal of `steps` and wait its seconds, until the process has ended; then SIGKILL its whole group."""
    if process.returncode is not None:  # its end was seen before: by now the number may be another's
        return
    for number, seconds in steps:
        if process.poll() is not None:
            break
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    kill_group(process.pid, signal.SIGKILL)
    process.wait()


def kill_group(group: int, number: int) -> None:
    """Signal every process of the group; none left is fine."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # ended; on some systems a group of zombies alone can't be signaled
        return


def processes_in(folder: Path, *, program: str) -> list[int]:
    """Processes of that program whose current directory is `folder`, in any mount namespace; none without /proc."""
    try:
        wanted = folder.stat()
    except FileNotFoundError:
        return []
    return [pid for pid in _all_processes() if _is_in(pid, wanted) and _program(pid) == program]


def processes_with(variable: str, value: str) -> list[int]:
    """Processes started with that environment variable, but for this one."""
    wanted = f"{variable}={value}".encode()
    return [pid for pid in _all_processes() if pid != os.getpid() and wanted in _environment(pid)]


def wait_until_gone(pids: Sequence[int], *, seconds: float) -> list[int]:
    """Wait for processes that are not our children; the ones still there after `seconds`."""
    deadline = time.monotonic() + seconds
    left = [pid for pid in pids if is_alive(pid)]
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = [pid for pid in left if is_alive(pid)]
    return left


def is_alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        os.kill(pid, 0)
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except ProcessLookupError:
        return False
    except (FileNotFoundError, PermissionError):
        return Path(f"/proc/{pid}").exists() or not Path("/proc/self").exists()
    return status.rpartition(")")[2].split()[0] not in "ZX"


def send(pid: int, number: int) -> None:
    """Signal one process; already gone is fine."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _all_processes() -> list[int]:
    try:
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    except FileNotFoundError:
        return []


def _is_in(pid: int, wanted: os.stat_result) -> bool:
    try:
        found = Path(f"/proc/{pid}/cwd").stat()
    except OSError:  # gone, or another user's
        return False
    return (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino)


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # gone, or another user's
        return []
