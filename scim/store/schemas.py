"""What a tenant has defined, stored: schemas, resource types and the revision of both together.

Whoever reads or writes resources says under which revision, in the same round trip. Where that is not the tenant's
present one the statement fails: a process that has not heard of a change can do nothing by the former definitions.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import orjson
from django.db import DataError
from psycopg.errors import InvalidTextRepresentation

from labsninja.kernel.isolation import current_scope
from scim.protocol.errors import ScimError
from scim.protocol.folding import fold_name
from scim.protocol.json_input import JsonObject
from scim.protocol.schemas.reading import read_schema, read_type_definition
from scim.protocol.schemas.tenant import Definitions, IndexState, IndexStates

# SQL alone cannot raise an error of ours, but a text that is no number does, and is told with it.
OTHER: Final = "other schema revision"
# Over the parameters `tenant` and `revision`: 1, or the failure.
IS_REVISION: Final = f"""
(CASE WHEN coalesce((SELECT revision FROM scim_schema_revision WHERE tenant_id = %(tenant)s::uuid), 0) = %(revision)s
      THEN '1' ELSE '{OTHER}' END)::integer
"""  # noqa: S608  # a text of our own
CHECK: Final = f"SELECT {IS_REVISION}"
KEY: Final = "hashtextextended('scim_schema ' || %s::text, 0)"
# Writers share the lock; a change of definitions waits for them and keeps others out until it is done.
SHARE: Final = f"SELECT pg_advisory_xact_lock_shared({KEY})"
EXCLUDE: Final = f"SELECT pg_advisory_xact_lock({KEY})"
REVISION: Final = "SELECT revision FROM scim_schema_revision WHERE tenant_id = %s"
LOAD: Final = """
SELECT (SELECT revision FROM scim_schema_revision WHERE tenant_id = %(tenant)s),
       ARRAY(SELECT definition FROM scim_schema WHERE tenant_id = %(tenant)s ORDER BY name),
       ARRAY(SELECT definition FROM scim_resource_type WHERE tenant_id = %(tenant)s ORDER BY name),
       ARRAY(SELECT ARRAY[resource_type, path, state] FROM scim_attribute_index WHERE tenant_id = %(tenant)s)
"""
RAISE: Final = """
INSERT INTO scim_schema_revision AS r (tenant_id, revision) VALUES (%s, 1)
ON CONFLICT (tenant_id) DO UPDATE SET revision = r.revision + 1
"""
SAVE: Final = """
INSERT INTO {0} AS d (tenant_id, name, definition, version, modified_at) VALUES (%s, %s, %s, 1, %s)
ON CONFLICT (tenant_id, name) DO UPDATE
SET definition = excluded.definition, version = d.version + 1, modified_at = excluded.modified_at
"""
REMOVE: Final = "DELETE FROM {0} WHERE tenant_id = %s AND name <> ALL(%s::text[])"
SCHEMAS, TYPES = "scim_schema", "scim_resource_type"


class OutdatedSchemasError(ScimError):
    """The tenant's definitions are others than those at hand: load them and do it again. 503 where nobody does."""

    def __init__(self) -> None:
        super().__init__("The schemas have just changed: try again.", status=503)


@contextmanager
def noticing_changes() -> Iterator[None]:
    """Turn a failed check into OutdatedSchemasError."""
    try:
        yield
    except DataError as error:
        if isinstance(error.__cause__, InvalidTextRepresentation) and OTHER in str(error):
            raise OutdatedSchemasError from error
        raise


def check_revision(revision: int) -> None:
    """Let the scope fail unless the tenant's definitions are at that revision."""
    scope = current_scope()
    scope.execute(CHECK, {"tenant": scope.tenant_id, "revision": revision})


def hold_revision(revision: int) -> None:
    """The same, and no definition changes until the scope closes."""
    hold_definitions()
    check_revision(revision)


def hold_definitions() -> None:
    """No definition changes until the scope closes, whichever is in force."""
    scope = current_scope()
    scope.execute(SHARE, [scope.tenant_id])


def exclude_writers() -> None:
    """Wait for writers of the tenant, and keep them out until the scope closes."""
    scope = current_scope()
    scope.execute(EXCLUDE, [scope.tenant_id])


def get_revision() -> int:
    """The tenant's present revision; costs a round trip."""
    scope = current_scope()
    row = scope.execute(REVISION, [scope.tenant_id]).fetchone()
    return int(row[0]) if row else 0


def load_definitions() -> tuple[int, Definitions, IndexStates]:
    """The revision, what it holds, and how far its indexes are: of one moment. Costs a round trip."""
    scope = current_scope()
    revision, schemas, types, states = scope.execute(LOAD, {"tenant": scope.tenant_id}).fetchone()
    definitions = Definitions(
        tuple(read_schema(orjson.loads(text)) for text in schemas),
        tuple(read_type_definition(orjson.loads(text)) for text in types),
    )
    return revision or 0, definitions, {(name, path): IndexState(state) for name, path, state in states}


def save_definition(*, table: str, name: str, definition: JsonObject, at: datetime) -> None:
    """Store one, in its next version."""
    scope = current_scope()
    text = orjson.dumps(definition).decode()
    scope.execute(SAVE.format(table), [scope.tenant_id, fold_name(name), text, at])


def keep_definitions(definitions: Definitions) -> None:
    """Remove all others, and go to the next revision."""
    scope = current_scope()
    names = {SCHEMAS: [one.id for one in definitions.schemas], TYPES: [one.name for one in definitions.types]}
    for table, kept in names.items():
        scope.execute(REMOVE.format(table), [scope.tenant_id, [fold_name(name) for name in kept]])
    raise_revision()


def raise_revision() -> None:
    """Whoever works by what was known so far has to look again."""
    scope = current_scope()
    scope.execute(RAISE, [scope.tenant_id])
