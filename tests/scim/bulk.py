"""What tests of Bulk say over and over: operations that are sent and results that are read."""

from typing import Any

from scim.protocol import urns
from tests.scim.answers import body_of
from tests.scim.conftest import Provider


def post(bulk_id: str, path: str, **data: Any) -> dict[str, Any]:
    """An operation that creates a resource."""
    schema = urns.GROUP if path == "/Groups" else urns.USER
    return {"method": "POST", "path": path, "bulkId": bulk_id, "data": {"schemas": [schema], **data}}


def post_user(bulk_id: str, *, manager: str | None = None, **data: Any) -> dict[str, Any]:
    """One that creates a user of that name."""
    enterprise = {urns.ENTERPRISE_USER: {"manager": {"value": manager}}} if manager else {}
    return post(bulk_id, "/Users", userName=bulk_id, **enterprise, **data)


def post_group(bulk_id: str, *members: str) -> dict[str, Any]:
    """One that creates a group of that name."""
    return post(bulk_id, "/Groups", displayName=bulk_id, members=[{"value": member} for member in members])


def patch_of(path: str, *operations: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One that patches a resource."""
    data = {"schemas": [urns.PATCH_OP], "Operations": list(operations)}
    return {"method": "PATCH", "path": path, "data": data, **more}


def bulk_body(*operations: Any, **members: Any) -> dict[str, Any]:
    """A Bulk request."""
    return {"schemas": [urns.BULK_REQUEST], "Operations": list(operations), **members}


def send_bulk(provider: Provider, *operations: Any, **members: Any) -> list[dict[str, Any]]:
    """The results of a Bulk request that is served."""
    body = body_of(provider.send("POST", "/Bulk", bulk_body(*operations, **members)))
    assert body["schemas"] == [urns.BULK_RESPONSE]
    results: list[dict[str, Any]] = body["Operations"]
    return results


def statuses(results: list[dict[str, Any]]) -> list[str]:
    return [result["status"] for result in results]


def id_in(result: dict[str, Any]) -> str:
    """The id at the end of a result's location."""
    return str(result["location"]).rpartition("/")[2]


def path_to(user: object) -> str:
    """The path of a user by id or bulkId."""
    return f"/Users/{user}"
