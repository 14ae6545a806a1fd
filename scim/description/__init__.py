"""The SCIM API as OpenAPI 3.1 tells it: pure data, made from the schemas in force and one table of operations."""

from scim.description.document import describe_api
from scim.description.operations import OPERATIONS, Operation, list_operations

__all__ = ["OPERATIONS", "Operation", "describe_api", "list_operations"]
