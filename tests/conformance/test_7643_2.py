"""RFC 7643 section 2: names, types and values of attributes."""

import json
from typing import Any

import pytest
from django.test import Client

from scim.protocol import urns
from scim.protocol.schemas import BUILT_IN
from scim.protocol.schemas.definitions import SchemaDefinitionError
from scim.protocol.schemas.representation import schema_representation
from tests.scim.answers import body_of, create_group, operation, patch, read, refusal
from tests.scim.conftest import USER, Provider
from tests.scim.defining import LAB, create_badged, extend

HOSTS = "http://testserver"


def _post(provider: Provider, **attributes: Any) -> Any:
    return provider.send("POST", "/Users", {"schemas": [USER], "userName": "ada", **attributes})


def _found(provider: Provider, query: str) -> list[str]:
    return [one["userName"] for one in read(provider, f"/Users?filter={query}")["Resources"]]


@pytest.mark.rfc("7643#2.1-1", "7643#3-1", "7643#3-2", "7643#3.3-1")
def test_every_representation_names_the_base_schema(provider: Provider) -> None:
    ada, group = provider.create("ada"), create_group(provider, "crew")
    shown = [ada, group, read(provider, f"/Users/{ada['id']}"), *read(provider, "/Groups")["Resources"]]
    assert [one["schemas"][0] for one in shown] == [USER, urns.GROUP, USER, urns.GROUP]


@pytest.mark.rfc("7643#2.1-2")
@pytest.mark.parametrize("name", ["2nd", "-x", "a b", "a.b", "", "\u00e4", "a/b"])
def test_attribute_whose_name_breaks_the_grammar_cannot_be_defined(provider: Provider, name: str) -> None:
    with pytest.raises(SchemaDefinitionError):
        extend(provider, {"name": name, "type": "string"})


@pytest.mark.rfc("7643#2.2-1")
def test_silent_definition_has_the_characteristics_of_the_rfc(provider: Provider) -> None:
    extend(provider, {"name": "note", "type": "string"})
    (note,) = read(provider, f"/Schemas/{LAB}")["attributes"]
    told = {name: note[name] for name in ("required", "caseExact", "mutability", "returned", "uniqueness", "type")}
    assert told == {
        "required": False,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
        "type": "string",
    }
    assert note.get("canonicalValues", []) == []


@pytest.mark.rfc("7643#2.3-1", "7643#2.3.8-2")
@pytest.mark.parametrize(
    "attribute",
    [
        {"name": "note", "type": "money"},
        {
            "name": "note",
            "type": "complex",
            "subAttributes": [
                {"name": "inner", "type": "complex", "subAttributes": [{"name": "value", "type": "string"}]}
            ],
        },
    ],
)
def test_new_type_and_complex_within_complex_cannot_be_defined(provider: Provider, attribute: dict[str, Any]) -> None:
    with pytest.raises(SchemaDefinitionError):
        extend(provider, attribute)


@pytest.mark.rfc("7643#2.3.4-1")
@pytest.mark.parametrize("number", ["1.5", "1e2", "1.0", '"1"'])
def test_whole_number_with_fraction_or_exponent_is_refused(provider: Provider, number: str) -> None:
    extend(provider, {"name": "number", "type": "integer"})
    body = json.dumps({"schemas": [USER, LAB], "userName": "ada", LAB: {"number": 0}}).replace(": 0}", f": {number}}}")
    refusal(provider.send("POST", "/Users", body.encode()), 400, "invalidValue")


@pytest.mark.rfc("7643#2.3.5-1", "7643#2.3.5-2")
@pytest.mark.parametrize(
    "moment", ["2020-01-01", "10:00:00Z", "01/02/2020 10:00", 1577836800, "2020-13-01T00:00:00Z", "soon"]
)
def test_moment_without_date_and_time_is_refused(provider: Provider, moment: object) -> None:
    extend(provider, {"name": "since", "type": "dateTime"})
    refusal(_post(provider, **{LAB: {"since": moment}}), 400, "invalidValue")


@pytest.mark.rfc("7643#2.3.5-1", "7643#2.3.5-2")
@pytest.mark.parametrize("moment", ["2020-01-01T10:00:00Z", "2020-01-01T10:00:00.5+02:00"])
def test_moment_with_date_and_time_is_taken(provider: Provider, moment: str) -> None:
    extend(provider, {"name": "since", "type": "dateTime"})
    assert create_badged(provider, "ada", since=moment)[LAB]["since"] == moment


@pytest.mark.rfc("7643#2.3.6-1", "7643#4.1.2-13")
def test_certificate_is_base64(provider: Provider) -> None:
    refusal(_post(provider, x509Certificates=[{"value": "no base64!"}]), 400, "invalidValue")
    assert body_of(_post(provider, x509Certificates=[{"value": "TUlJ"}]), 201)["x509Certificates"] == [
        {"value": "TUlJ"}
    ]


@pytest.mark.rfc("7643#2.3.7-3", "7643#2.3.7-4", "7643#4.1.2-11")
def test_reference_leads_to_the_resource_it_names(provider: Provider) -> None:
    ada = provider.create("ada")
    crew = create_group(provider, "crew", ada["id"])
    shown = read(provider, f"/Users/{ada['id']}")
    references = {
        shown["groups"][0]["$ref"]: crew["id"],
        read(provider, f"/Groups/{crew['id']}")["members"][0]["$ref"]: ada["id"],
    }
    assert shown["groups"][0]["value"] == crew["id"]
    for uri, wanted in references.items():
        answer = Client().get(uri.removeprefix(HOSTS), headers={"Authorization": f"Bearer {provider.issued.text}"})
        assert uri.startswith(HOSTS)
        assert answer.json()["id"] == wanted


@pytest.mark.rfc("7643#2.3.8-1")
def test_order_of_attributes_means_nothing(provider: Provider) -> None:
    name = {"givenName": "Ada", "familyName": "Lovelace"}
    body = {"schemas": [USER], "userName": "a", "title": "Countess", "name": name}
    one = body_of(provider.send("POST", "/Users", body), 201)
    turned = dict(reversed({**body, "userName": "b", "name": dict(reversed(name.items()))}.items()))
    other = body_of(provider.send("POST", "/Users", turned), 201)
    assert (one["title"], one["name"]) == (other["title"], other["name"])


@pytest.mark.rfc("7643#2.4-1", "7643#2.4-2")
def test_predefined_parts_of_values_have_the_rfcs_meaning() -> None:
    kinds = {"primary": "boolean", "type": "string", "display": "string", "$ref": "reference"}
    complex_ones = [
        attribute
        for schema in BUILT_IN.schemas
        for attribute in schema_representation(schema, base_url=HOSTS)["attributes"]
        if attribute["multiValued"]
    ]
    assert len(complex_ones) > 8
    for attribute in complex_ones:
        assert attribute["type"] == "complex", attribute["name"]
        for part in attribute["subAttributes"]:
            assert part["type"] == kinds.get(part["name"], part["type"]), part
            assert not part["multiValued"]


@pytest.mark.rfc("7643#2.4-3", "7643#8.7.1-4")
def test_one_value_is_primary_at_most(provider: Provider) -> None:
    sent = [{"value": f"{name}@x.test", "type": name, "primary": True} for name in ("work", "home")]
    ada = provider.create("ada", emails=sent)
    assert [one["value"] for one in ada["emails"] if one.get("primary")] == ["work@x.test"]


@pytest.mark.rfc("7643#2.4-4")
def test_value_that_does_not_say_so_is_not_primary(provider: Provider) -> None:
    provider.create("ada", emails=[{"value": "a@x.test"}])
    provider.create("bob", emails=[{"value": "b@x.test", "primary": True}])
    assert _found(provider, "emails[primary eq true]") == ["bob"]
    assert _found(provider, "not (emails[primary eq true])") == ["ada"]


@pytest.mark.rfc("7643#2.4-6")
def test_values_come_back_in_their_canonical_form(provider: Provider) -> None:
    sent = {"USERNAME": "ada", "Active": "True", "Emails": [{"Value": "a@x.test", "TYPE": "work", "Primary": "true"}]}
    ada = body_of(provider.send("POST", "/Users", {"schemas": [USER], **sent}), 201)
    assert ada["emails"] == [{"value": "a@x.test", "type": "work", "primary": True}]
    assert (ada["userName"], ada["active"]) == ("ada", True)


@pytest.mark.rfc("7643#2.5-1")
@pytest.mark.parametrize("nothing", [None, []])
def test_null_and_empty_array_are_unassigned_like_what_is_missing(provider: Provider, nothing: object) -> None:
    ada = provider.create("ada", emails=nothing, **({"title": None} if nothing is None else {}))
    assert "emails" not in ada
    assert "title" not in ada
    assert _found(provider, "not (emails pr) and not (title pr)") == ["ada"]
    held = provider.create("bob", emails=[{"value": "b@x.test"}])
    cleared = body_of(patch(provider, f"/Users/{held['id']}", operation("replace", "emails", value=nothing)))
    assert "emails" not in cleared
