"""What one tenant has defined on top of what is built in, and the set of schemas and resource types it makes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from scim.protocol.attributes import Schema
from scim.protocol.folding import fold_name, is_same_name
from scim.protocol.schemas import BUILT_IN
from scim.protocol.schemas.common_attributes import COMMON_ATTRIBUTES
from scim.protocol.schemas.definitions import ResourceType, SchemaDefinitionError, SchemaSet
from scim.protocol.schemas.discovery import DISCOVERY_SCHEMAS
from scim.protocol.schemas.reading import TypeDefinition

_RESERVED_NAMES: Final = frozenset({"schema", "resourcetype", "serviceproviderconfig", "bulk", "me"})
_RESERVED_ENDPOINTS: Final = frozenset({"/schemas", "/resourcetypes", "/serviceproviderconfig", "/bulk", "/me"})
MOST_SCHEMAS: Final = 100


class IndexState(StrEnum):
    """Whether an index holds what was stored before it was asked for; `failed` is one that cannot be unique."""

    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"


IndexStates: TypeAlias = Mapping[tuple[str, str], IndexState]  # by resource type and path; ready where none is told
_ALL_READY: Final[IndexStates] = MappingProxyType({})


@dataclass(frozen=True)
class Definitions:
    """Schemas and resource types of a tenant. That of a built-in name holds the extensions of a built-in type."""

    schemas: tuple[Schema, ...] = ()
    types: tuple[TypeDefinition, ...] = ()

    def with_schema(self, schema: Schema) -> "Definitions":
        """With this schema, in place of one of the same URN. Raises SchemaDefinitionError."""
        if any(is_same_name(known.id, schema.id) for known in (*BUILT_IN.schemas, *DISCOVERY_SCHEMAS)):
            raise SchemaDefinitionError(f"{schema.id} is built in", member="id")
        kept = tuple(known for known in self.schemas if not is_same_name(known.id, schema.id))
        if len(kept) >= MOST_SCHEMAS:
            raise SchemaDefinitionError(f"a tenant has at most {MOST_SCHEMAS} schemas")
        return replace(self, schemas=(*kept, schema))

    def with_type(self, wanted: TypeDefinition) -> "Definitions":
        """With this resource type, in place of one of the same name. Raises SchemaDefinitionError."""
        built_in = BUILT_IN.resource_type(wanted.name)
        if built_in is not None:
            if (wanted.endpoint, wanted.schema) != (built_in.endpoint, built_in.schema.id):
                raise SchemaDefinitionError(f"{built_in.name} is built in: only its extensions are yours")
            own = tuple(one for one in wanted.extensions if fold_name(one[0]) not in built_in.schema_ids)
            wanted = replace(wanted, name=built_in.name, extensions=own)
        elif fold_name(wanted.name) in _RESERVED_NAMES or fold_name(wanted.endpoint) in _RESERVED_ENDPOINTS:
            told = f"{wanted.name} at {wanted.endpoint} has the name of a part of SCIM itself"
            raise SchemaDefinitionError(told, member="name")
        kept = tuple(known for known in self.types if not is_same_name(known.name, wanted.name))
        return replace(self, types=(*kept, wanted))

    def with_extension(self, name: str, urn: str, *, required: bool) -> "Definitions":
        """With one more extension of a resource type. Raises SchemaDefinitionError."""
        known = self._find_type(name)
        others = tuple(one for one in known.extensions if not is_same_name(one[0], urn))
        return self.with_type(replace(known, extensions=(*others, (urn, required))))

    def with_uses(self, urn: str, uses: Mapping[str, bool]) -> "Definitions":
        """With the schema as an extension of these types alone, and whether each of their resources has to carry it.

        Raises SchemaDefinitionError.
        """
        after = self
        for known in self.types:
            kept = tuple(one for one in known.extensions if not is_same_name(one[0], urn))
            if kept != known.extensions and known.name not in uses:
                after = after.with_type(replace(known, extensions=kept))
        for name, required in uses.items():
            after = after.with_extension(name, urn, required=required)
        return after

    def without(self, name: str) -> "Definitions":
        """Without the resource type of that name, or the schema of that URN, which leaves the types it extends.

        Raises SchemaDefinitionError.
        """
        types = tuple(known for known in self.types if not is_same_name(known.name, name))
        if len(types) < len(self.types) and BUILT_IN.resource_type(name) is None:
            return replace(self, types=types)
        schemas = tuple(known for known in self.schemas if not is_same_name(known.id, name))
        if len(schemas) == len(self.schemas):
            raise SchemaDefinitionError(f"the tenant has defined no {name[:500]!r}")
        base = next((known.name for known in self.types if is_same_name(known.schema, name)), None)
        if base:
            raise SchemaDefinitionError(f"{name} is the schema of {base}: remove that first")
        left = tuple(
            replace(known, extensions=tuple(one for one in known.extensions if not is_same_name(one[0], name)))
            for known in self.types
        )
        return Definitions(schemas, left)

    def build(self, *, revision: int, states: IndexStates = _ALL_READY) -> SchemaSet:
        """The built-in types with their extensions, then the tenant's own. Raises SchemaDefinitionError."""
        own = {fold_name(known.name): known for known in self.types}
        types = []
        for built_in in BUILT_IN.resource_types:
            extended = own.pop(fold_name(built_in.name), None)
            types.append(self._extend(built_in, extended.extensions if extended else ()))
        types += [self._extend(self._make(known), known.extensions) for known in own.values()]
        if len({known.endpoint for known in types}) < len(types):
            raise SchemaDefinitionError("two resource types have the same endpoint", member="endpoint")
        told = tuple(replace(_tell_states(known, states), revision=revision) for known in types)
        return SchemaSet(told, revision, self.schemas)

    def _find_type(self, name: str) -> TypeDefinition:
        known = next((known for known in self.types if is_same_name(known.name, name)), None)
        built_in = BUILT_IN.resource_type(name)
        if known is None and built_in is not None:
            known = TypeDefinition(built_in.name, built_in.endpoint, built_in.description, built_in.schema.id)
        if known is None:
            raise SchemaDefinitionError(f"there is no resource type {name[:100]!r}")
        return known

    def _find_schema(self, urn: str, where: str) -> Schema:
        found = next((known for known in (*self.schemas, *BUILT_IN.schemas) if is_same_name(known.id, urn)), None)
        if found is None:
            raise SchemaDefinitionError(f"{where} names the schema {urn}, which is not defined")
        return found

    def _make(self, known: TypeDefinition) -> ResourceType:
        schema = self._find_schema(known.schema, known.name)
        for common in COMMON_ATTRIBUTES:
            if schema.attribute(common.name):
                raise SchemaDefinitionError(f"{schema.id} defines {common.name}, which every resource has already")
        if any(attribute.as_rows for attribute in schema.attributes):
            raise SchemaDefinitionError(f"{schema.id} belongs to its own type alone")
        return ResourceType(known.name, known.endpoint, known.description, schema)

    def _extend(self, resource_type: ResourceType, extensions: tuple[tuple[str, bool], ...]) -> ResourceType:
        for urn, required in extensions:
            extension = self._find_schema(urn, resource_type.name)
            resource_type = resource_type.with_extension(extension, required=required)
        return resource_type


def _tell_states(resource_type: ResourceType, states: IndexStates) -> ResourceType:
    own = {path: state for (name, path), state in states.items() if name == resource_type.name}
    return replace(
        resource_type,
        unindexed=frozenset(path for path, state in own.items() if state is IndexState.BUILDING),
        unsettled=frozenset(path for path, state in own.items() if state is not IndexState.READY),
    )
