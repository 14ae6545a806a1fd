"""Where a text "bulkId:x" is a reference, in every form that values arrive in, and where it is a value."""

from typing import Any

import pytest

from scim.protocol import urns
from scim.protocol.attributes import Attribute, AttributeType, Schema
from scim.protocol.bulk.references import translate_patch, translate_resource
from scim.protocol.schemas import GROUP, USER
from scim.protocol.schemas.definitions import ResourceType

X, ID = "bulkId:x", "id-of-x"
ENTERPRISE = urns.ENTERPRISE_USER


def _translate(bulk_id: str, is_membership: bool) -> str:
    return f"id-of-{bulk_id}" if not is_membership else f"member-{bulk_id}"


def _patch(resource_type: ResourceType, operation: dict[str, Any]) -> Any:
    return translate_patch(resource_type, {"operations": [operation]}, _translate)["operations"][0]


@pytest.mark.rfc("7644#3.7.2")
@pytest.mark.parametrize(
    ("body", "translated"),
    [
        ({ENTERPRISE: {"manager": {"value": X}}}, {ENTERPRISE: {"manager": {"value": ID}}}),
        ({ENTERPRISE: {"Manager": {"Value": X, "$REF": X}}}, {ENTERPRISE: {"Manager": {"Value": ID, "$REF": ID}}}),
        ({ENTERPRISE: {"manager": X}}, {ENTERPRISE: {"manager": ID}}),
        ({ENTERPRISE: {"manager": [{"value": X}]}}, {ENTERPRISE: {"manager": [{"value": ID}]}}),
        ({f"{ENTERPRISE}:manager": {"value": X}}, {f"{ENTERPRISE}:manager": {"value": ID}}),
        ({f"{ENTERPRISE}:manager.value": X}, {f"{ENTERPRISE}:manager.value": ID}),
    ],
)
def test_manager_in_any_form_is_translated(body: Any, translated: Any) -> None:
    assert translate_resource(USER, body, _translate) == translated


@pytest.mark.rfc("7644#3.7.2")
@pytest.mark.parametrize("value", [[{"value": X}], [X], X, {"value": X}, {"members": [{"value": X}]}])
def test_members_in_any_form_are_translated_as_members(value: Any) -> None:
    assert "member-x" in str(translate_resource(GROUP, {"members": value}, _translate))
    assert "member-x" in str(_patch(GROUP, {"op": "add", "path": "members", "value": value}))
    assert "member-x" in str(_patch(GROUP, {"op": "add", "value": {"members": value}}))


@pytest.mark.parametrize(
    ("operation", "part"),
    [
        ({"op": "replace", "path": f"{ENTERPRISE}:manager", "value": X}, ID),
        ({"op": "replace", "path": f"{ENTERPRISE}:manager.value", "value": X}, ID),
        ({"op": "replace", "path": "manager", "value": {"value": X}}, ID),
        ({"op": "add", "path": ENTERPRISE, "value": {"manager": {"value": X}}}, ID),
        ({"OP": "add", "VALUE": {f"{ENTERPRISE}:manager": {"value": X}}}, ID),
    ],
)
def test_manager_in_a_patch_is_translated(operation: Any, part: str) -> None:
    assert part in str(_patch(USER, operation))


def test_filter_of_a_path_is_translated() -> None:
    path = 'members[value eq "bulkId:x" or value eq "y"]'
    assert _patch(GROUP, {"op": "remove", "path": path})["path"] == 'members[value eq "member-x" or value eq "y"]'


@pytest.mark.parametrize(
    "body",
    [
        {"title": X, "emails": [{"value": X}], "name": {"givenName": X}, "urn:x:unknown": {"value": X}, "odd": X},
        {ENTERPRISE: {"department": X, "manager": {"displayName": X}}},
        {ENTERPRISE: X, "meta": X, "schemas": [X]},
    ],
)
def test_same_text_anywhere_else_is_left_alone(body: Any) -> None:
    assert translate_resource(USER, body, _translate) == body
    assert _patch(USER, {"op": "add", "value": body}) == {"op": "add", "value": body}


@pytest.mark.parametrize("operation", ["x", {"op": "add", "path": 'emails[value eq "bulkId:x"]', "value": X}, {}])
def test_odd_operation_is_passed_on(operation: Any) -> None:
    assert _patch(USER, operation) == operation


@pytest.mark.rfc("7644#3.7.2")
def test_reference_of_a_tenant_s_own_schema_is_translated() -> None:
    mentor = Attribute("mentor", type=AttributeType.REFERENCE, reference_types=("User",))
    extended = USER.with_extension(Schema("urn:example:lab", "Lab", "A lab", (mentor,)))
    assert translate_resource(extended, {"urn:example:lab": {"mentor": X}}, _translate) == {
        "urn:example:lab": {"mentor": ID}
    }
