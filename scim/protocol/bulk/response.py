"""The answer to a Bulk request: one result for each operation that was processed (RFC 7644 section 3.7.3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from scim.protocol import urns
from scim.protocol.bulk.request import BulkOperation
from scim.protocol.errors import ScimError, error_body


@dataclass(frozen=True)
class BulkResult:
    """What became of an operation. `location` is the URL of the resource, None for a creation that failed."""

    operation: BulkOperation
    status: int
    location: str | None = None
    version: str | None = None
    error: ScimError | None = None

    @property
    def is_refused(self) -> bool:
        return self.error is not None


def bulk_response(results: Iterable[BulkResult]) -> dict[str, Any]:
    """A BulkResponse, in the order of the request."""
    ordered = sorted(results, key=lambda result: result.operation.index)
    return {"schemas": [urns.BULK_RESPONSE], "Operations": [_represent(result) for result in ordered]}


def _represent(result: BulkResult) -> dict[str, Any]:
    """`status` is text, as in the RFC's examples. What was written is not repeated: the RFC leaves it open."""
    told = {
        "location": result.location,
        "method": result.operation.method or None,
        "bulkId": result.operation.bulk_id,
        "version": result.version,
        "status": str(result.status),
        "response": error_body(result.error) if result.error else None,
    }
    return {name: value for name, value in told.items() if value is not None}
