"""A directory of any size by a few statements, row for row what the product would have written for POSTs.

One user is made by the product's own functions, with a mark where its number stands; SQL puts the numbers in. History
(change rows and audit events) is left out: no operation of the bench reads it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

import orjson

from labsninja.kernel.isolation import Scope, current_scope, tenant_scope
from scim.protocol import urns
from scim.protocol.dialects.base import Reading
from scim.protocol.json_input import JsonObject
from scim.protocol.resource import Mode, canonicalize
from scim.protocol.schemas import GROUP, USER
from scim.protocol.schemas.definitions import ResourceType
from scim.store.counters import count_created
from scim.store.index import index_rows
from scim.store.page_anchors import fold_steps
from scim.store.resources import LookupColumns, look_up_columns

MARK: Final = "7777777"  # seven digits, as every number has
AT_ONCE: Final = 10_000
GROUP_SIZES: Final = (10, 1_000, 10_000, 100_000)

# A range of numbers, and what stands for each: its id and its seven digits.
NUMBERED: Final = """
numbered AS (
    SELECT n, (%(ids)s::text || lpad(to_hex(n), 12, '0'))::uuid AS id, lpad(n::text, 7, '0') AS digits
    FROM generate_series(%(first)s::int, %(last)s::int) AS s(n)
)
"""
RESOURCES: Final = f"""
WITH {NUMBERED}
INSERT INTO scim_resource (tenant_id, id, resource_type, user_name, external_id, display_name, unique_name, active,
                           document, search, version, created_at, modified_at)
SELECT %(tenant)s::uuid, id, %(type)s::text, replace(%(user_name)s::text, %(mark)s::text, digits),
       replace(%(external_id)s::text, %(mark)s, digits), replace(%(display_name)s::text, %(mark)s, digits),
       replace(%(unique_name)s::text, %(mark)s, digits), %(active)s::bool,
       replace(%(document)s::text, %(mark)s, digits),
       replace(%(search)s::text, %(mark)s, digits)::jsonb, 1, now(), now()
FROM numbered
"""  # noqa: S608  # our own texts alone
STEPS: Final = f"""
WITH {NUMBERED}
INSERT INTO scim_page_step (tenant_id, resource_type, resource_id, version, number)
SELECT %(tenant)s::uuid, %(type)s::text, id, 1, 1 FROM numbered
"""  # noqa: S608  # our own texts alone
INDEX_ROWS: Final = f"""
WITH {NUMBERED}
INSERT INTO scim_resource_index (tenant_id, resource_type, path, value, resource_id)
SELECT %(tenant)s::uuid, %(type)s::text, i.path, replace(i.value, %(mark)s::text, digits), id
FROM numbered, unnest(%(paths)s::text[], %(values)s::text[]) AS i(path, value)
"""  # noqa: S608  # our own texts alone
MEMBERS: Final = f"""
WITH {NUMBERED}
INSERT INTO scim_member (tenant_id, group_id, value, member_id, member_type, added_at)
SELECT %(tenant)s::uuid, %(group)s::uuid, id::text, id, 'User', now() FROM numbered
"""  # noqa: S608  # our own texts alone
IDS: Final = {"User": "01900000-0000-7000-8000-", "Group": "01900000-0000-7000-8001-"}


def user_id(number: int) -> UUID:
    """Of the user with that number, from 1 on."""
    return UUID(f"{IDS['User']}{number:012x}")


def group_id(size: int) -> UUID:
    """Of the group with so many members."""
    return UUID(f"{IDS['Group']}{size:012x}")


def user_body(digits: str) -> JsonObject:
    """What an identity provider sends for a user of ordinary size."""
    name = f"user{digits}@bench.example"
    return {
        "schemas": [urns.USER, urns.ENTERPRISE_USER],
        "externalId": f"ext-{digits}",
        "userName": name,
        "name": {"givenName": "Given", "familyName": f"Family {digits}"},
        "displayName": f"Given Family {digits}",
        "title": "Engineer",
        "active": True,
        "emails": [{"value": name, "type": "work", "primary": True}],
        urns.ENTERPRISE_USER: {"employeeNumber": digits, "department": "Platform", "organization": "Bench"},
    }


def group_body(digits: str) -> JsonObject:
    """A group without its members."""
    return {"schemas": [urns.GROUP], "displayName": f"Group {digits}"}


def seed_directory(*, users: int) -> list[int]:
    """Users 1 to `users` of the bound tenant, and groups of the sizes up to that. Gives the sizes."""
    for first, last in _chunks(users):
        with _unhurried():
            _insert(USER, user_body(MARK), first, last)
    with _unhurried():
        fold_steps(resource_type="User")  # as the ledger does
    sizes = [size for size in GROUP_SIZES if size <= users]
    for size in sizes:
        with _unhurried() as scope:
            _insert(GROUP, group_body(MARK), size, size)
            for first, last in _chunks(size):
                params = {"tenant": scope.tenant_id, "group": group_id(size), "ids": IDS["User"]}
                scope.execute(MEMBERS, {**params, "first": first, "last": last})
    return sizes


def _insert(resource_type: ResourceType, body: JsonObject, first: int, last: int) -> None:
    document = canonicalize(resource_type, body, mode=Mode.CREATE, reading=Reading()).document
    lookup = look_up_columns(resource_type, document, unique_name=resource_type.name == "Group")
    scope = current_scope()
    numbered = {"ids": IDS[resource_type.name], "first": first, "last": last}
    params = {"tenant": scope.tenant_id, "type": resource_type.name, "mark": MARK, **numbered}
    scope.execute(RESOURCES, {**params, **_columns(lookup), "document": orjson.dumps(document).decode()})
    scope.execute(STEPS, params)
    rows = sorted(index_rows(resource_type, document))
    scope.execute(INDEX_ROWS, {**params, "paths": [path for path, _ in rows], "values": [value for _, value in rows]})
    count_created(resource_type=resource_type.name, number=last - first + 1)


def _columns(lookup: LookupColumns) -> dict[str, Any]:
    names = ("user_name", "external_id", "display_name", "unique_name", "active", "search")
    return {name: getattr(lookup, name) for name in names}


def _chunks(number: int) -> Iterator[tuple[int, int]]:
    for first in range(1, number + 1, AT_ONCE):
        yield first, min(first + AT_ONCE - 1, number)


@contextmanager
def _unhurried() -> Iterator[Scope]:
    """A scope whose statements may take as long as they need."""
    with tenant_scope() as scope:
        scope.execute("SET LOCAL statement_timeout = 0", None)
        yield scope
