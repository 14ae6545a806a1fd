"""Cursors as clients see them (RFC 9865): sealed with the tenant's data key and bound to who asks for what.

A cursor opens only for the tenant, the SCIM client, the endpoint, the types, the filter and the order that it was made
for. Keys may be rotated: a retired one still opens what it sealed.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from labsninja.kernel.isolation import current_tenant
from labsninja.kernel.secrets import SecretError, decrypt_secret, encrypt_secret
from scim.protocol.cursors import (
    CURSOR_SECONDS,
    Cursor,
    Position,
    decode_cursor,
    expired_cursor,
    invalid_count,
    invalid_cursor,
)
from scim.protocol.list_query import ListQuery
from scim.protocol.pagination import PageRequest

# The place that is sealed with them, as that of a secret in a table is.
TABLE, COLUMN = "cursor", "position"
Row = TypeVar("Row")


@dataclass(frozen=True)
class Asker:
    """The SCIM client that lists something: `target` is what, as in /Users; `at` the time of the request."""

    scim_client_id: str
    target: str
    at: datetime


@dataclass(frozen=True)
class Walk:
    """One query as it is walked by one SCIM client, page by page."""

    asker: Asker
    query: ListQuery

    @property
    def _row(self) -> str:
        asked = repr((self.asker.scim_client_id, self.asker.target, self.query.filter, self.query.sort))
        return sha256(asked.encode()).hexdigest()

    def open(self) -> Position | None:
        """Where the page begins, None where no cursor says.

        Raises ScimError 400 invalidCursor, expiredCursor, or invalidCount for another count than before.
        """
        page = self.query.page
        if not page.cursor:
            return None
        found = self._unseal(page.cursor)
        if found.until < self.asker.at.timestamp():
            raise expired_cursor()
        if found.count != page.count:
            raise invalid_count(f"count has to stay {found.count}, as in the query that the cursor is of.")
        return found.position

    def seal(self, position: Position) -> str:
        """The cursor of a position."""
        cursor = Cursor(position, self.query.page.count, int(self.asker.at.timestamp()) + CURSOR_SECONDS)
        sealed = encrypt_secret(
            tenant_id=current_tenant(), table=TABLE, column=COLUMN, row=self._row, plaintext=cursor.encode()
        )
        return urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def _unseal(self, text: str) -> Cursor:
        try:
            sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            plain = decrypt_secret(
                tenant_id=current_tenant(), table=TABLE, column=COLUMN, row=self._row, ciphertext=sealed
            )
        except (binascii.Error, UnicodeError, ValueError, SecretError):
            raise invalid_cursor() from None
        return decode_cursor(plain)


@dataclass(frozen=True)
class Neighbors:
    """The pages before and behind the one that is shown, None where there is none."""

    previous: str | None = None
    next: str | None = None


NO_NEIGHBORS = Neighbors()


def cut_page(rows: Sequence[Row], page: PageRequest, position: Position | None) -> tuple[Sequence[Row], bool, bool]:
    """The rows of the page without the one too many that was looked for, and whether more stand before and behind."""
    is_backward = position is not None and position.backward
    more = len(rows) > page.count
    if is_backward:
        return (rows[1:] if more else rows), more, bool(rows)
    return rows[: page.count], position is not None and bool(rows), more and page.count > 0


def find_neighbors(walk: Walk, ends: Sequence[tuple[str, str | None]], *, before: bool, behind: bool) -> Neighbors:
    """Cursors of the pages beside this one; `ends` are id and key of its rows."""
    if not ends:
        return NO_NEIGHBORS
    (first_id, first_key), (last_id, last_key) = ends[0], ends[-1]
    return Neighbors(
        walk.seal(Position(first_id, first_key, backward=True)) if before else None,
        walk.seal(Position(last_id, last_key)) if behind else None,
    )
