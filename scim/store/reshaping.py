"""All live resources of a type, page by page, and what their rows derive from their documents written anew."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

import orjson

from labsninja.kernel.isolation import current_scope
from scim.protocol import bounds
from scim.protocol.json_input import JsonObject
from scim.protocol.schemas.definitions import ResourceType
from scim.store.resources import look_up_columns

PAGE: Final = 500
# Index scim_resource_live. URNs are folded; without any, every resource is wanted. Folding a text in ASCII leaves it as
# long as it is.
SELECT: Final = """
SELECT id, document FROM scim_resource
WHERE tenant_id = %(tenant)s AND resource_type = %(type)s AND deleted_at IS NULL AND id > %(after)s
  AND (NOT %(long)s OR octet_length(document) > %(bound)s OR octet_length(document) <> length(document))
  AND (%(all)s OR EXISTS (SELECT FROM unnest(%(urns)s::text[]) AS u(urn) WHERE strpos(lower(document), u.urn) > 0))
ORDER BY id LIMIT %(limit)s
"""
UPDATE: Final = """
UPDATE scim_resource SET user_name = %s, external_id = %s, display_name = %s, active = %s, search = %s::jsonb
WHERE tenant_id = %s AND id = %s
"""


def walk_documents(
    *, resource_type: str, urns: Sequence[str] | None, is_long: bool = False
) -> Iterator[tuple[UUID, JsonObject]]:
    """Ids and documents of the type; with `urns` those alone that may hold one of these extensions.

    With `is_long` those alone that may hold a text too long for an index.
    """
    scope, after = current_scope(), UUID(int=0)
    params = {"tenant": scope.tenant_id, "type": resource_type, "all": urns is None, "limit": PAGE}
    params |= {"long": is_long, "bound": bounds.INDEXED_CHARACTERS}
    while True:
        found = scope.execute(SELECT, {**params, "urns": list(urns or ()), "after": after}).fetchall()
        yield from ((resource_id, orjson.loads(text)) for resource_id, text in found)
        if len(found) < PAGE:
            return
        after = found[-1][0]


def reshape_resource(*, resource_id: UUID, document: JsonObject, before: ResourceType, after: ResourceType) -> None:
    """Look-up columns and search document as the new definition has them."""
    columns = look_up_columns(after, document)
    if columns != look_up_columns(before, document):
        scope = current_scope()
        held = [columns.user_name, columns.external_id, columns.display_name, columns.active, columns.search]
        scope.execute(UPDATE, [*held, scope.tenant_id, resource_id])
