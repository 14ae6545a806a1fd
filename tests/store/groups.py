"""Groups and people for tests of memberships, stored by the store's own statements, and what one reads of them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import orjson
import uuid_utils.compat

from labsninja.kernel.isolation import Scope, current_scope
from scim.protocol.folding import fold_text
from scim.store.computed import MOST_MEMBERS_AT_ONCE, Aspects
from scim.store.members import MemberChange, add_members, list_members
from scim.store.pipeline import pipelined_scope
from scim.store.resources import get_computed

AT = datetime(2026, 1, 1, tzinfo=UTC)
LOCATIONS = {name: f"https://lab.test/scim/v2/{name}s/" for name in ("User", "Group", "Device")}
INSERT = """
INSERT INTO scim_resource (tenant_id, id, resource_type, user_name, external_id, display_name, active, document,
                           version, created_at, modified_at)
SELECT %s, id, %s, user_name, external_id, display_name, TRUE, document, 1, now(), now()
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])
     AS r(id, user_name, external_id, display_name, document)
"""
TOMBSTONE = "UPDATE scim_resource SET deleted_at = now(), version = version + 1 WHERE id = %s"
LOCK_GROUP = "SELECT FROM scim_resource WHERE id = %s FOR NO KEY UPDATE"
ROWS = "SELECT value, member_id, member_type, folded FROM scim_member WHERE group_id = %s ORDER BY value"


class GroupOf(NamedTuple):
    """A group as a user's `groups` have it."""

    id: UUID
    type: str
    display: str | None


@contextmanager
def scope() -> Iterator[Scope]:
    """A scope as services open it."""
    with pipelined_scope() as opened:
        yield opened


def insert_users(*user_names: str, external_id: str | None = None) -> list[UUID]:
    """People of these userNames, in the open scope."""
    documents = [{"userName": name} for name in user_names]
    names = [fold_text(name) for name in user_names]
    return _insert("User", documents, user_names=names, external_ids=[external_id for _ in user_names])


def insert_groups(*display_names: str, external_id: str | None = None) -> list[UUID]:
    """Groups of these names, in the open scope."""
    documents = [{"displayName": name} for name in display_names]
    names = [fold_text(name) for name in display_names]
    return _insert("Group", documents, display_names=names, external_ids=[external_id for _ in display_names])


def _insert(resource_type: str, documents: list[dict[str, str]], **columns: list[str | None] | list[str]) -> list[UUID]:
    ids = [uuid_utils.compat.uuid7() for _ in documents]
    nothing = [None for _ in documents]
    named = [columns.get(name, nothing) for name in ("user_names", "external_ids", "display_names")]
    texts = [orjson.dumps(document).decode() for document in documents]
    current_scope().execute(INSERT, [current_scope().tenant_id, resource_type, ids, *named, texts])
    return ids


def add(group_id: UUID, *members: UUID | str) -> MemberChange:
    return add_members(group_id=group_id, values=map(str, members), at=AT)


def ids_of(group_id: UUID, *, limit: int = 1_000_000) -> list[UUID]:
    """The members as shown."""
    return [member.id for member in list_members(group_id=group_id, limit=limit)]


def rows_of(group_id: UUID) -> list[tuple[str, UUID | None, str | None, str | None]]:
    """The stored rows, pending ones too."""
    return list(current_scope().execute(ROWS, [group_id]).fetchall())


def pending_of(group_id: UUID) -> list[str]:
    return [value for value, member_id, *_ in rows_of(group_id) if member_id is None]


def bury(resource_id: UUID) -> None:
    current_scope().execute(TOMBSTONE, [resource_id])


def lock_group(group_id: UUID) -> None:
    """As a service does before it changes members."""
    current_scope().execute(LOCK_GROUP, [group_id])


def texts(ids: Iterable[UUID]) -> list[str]:
    return [str(found) for found in ids]


def list_groups_of(resource_id: UUID) -> list[GroupOf]:
    """The groups as shown."""
    text, _members = get_computed(resource_id=resource_id, aspects=Aspects(LOCATIONS, groups=True)).read()
    found = orjson.loads(b"[%s]" % (text or b""))
    assert all(group["$ref"] == LOCATIONS["Group"] + group["value"] for group in found)
    return [GroupOf(UUID(group["value"]), group["type"], group.get("display")) for group in found]


def render_members(group_id: UUID, *, at_most: int = MOST_MEMBERS_AT_ONCE + 1) -> str | None:
    """The elements of `members` as text, None where there are none."""
    aspects = Aspects(LOCATIONS, members=True, most_members=at_most)
    members = get_computed(resource_id=group_id, aspects=aspects).read()[1]
    return None if members is None else members.decode()
