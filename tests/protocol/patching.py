"""Short ways to patch documents."""

from typing import Any

import pytest

from scim.protocol import urns
from scim.protocol.dialects.base import LENIENT, Dialect, Reading
from scim.protocol.errors import ScimError
from scim.protocol.json_input import JsonObject
from scim.protocol.patch.apply import apply_patch
from scim.protocol.patch.draft import Patched
from scim.protocol.patch.request import read_patch_request
from scim.protocol.schemas import GROUP
from scim.protocol.schemas.definitions import ResourceType
from tests.protocol.shapes import ANNA, BADGED_USER, document

USER_ID = "2819c223-7f76-453a-919d-413861904646"
ENTERPRISE = urns.ENTERPRISE_USER


def patch(
    resource: JsonObject,
    *operations: Any,
    resource_type: ResourceType = BADGED_USER,
    dialect: Dialect = LENIENT,
) -> tuple[Patched, list[str]]:
    """What becomes of the resource, and the codes of the warnings."""
    reading = Reading(dialect)
    request = read_patch_request({"schemas": [urns.PATCH_OP], "Operations": list(operations)}, reading=reading)
    patched = apply_patch(resource_type, resource, request, reading=reading, resource_id=USER_ID)
    return patched, [code.value for code in reading.codes]


def patched_user(members: JsonObject, *operations: Any, **options: Any) -> JsonObject:
    """Anna with these members after the operations, without what every user has."""
    found = patch(user(**members), *operations, **options)[0].document
    return {name: value for name, value in found.items() if name not in ("schemas", "userName", "active")}


def patch_codes(members: JsonObject, *operations: Any, **options: Any) -> list[str]:
    return patch(user(**members), *operations, **options)[1]


def patch_refusal(members: JsonObject, *operations: Any, **options: Any) -> ScimError:
    with pytest.raises(ScimError) as caught:
        patch(user(**members), *operations, **options)
    return caught.value


def refused_as(members: JsonObject, *operations: Any, **options: Any) -> str | None:
    """The keyword of the refusal."""
    return patch_refusal(members, *operations, **options).scim_type


def patch_group(*operations: Any, **options: Any) -> tuple[Patched, list[str]]:
    return patch({"schemas": [urns.GROUP], "displayName": "Staff"}, *operations, resource_type=GROUP, **options)


def member_changes(*operations: Any, **options: Any) -> tuple[Any, ...]:
    """What the operations do to the members of a group."""
    return patch_group(*operations, **options)[0].rows.get("members", ())


def user(**members: Any) -> JsonObject:
    """The canonical document of Anna with these members."""
    return document({**ANNA, **members})


def add(path: str | None, value: Any) -> JsonObject:
    return {"op": "add", "path": path, "value": value}


def replace(path: str | None, value: Any) -> JsonObject:
    return {"op": "replace", "path": path, "value": value}


def remove(path: str | None, **value: Any) -> JsonObject:
    return {"op": "remove", "path": path, **value}
