"""Sessions as Django's middleware wants them, in a realm's own table. The key is kept as its digest alone.

`row` is the stored session with its person; None until something is saved.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase, UpdateError

from audit.actors import Origin
from tenants.realms import UNKNOWN_LASTS, Realm

KEY_BYTES = 32
# Seen times are kept to the minute: a write for each request would be too many.
SEEN_EVERY = timedelta(minutes=1)
LONGEST_ADDRESS, LONGEST_AGENT = 50, 500


class RealmSession(SessionBase):
    """One browser's session in one realm."""

    def __init__(self, session_key: str | None = None, *, realm: Realm, origin: Origin) -> None:
        super().__init__(session_key)
        self.realm, self.origin = realm, origin
        self.row: Any = None
        self.idle_for = timedelta()  # before this request

    @property
    def key_salt(self) -> str:
        """Data of one realm does not even decode in another."""
        return f"labsninja.session.{self.realm.name}"

    @classmethod
    def clear_expired(cls) -> None:
        """Nothing: the ledger sweeps all three tables (tenants.services.accounts.sessions)."""

    def load(self) -> dict[str, Any]:
        """The data of a session that is neither idle for too long nor at its end; otherwise a new one begins."""
        if self.session_key:
            found = self.realm.session.objects.select_related("person").filter(digest=digest_key(key=self.session_key))
            self.row = found.first()
        if self.row is None or not self._is_alive(self.row):
            self._session_key, self.row = None, None
            return {}
        self._touch()
        return self.decode(self.row.data)

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 Django's signature
        """Keep the data; a row is made when there is none yet."""
        data = self.encode(dict(self.items()))
        if self.row is None or must_create:
            self._insert(data)
        elif self.realm.session.objects.filter(id=self.row.id).update(data=data):
            self.row.data = data
        else:
            raise UpdateError  # ended from elsewhere while this request ran

    def exists(self, session_key: str) -> bool:
        return bool(self.realm.session.objects.filter(digest=digest_key(key=session_key)).exists())

    def create(self) -> None:
        self._session_key, self.row = None, None
        self.save(must_create=True)
        self.modified = True

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            self.realm.session.objects.filter(digest=digest_key(key=key)).delete()
        if key == self.session_key:
            self.row = None

    def renew(self, values: Mapping[str, Any]) -> UUID:
        """Another key for the same session, and `values` for its columns, in one statement: whoever knew the key before
        the person signed in knows nothing after. Gives the session's id.
        """
        self.items()  # loads the row
        if self.row is None:
            self._insert(self.encode({}))
        self._session_key = secrets.token_urlsafe(KEY_BYTES)
        kept = self.encode(dict(self.items()))
        columns = {**values, "digest": digest_key(key=self._session_key), "data": kept}
        self.realm.session.objects.filter(id=self.row.id).update(**columns)
        for name, value in columns.items():
            setattr(self.row, name, value)
        self.modified = True
        return UUID(str(self.row.id))

    def _insert(self, data: str) -> None:
        self._session_key = secrets.token_urlsafe(KEY_BYTES)
        self.row = self.realm.session.objects.create(
            digest=digest_key(key=self._session_key),
            data=data,
            address=self.origin.address[:LONGEST_ADDRESS],
            user_agent=self.origin.user_agent[:LONGEST_AGENT],
            seen_at=self.origin.at,
            expires_at=self.origin.at + UNKNOWN_LASTS,
        )

    def _is_alive(self, row: Any) -> bool:
        now = datetime.now(UTC)
        person = row.person
        return bool(
            row.expires_at > now
            and row.seen_at + max(self.realm.idle, SEEN_EVERY) > now
            and (person is None or person.is_active)
        )

    def _touch(self) -> None:
        self.idle_for = self.origin.at - self.row.seen_at
        if self.row.seen_at + SEEN_EVERY <= self.origin.at:
            self.row.seen_at = self.origin.at
            self.realm.session.objects.filter(id=self.row.id).update(seen_at=self.origin.at)


def digest_key(*, key: str) -> bytes:
    """What stands in the table: SHA-256 suffices for a key of 256 random bits."""
    return sha256(key.encode()).digest()
