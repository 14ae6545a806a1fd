"""Runs one program as a child that dies with its parent; from root, as an unprivileged user. A script: stands alone.

Started as `python -I -S launcher.py ORDER`, where ORDER is JSON: `argv`, `parent` (process id), `death_signal`, and,
to change user, `user`, `uid`, `gid` and `folders`, which that user must reach. When a folder above one of them is
closed to the user (a clone below /root), the launcher shows the folders at their own paths inside a mount namespace of
its own and leaves the permissions on disk alone. A failure is one sentence on standard error and exit status 97.
"""

import ctypes
import json
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FAILED = 97
CLONE_NEWNS = 0x00020000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38

_libc = ctypes.CDLL(None, use_errno=True)


def run(order: dict[str, Any]) -> None:
    """Become the program of `order`; returns never."""
    if "uid" in order:
        _change_user(order)
    _die_with(order["parent"], order["death_signal"])
    program = order["argv"][0]
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)  # Python ignores them, and the program would inherit that
    if not os.access(program, os.X_OK):
        _fail(
            f"{order.get('user', 'this user')} may not run {program}; make it readable for all users (chmod -R go+rX)."
        )
    os.execve(program, order["argv"], os.environ)  # noqa: S606 the list was built by our own parent


def _change_user(order: dict[str, Any]) -> None:
    uid, gid = order["uid"], order["gid"]
    os.fchown(0, uid, gid)  # a secret on standard input may be opened again by name (/dev/stdin)
    closed = {folder: _closed_ancestor(folder, uid, gid) for folder in order["folders"]}
    covers = sorted({cover for cover in closed.values() if cover})
    if covers:
        try:
            _open_a_way(covers, [folder for folder, cover in closed.items() if cover])
        except OSError as error:
            folders = " and ".join(covers)
            _fail(
                f"{order['user']}, as whom the embedded services run, may not enter {folders}, and a mount namespace "
                f"that would show it the inner folders is not allowed here ({error.strerror}): move the project and "
                f"LABSNINJA_HOME out of {folders}, or name in LABSNINJA_EMBEDDED_USER a user who may enter."
            )
    os.umask(0o077)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _closed_ancestor(folder: str, uid: int, gid: int) -> str | None:
    """The topmost folder above `folder` that the user may not enter; asked of the kernel, so that ACLs count."""
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(gid)
    os.seteuid(uid)
    try:
        return next((above for above in _above(folder) if not os.access(above, os.X_OK, effective_ids=True)), None)
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def _above(folder: str) -> Iterable[str]:
    return (str(above) for above in reversed(Path(folder).parents))


def _open_a_way(covers: list[str], folders: list[str]) -> None:
    """In a private mount namespace, lay an enterable tmpfs over each of `covers`; bind `folders` at their own paths."""
    _call("unshare", CLONE_NEWNS)
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    handles = {
        folder: os.open(folder, os.O_PATH) for folder in sorted(folders)
    }  # of this namespace: else a bind is refused
    for cover in covers:
        _mount(b"tmpfs", cover, b"tmpfs", MS_NOSUID | MS_NODEV, b"mode=0755,size=1m")
    os.umask(0o022)
    for folder, handle in handles.items():
        Path(folder).mkdir(parents=True, exist_ok=True)
        _mount(f"/proc/self/fd/{handle}".encode(), folder, None, MS_BIND | MS_REC)
        os.close(handle)
    for cover in covers:
        _mount(None, cover, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)


def _mount(source: bytes | None, target: str, kind: bytes | None, flags: int, data: bytes | None = None) -> None:
    _call("mount", source, target.encode(), kind, ctypes.c_ulong(flags), data)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _die_with(parent: int, death_signal: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    _libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)  # after the change of user, which clears it
    if os.getppid() != parent:  # it died before we asked
        os._exit(FAILED)


def _fail(sentence: str) -> None:
    os.write(2, sentence.encode() + b"\n")
    os._exit(FAILED)


if __name__ == "__main__":
    try:
        run(json.loads(sys.argv[1]))
    except OSError as failure:
        _fail(f"the child could not be started: {failure}")
