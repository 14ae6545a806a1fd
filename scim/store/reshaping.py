"""All live resources of a type, page by page, and what is derived from their documents written anew."""

from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

import orjson

from labsninja.kernel.isolation import current_scope
from scim.protocol.json_input import JsonObject
from scim.protocol.schemas.definitions import ResourceType
from scim.store.index import index_rows, replace_index_rows
from scim.store.resources import look_up_columns
from scim.store.unique import replace_unique_rows, unique_rows

PAGE: Final = 500
# Index scim_resource_live. URNs are folded; without any, every resource is wanted.
SELECT: Final = """
SELECT id, document FROM scim_resource
WHERE tenant_id = %(tenant)s AND resource_type = %(type)s AND deleted_at IS NULL AND id > %(after)s
  AND (%(all)s OR EXISTS (SELECT FROM unnest(%(urns)s::text[]) AS u(urn) WHERE strpos(lower(document), u.urn) > 0))
ORDER BY id LIMIT %(limit)s
"""
UPDATE: Final = """
UPDATE scim_resource SET user_name = %s, external_id = %s, display_name = %s, active = %s, search = %s::jsonb
WHERE tenant_id = %s AND id = %s
"""


def walk_documents(*, resource_type: str, urns: Sequence[str] | None) -> Iterator[tuple[UUID, JsonObject]]:
    """Ids and documents of the type; with `urns` those alone that may hold one of these extensions."""
    scope, after = current_scope(), UUID(int=0)
    params = {"tenant": scope.tenant_id, "type": resource_type, "all": urns is None, "limit": PAGE}
    while True:
        found = scope.execute(SELECT, {**params, "urns": list(urns or ()), "after": after}).fetchall()
        yield from ((resource_id, orjson.loads(text)) for resource_id, text in found)
        if len(found) < PAGE:
            return
        after = found[-1][0]


def reshape_resource(*, resource_id: UUID, document: JsonObject, before: ResourceType, after: ResourceType) -> None:
    """Look-up columns, search document, index rows and unique values as the new definition has them."""
    scope = current_scope()
    named: dict[str, Any] = {"resource_type": after.name, "resource_id": resource_id}
    columns = look_up_columns(after, document)
    if columns != look_up_columns(before, document):
        held = [columns.user_name, columns.external_id, columns.display_name, columns.active, columns.search]
        scope.execute(UPDATE, [*held, scope.tenant_id, resource_id])
    replace_index_rows(**named, before=index_rows(before, document), after=index_rows(after, document))
    replace_unique_rows(**named, before=unique_rows(before, document), after=unique_rows(after, document))
