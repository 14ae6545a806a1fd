"""What a cursor says (RFC 9865 section 2): between which two resources of an order the next page begins.

A position is the sort key and id of a resource, not the resource: others come and go around it, and it may itself be
gone, without any of those that stay being shown twice or left out. Cursors are sealed before a client sees them.
"""

from dataclasses import dataclass
from typing import Final

import orjson

from scim.protocol.errors import ScimError, ScimType

# RFC 9865 section 4, cursorTimeout: how long a cursor is good for.
CURSOR_SECONDS: Final = 3600


@dataclass(frozen=True)
class Position:
    """Beside the resource of this id. `key` is the text of what it is sorted by, None where it has no such value.

    Backward is the page that ends before it, forward the one that begins behind it.
    """

    id: str
    key: str | None = None
    backward: bool = False


@dataclass(frozen=True)
class Cursor:
    """A position in pages of `count` resources, good until a moment in seconds since 1970."""

    position: Position
    count: int
    until: int

    def encode(self) -> bytes:
        place = self.position
        return orjson.dumps([place.id, place.key, place.backward, self.count, self.until])


def decode_cursor(data: bytes) -> Cursor:
    """Back from `encode`."""
    resource_id, key, backward, count, until = orjson.loads(data)
    return Cursor(Position(resource_id, key, backward), count, until)


def invalid_cursor() -> ScimError:
    return ScimError("The cursor is none of this query: begin with an empty one.", scim_type=ScimType.INVALID_CURSOR)


def expired_cursor() -> ScimError:
    return ScimError("The cursor has expired: begin again with an empty one.", scim_type=ScimType.EXPIRED_CURSOR)


def invalid_count(detail: str) -> ScimError:
    return ScimError(detail, scim_type=ScimType.INVALID_COUNT)
