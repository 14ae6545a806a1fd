"""The base of what can go wrong with the embedded services, and the plain sentence for an error of the file system."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class EmbeddedError(Exception):
    """Its text is one plain sentence for whoever started us; commands show it without a traceback."""


class DiskFullError(EmbeddedError):
    """No space is left below the home."""


class UnusableFolderError(EmbeddedError):
    """A folder of the home can't be read or written."""


_REASONS = {
    errno.EACCES: "this user has no right to write there",
    errno.EPERM: "this user has no right to write there",
    errno.EROFS: "its file system is read-only",
    errno.EINVAL: "it can't be given to the user of the embedded services",
    errno.ENOTDIR: "part of its path is a file",
    errno.EEXIST: "a file stands in its place",
    errno.ENAMETOOLONG: "its path is too long",
}


@contextmanager
def naming(folder: Path) -> Iterator[None]:
    """Turn an error of the file system inside the block into an EmbeddedError that names the folder."""
    try:
        yield
    except OSError as error:
        raise explain(error, folder=folder) from error


def explain(error: OSError, *, folder: Path) -> EmbeddedError:
    """The sentence for `error`, met while using `folder`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(folder)
    reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
    return UnusableFolderError(f"Can't use the folder {folder}: {reason}. Set LABSNINJA_HOME to a folder of your own.")


def disk_full(folder: Path) -> DiskFullError:
    return DiskFullError(
        f"The disk that holds {folder} is full: free some space, or set LABSNINJA_HOME to another disk."
    )


def has_no_space(folder: Path) -> bool:
    """Whether too little is left for PostgreSQL to start (one segment of its log, 16 MiB)."""
    try:
        left = os.statvfs(folder)
    except OSError:
        return False
    return left.f_bavail * left.f_frsize < 16 * 1024 * 1024
