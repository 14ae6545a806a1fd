"""The schemas and resource types of the bound tenant, remembered by the process."""

from uuid import UUID

from labsninja.kernel.isolation import current_tenant
from scim.protocol.schemas import BUILT_IN
from scim.protocol.schemas.definitions import SchemaSet
from scim.protocol.schemas.tenant import IndexState
from scim.store.attribute_indexes import AttributeIndex, index_kinds, list_indexes
from scim.store.pipeline import pipelined_scope
from scim.store.schemas import get_revision, load_definitions

MOST_REMEMBERED = 10_000
_memory: dict[UUID, SchemaSet] = {}


def find_schemas() -> SchemaSet:
    """The schemas and resource types of the bound tenant, as this process knows them: usually without asking anybody.

    Nothing can be read or written by outdated ones (scim.store.schemas); `is_refreshed` looks for newer ones.
    """
    return _memory.get(current_tenant()) or _load_schemas()


def find_present_schemas() -> SchemaSet:
    """The same as the database has it now, in a round trip or two."""
    is_refreshed(find_schemas())
    return find_schemas()


def list_attribute_indexes() -> list[AttributeIndex]:
    """Every index that the bound tenant's own schemas ask for, with how far it is."""
    wanted = index_kinds(find_present_schemas().resource_types)
    with pipelined_scope():
        told = {(one.resource_type, one.path): one for one in list_indexes()}
    return [told.get(key) or AttributeIndex(*key, IndexState.READY) for key in wanted]


def is_refreshed(known: SchemaSet) -> bool:
    """Whether the bound tenant's definitions are others than the known ones; this process has the present ones then."""
    with pipelined_scope():
        revision = get_revision()
    if revision == known.revision:
        return False
    _load_schemas()
    return True


def _load_schemas() -> SchemaSet:
    with pipelined_scope():
        revision, definitions, states = load_definitions()
    if len(_memory) >= MOST_REMEMBERED:
        _memory.clear()
    found = definitions.build(revision=revision, states=states) if revision else BUILT_IN
    _memory[current_tenant()] = found
    return found
