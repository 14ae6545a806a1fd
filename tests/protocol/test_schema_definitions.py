"""Definitions as JSON: what is read, and what is refused by a sentence that names the attribute."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.protocol import urns
from scim.protocol.attributes import Mutability, Schema, Uniqueness
from scim.protocol.schemas import BUILT_IN
from scim.protocol.schemas.definitions import SchemaDefinitionError
from scim.protocol.schemas.reading import TypeDefinition, read_schema, read_type_definition
from scim.protocol.schemas.representation import schema_representation
from scim.protocol.schemas.tenant import Definitions

URN = "urn:example:lab:2.0:Badge"


def _schema(*attributes: Any) -> dict[str, Any]:
    return {"id": URN, "attributes": list(attributes)}


REFUSED: dict[str, tuple[Any, str]] = {
    "no object": ([], "has to be a JSON object"),
    "no URN": ({"id": "badge", "attributes": [{"name": "a"}]}, "'badge' is not a URN"),
    "no attributes": (_schema(), "has no attributes"),
    "unknown type": (_schema({"name": "a", "type": "text"}), "type of a has to be one of string"),
    "bad name": (_schema({"name": "a b"}), "'a b' in"),
    "twice": (_schema({"name": "a"}, {"name": "A"}), "A occurs twice"),
    "flag": (_schema({"name": "a", "required": "yes"}), "required of a has to be true or false"),
    "complex without parts": (_schema({"name": "a", "type": "complex"}), "a has to be complex exactly when"),
    "complex sub-attribute (erratum 8415)": (
        _schema({"name": "a", "type": "complex", "subAttributes": [{"name": "b", "type": "complex"}]}),
        "a sub-attribute of a is complex",
    ),
    "deep sub-attribute (erratum 8415)": (
        _schema({"name": "a", "type": "complex", "subAttributes": [{"name": "b", "subAttributes": [{"name": "c"}]}]}),
        "a.b is a sub-attribute",
    ),
    "unique boolean": (_schema({"name": "a", "type": "boolean", "uniqueness": "server"}), "a can't be unique"),
    "reference to nothing": (_schema({"name": "a", "type": "reference"}), "a is a reference and needs"),
    "secret that is shown": (_schema({"name": "a", "mutability": "writeOnly"}), "a is writeOnly"),
}


@pytest.mark.rfc("7643#7")
@pytest.mark.parametrize("name", REFUSED)
def test_schema_is_refused_by_a_sentence_that_names_the_attribute(name: str) -> None:
    definition, sentence = REFUSED[name]
    with pytest.raises(SchemaDefinitionError, match=sentence.replace("(", r"\(")):
        read_schema(definition)


def test_schema_keeps_every_characteristic() -> None:
    characteristics = {
        "name": "serial",
        "type": "string",
        "multiValued": False,
        "description": "The serial.",
        "required": True,
        "caseExact": True,
        "mutability": "immutable",
        "returned": "request",
        "uniqueness": "global",
        "canonicalValues": ["a"],
    }
    schema = read_schema(_schema(characteristics))
    assert (schema.attributes[0].mutability, schema.attributes[0].uniqueness) == (
        Mutability.IMMUTABLE,
        Uniqueness.GLOBAL,
    )
    assert schema.attributes[0].indexed
    assert schema_representation(schema, base_url="")["attributes"] == [characteristics]


@pytest.mark.parametrize(
    ("definition", "sentence"),
    [
        (TypeDefinition("Device", "/Users", "", URN), "the same endpoint"),
        (TypeDefinition("Device", "/Devices", "", "urn:example:x"), "which is not defined"),
        (TypeDefinition("Bulk", "/Devices", "", URN), "a part of SCIM itself"),
        (TypeDefinition("Device", "/schemas", "", URN), "a part of SCIM itself"),
        (TypeDefinition("User", "/People", "", URN), "User is built in"),
        (TypeDefinition("Team", "/Teams", "", urns.GROUP), "belongs to its own type alone"),
        (TypeDefinition("Device", "/Devices", "", URN, ((URN, False),)), "already has the schema"),
    ],
)
def test_resource_type_that_cannot_be_is_refused(definition: TypeDefinition, sentence: str) -> None:
    defined = Definitions().with_schema(read_schema(_schema({"name": "a"})))
    with pytest.raises(SchemaDefinitionError, match=sentence):
        defined.with_type(definition).build(revision=1)


def test_schema_of_the_rfc_is_not_defined_anew() -> None:
    with pytest.raises(SchemaDefinitionError, match="is built in"):
        Definitions().with_schema(read_schema({"id": urns.USER, "attributes": [{"name": "a"}]}))


def test_built_in_schemas_are_definitions_too() -> None:
    """What we publish, others can define."""
    for schema in BUILT_IN.schemas:
        shown = schema_representation(schema, base_url="")
        assert [attribute.name for attribute in read_schema(shown).attributes] == [
            one.name for one in schema.attributes
        ]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([URN, "complex", "a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "type", "attributes", "subAttributes", "required", "uniqueness", "endpoint"])
            | st.text(max_size=5),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)
ATTRIBUTE = st.fixed_dictionaries(
    {"name": st.text(max_size=4) | st.just("a")},
    optional=dict.fromkeys(("type", "multiValued", "subAttributes", "uniqueness", "referenceTypes"), JSON),
)


@given(JSON | st.fixed_dictionaries({"id": st.just(URN), "attributes": st.lists(ATTRIBUTE, max_size=3)}))
def test_any_json_is_read_or_refused(definition: Any) -> None:
    for reader in (read_schema, read_type_definition):
        with suppress(SchemaDefinitionError):
            assert isinstance(reader(definition), Schema | TypeDefinition)
