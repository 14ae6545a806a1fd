"""What the path of an operation leads to (RFC 7644 section 3.7): a type's endpoint, or one resource of it."""

from dataclasses import dataclass
from typing import Final

from scim.protocol.bulk.references import bulk_id_of
from scim.protocol.bulk.request import BulkOperation
from scim.protocol.errors import ScimError
from scim.protocol.schemas.definitions import ResourceType, SchemaSet

_PARTS_OF_A_RESOURCE: Final = 2


@dataclass(frozen=True)
class BulkTarget:
    """`resource_id` is as it came, empty for an endpoint; `bulk_id` where the path names a resource by that."""

    resource_type: ResourceType
    resource_id: str = ""

    @property
    def bulk_id(self) -> str | None:
        return bulk_id_of(self.resource_id)


def read_target(operation: BulkOperation, *, schemas: SchemaSet) -> BulkTarget:
    """Raises ScimError as a single request to that address would: 404 where nothing is, 405 for the wrong method."""
    if operation.refusal:
        raise operation.refusal
    first, *rest = operation.path.removeprefix("/").removesuffix("/").split("/")
    resource_type = schemas.at_endpoint(f"/{first}")
    if resource_type is None or len(rest) >= _PARTS_OF_A_RESOURCE or "" in rest or not operation.path.startswith("/"):
        raise ScimError(f"{operation.where}.path leads nowhere: there is no such endpoint.", status=404)
    if operation.creates == bool(rest):
        fitting = "the endpoint of a resource type" if operation.creates else "one resource"
        raise ScimError(f"{operation.where}.path has to lead to {fitting} for {operation.method}.", status=405)
    return BulkTarget(resource_type, *rest)
