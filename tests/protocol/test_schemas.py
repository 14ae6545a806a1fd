"""The schema tables and how they are shown (RFC 7643 sections 2.2, 3, 4, 6, 7 and 8.7)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from scim.protocol import urns
from scim.protocol.attributes import Attribute, AttributeType, Mutability, Returned, Schema, Uniqueness
from scim.protocol.schemas import BUILT_IN, GROUP, USER
from scim.protocol.schemas.common_attributes import COMMON_ATTRIBUTES
from scim.protocol.schemas.definitions import SchemaDefinitionError, SchemaExtension, SchemaSet, check_schema
from scim.protocol.schemas.discovery import DISCOVERY_SCHEMAS
from scim.protocol.schemas.representation import resource_type_representation, schema_representation
from tests.protocol.shapes import BADGE, BADGED_USER, LAB

# RFC 7643 section 4: each attribute with its sub-attributes.
VALUE_PARTS = "value display type primary"
USER_NAMES = {
    "userName": "",
    "name": "formatted familyName givenName middleName honorificPrefix honorificSuffix",
    "displayName": "",
    "nickName": "",
    "profileUrl": "",
    "title": "",
    "userType": "",
    "preferredLanguage": "",
    "locale": "",
    "timezone": "",
    "active": "",
    "password": "",
    "emails": VALUE_PARTS,
    "phoneNumbers": VALUE_PARTS,
    "ims": VALUE_PARTS,
    "photos": VALUE_PARTS,
    "addresses": "formatted streetAddress locality region postalCode country type primary",
    "groups": "value $ref display type",
    "entitlements": VALUE_PARTS,
    "roles": VALUE_PARTS,
    "x509Certificates": VALUE_PARTS,
}
GROUP_NAMES = {"displayName": "", "members": "value $ref type display"}
ENTERPRISE_NAMES = {
    "employeeNumber": "",
    "costCenter": "",
    "organization": "",
    "division": "",
    "department": "",
    "manager": "value $ref displayName",
}


def schema(urn: str) -> Schema:
    found = BUILT_IN.schema(urn)
    assert found
    return found


def attribute(urn: str, name: str, part: str = "") -> Attribute:
    found = schema(urn).attribute(name)
    assert found
    if part:
        found = found.sub_attribute(part)
        assert found
    return found


def members(value: Any) -> Iterator[tuple[str, Any]]:
    """Every member of every object."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            for name, inner in item.items():
                yield name, inner
                yield from members(inner)


@pytest.mark.parametrize(
    ("urn", "names"), [(urns.USER, USER_NAMES), (urns.GROUP, GROUP_NAMES), (urns.ENTERPRISE_USER, ENTERPRISE_NAMES)]
)
def test_a_schema_has_the_attributes_of_section_4(urn: str, names: dict[str, str]) -> None:
    found = {item.name: " ".join(part.name for part in item.sub_attributes) for item in schema(urn).attributes}
    assert found == names


def test_multi_valued_attributes_are_those_of_section_4_1_2() -> None:
    several = [item.name for item in schema(urns.USER).attributes if item.multi_valued]
    assert several == list(USER_NAMES)[12:]


@pytest.mark.parametrize(
    ("item", "characteristics"),
    [
        (attribute(urns.USER, "userName"), {"required": True, "case_exact": False, "uniqueness": Uniqueness.SERVER}),
        (attribute(urns.USER, "password"), {"mutability": Mutability.WRITE_ONLY, "returned": Returned.NEVER}),
        (attribute(urns.USER, "groups"), {"mutability": Mutability.READ_ONLY}),
        (attribute(urns.USER, "active"), {"type": AttributeType.BOOLEAN}),
        (attribute(urns.USER, "photos", "value"), {"type": AttributeType.REFERENCE}),
        (attribute(urns.USER, "x509Certificates", "value"), {"type": AttributeType.BINARY}),
        (attribute(urns.USER, "emails", "type"), {"canonical_values": ("work", "home", "other")}),
        (attribute(urns.GROUP, "displayName"), {"required": True}),
        (attribute(urns.GROUP, "members", "value"), {"mutability": Mutability.IMMUTABLE}),
        (attribute(urns.GROUP, "members", "$ref"), {"reference_types": ("User", "Group")}),
        (attribute(urns.ENTERPRISE_USER, "manager", "displayName"), {"mutability": Mutability.READ_ONLY}),
    ],
)
def test_an_attribute_has_the_characteristics_of_its_section(item: Attribute, characteristics: dict[str, Any]) -> None:
    assert {name: getattr(item, name) for name in characteristics} == characteristics


def test_common_attributes_have_the_characteristics_of_section_3_1() -> None:
    common = {item.name: item for item in COMMON_ATTRIBUTES}
    assert common["id"].case_exact
    assert common["id"].is_read_only
    assert common["id"].returned is Returned.ALWAYS
    assert common["externalId"].case_exact
    assert common["externalId"].mutability is Mutability.READ_WRITE
    assert all(part.is_read_only for part in common["meta"].sub_attributes)


@pytest.mark.parametrize("built_in", BUILT_IN.schemas)
def test_what_is_built_in_keeps_the_rules_for_schemas(built_in: Schema) -> None:
    check_schema(built_in)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ((Attribute("1st"),), "not a name"),
        ((Attribute("a b"),), "not a name"),
        ((Attribute("a"), Attribute("A")), "twice"),
        ((Attribute("a", type=AttributeType.COMPLEX),), "complex exactly when"),
        ((Attribute("a", sub_attributes=(Attribute("b"),)),), "complex exactly when"),
        (
            (
                Attribute(
                    "a",
                    type=AttributeType.COMPLEX,
                    sub_attributes=(Attribute("b", type=AttributeType.COMPLEX, sub_attributes=(Attribute("c"),)),),
                ),
            ),
            "sub-attribute of a is complex",
        ),
        ((Attribute("a", type=AttributeType.COMPLEX, sub_attributes=(Attribute("b"), Attribute("B"))),), "twice"),
    ],
)
def test_a_schema_against_section_2_or_erratum_8415_is_refused(wrong: tuple[Attribute, ...], complaint: str) -> None:
    with pytest.raises(SchemaDefinitionError, match=complaint):
        check_schema(Schema("urn:example:x:2.0:Y", "Y", "", wrong))


@pytest.mark.parametrize("urn", ["", "Badge", "urn:", "urn:example:white space", "http://example.com/a", "urn:x:y\n"])
def test_a_schema_without_a_urn_is_refused(urn: str) -> None:
    with pytest.raises(SchemaDefinitionError, match="URN"):
        check_schema(replace(BADGE, id=urn))


def test_an_extension_is_added_once() -> None:
    with pytest.raises(SchemaDefinitionError, match="already"):
        BADGED_USER.with_extension(replace(BADGE, id=LAB.upper().replace("URN", "urn")))


def test_a_set_finds_types_and_schemas() -> None:
    assert BUILT_IN.resource_type("user") is USER
    assert BUILT_IN.at_endpoint("/Groups") is GROUP
    assert BUILT_IN.at_endpoint("/groups") is None
    assert BUILT_IN.schema(urns.ENTERPRISE_USER.upper()) is USER.extensions[0].schema
    assert BUILT_IN.schema("urn:unknown") is None


def test_a_schema_that_two_types_share_is_listed_once() -> None:
    shared = SchemaSet((BADGED_USER, replace(GROUP, extensions=(SchemaExtension(BADGE),))))
    assert [item.name for item in shared.schemas] == ["User", "EnterpriseUser", "Badge", "Group"]


@pytest.mark.parametrize("shown", [*BUILT_IN.schemas, *DISCOVERY_SCHEMAS, BADGE])
def test_a_schema_is_shown_without_nulls_and_with_the_members_of_section_7(shown: Schema) -> None:
    body = schema_representation(shown, base_url="https://scim.test/scim/v2")
    needed = {"name", "type", "multiValued", "description", "required", "mutability", "returned"}
    assert all(inner is not None for _, inner in members(body))
    assert all(needed <= item.keys() for item in body["attributes"])
    assert body["schemas"] == [urns.SCHEMA]
    assert body["meta"]["location"] == f"https://scim.test/scim/v2/Schemas/{shown.id}"


def test_a_shown_attribute_has_what_fits_its_type() -> None:
    shown = {item["name"]: item for item in schema_representation(schema(urns.USER), base_url="")["attributes"]}
    assert shown["userName"]["caseExact"] is False
    assert shown["userName"]["uniqueness"] == "server"
    assert shown["profileUrl"]["caseExact"] is True
    assert shown["profileUrl"]["referenceTypes"] == ["external"]
    assert shown["emails"]["subAttributes"][2]["canonicalValues"] == ["work", "home", "other"]
    assert {"caseExact", "uniqueness", "subAttributes"}.isdisjoint(shown["active"])
    assert {"indexed", "default"}.isdisjoint(shown["active"])


def test_every_member_of_a_shown_schema_is_defined_by_the_schema_of_schemas() -> None:
    definition = DISCOVERY_SCHEMAS[2].attribute("attributes")
    assert definition
    for item in schema_representation(schema(urns.USER), base_url="")["attributes"]:
        assert item.keys() <= {part.name for part in definition.sub_attributes}


def test_a_resource_type_is_shown_with_its_extensions() -> None:
    assert resource_type_representation(USER, base_url="https://scim.test/scim/v2") == {
        "schemas": [urns.RESOURCE_TYPE],
        "id": "User",
        "name": "User",
        "description": USER.description,
        "endpoint": "/Users",
        "schema": urns.USER,
        "schemaExtensions": [{"schema": urns.ENTERPRISE_USER, "required": False}],
        "meta": {"resourceType": "ResourceType", "location": "https://scim.test/scim/v2/ResourceTypes/User"},
    }
    assert "schemaExtensions" not in resource_type_representation(GROUP, base_url="")
