"""The user that the embedded services run as: whoever started them, but never root."""

import os
import pwd
from dataclasses import dataclass

from labsninja.embedded.errors import EmbeddedError
from labsninja.env import read


class UnknownUserError(EmbeddedError):
    """The user has no entry in the machine's user database, or is root."""


@dataclass(frozen=True)
class Account:
    """`changed` says that children change to this user because we are root."""

    name: str
    uid: int
    gid: int
    changed: bool


def find_account() -> Account:
    """The current user; from root the one that LABSNINJA_EMBEDDED_USER names. Raises UnknownUserError."""
    if os.geteuid() != 0:
        return _current()
    name = read("LABSNINJA_EMBEDDED_USER")
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise UnknownUserError(
            f"This machine has no user {name!r}: set LABSNINJA_EMBEDDED_USER to an unprivileged user that exists."
        ) from None
    if entry.pw_uid == 0:
        raise UnknownUserError(
            f"PostgreSQL refuses to run as {name}: set LABSNINJA_EMBEDDED_USER to an unprivileged user."
        )
    return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid, changed=True)


def _current() -> Account:
    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError:
        raise UnknownUserError(
            f"User id {os.geteuid()} has no name on this machine, and PostgreSQL needs one: add it to /etc/passwd."
        ) from None
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, changed=False)
