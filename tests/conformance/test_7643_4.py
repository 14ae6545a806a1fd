"""RFC 7643 section 4: Users, Groups and the enterprise extension."""

from typing import Any

import pytest

from scim.protocol import urns
from tests.scim.answers import body_of, changes_of, create_group, operation, patch, read, refusal
from tests.scim.conftest import USER, Provider

PASSWORD = "correct horse battery staple"


@pytest.mark.rfc("7643#4.1.1-1", "7643#4.1.1-3", "7643#8.7.1-1")
@pytest.mark.parametrize("nothing", [{}, {"userName": ""}, {"userName": None}])
def test_user_without_a_user_name_is_refused(provider: Provider, nothing: dict[str, Any]) -> None:
    refusal(provider.send("POST", "/Users", {"schemas": [USER], **nothing}), 400, "invalidValue")


@pytest.mark.rfc("7643#4.1.1-2", "7643#4.1.1-3", "7643#8.7.1-1")
def test_no_two_users_share_a_user_name_whatever_its_case(provider: Provider) -> None:
    provider.create("Ada@Example.com")
    refusal(provider.send("POST", "/Users", {"schemas": [USER], "userName": "ADA@example.COM"}), 409, "uniqueness")
    schema = {one["name"]: one for one in read(provider, f"/Schemas/{USER}")["attributes"]}
    told = schema["userName"]
    assert (told["required"], told["caseExact"], told["uniqueness"]) == (True, False, "server")


@pytest.mark.rfc("7643#4.1.1-8", "7643#4.1.1-13")
def test_password_comes_back_from_nowhere(provider: Provider) -> None:
    ada = provider.create("ada", password=PASSWORD)
    path = f"/Users/{ada['id']}"
    answers = [
        provider.send("GET", path),
        provider.send("GET", f"{path}?attributes=password"),
        provider.send("GET", "/Users?attributes=password"),
        patch(provider, path, operation("replace", "password", value=PASSWORD)),
        provider.send("PUT", path, {"schemas": [USER], "userName": "ada", "password": PASSWORD}),
    ]
    assert "password" not in ada
    assert not [answer.content for answer in answers if b"password" in answer.content or b"horse" in answer.content]
    refusal(
        provider.send("GET", f"/Users?filter=password%20eq%20%22{PASSWORD.replace(' ', '%20')}%22"),
        400,
        "invalidFilter",
    )


@pytest.mark.rfc("7643#4.1.2-10", "7643#4.1.2-12")
def test_membership_is_told_at_the_user_and_changed_at_the_group(provider: Provider) -> None:
    ada = provider.create("ada")
    inner = create_group(provider, "inner", ada["id"])
    outer = create_group(provider, "outer", inner["id"])
    path = f"/Users/{ada['id']}"
    told = {group["value"]: group["type"] for group in read(provider, path)["groups"]}
    assert told == {inner["id"]: "direct", outer["id"]: "indirect"}
    other = create_group(provider, "other")
    body = {"schemas": [USER], "userName": "ada", "groups": [{"value": other["id"]}]}
    assert {group["value"] for group in body_of(provider.send("PUT", path, body))["groups"]} == set(told)
    refusal(patch(provider, path, operation("add", "groups", value=body["groups"])), 400, "mutability")
    assert len(changes_of(provider, other["id"])) == 1


@pytest.mark.rfc("7643#4.2-1", "7643#8.7.1-5")
def test_group_without_a_display_name_is_refused(provider: Provider) -> None:
    refusal(provider.send("POST", "/Groups", {"schemas": [urns.GROUP]}), 400, "invalidValue")
    schema = {one["name"]: one for one in read(provider, f"/Schemas/{urns.GROUP}")["attributes"]}
    assert "displayName" in schema


@pytest.mark.rfc("7643#4.3-1", "7643#8.7.1-5")
def test_manager_has_the_id_of_a_user(provider: Provider) -> None:
    boss = provider.create("boss")
    ada = provider.create("ada", **{urns.ENTERPRISE_USER: {"manager": {"value": boss["id"]}}})
    assert ada[urns.ENTERPRISE_USER]["manager"]["value"] == boss["id"]
    query = f"{urns.ENTERPRISE_USER}:manager.value%20eq%20%22{boss['id']}%22"
    assert [one["id"] for one in read(provider, f"/Users?filter={query}")["Resources"]] == [ada["id"]]
    schema = {one["name"]: one for one in read(provider, f"/Schemas/{urns.ENTERPRISE_USER}")["attributes"]}
    assert {"value", "$ref", "displayName"} <= {part["name"] for part in schema["manager"]["subAttributes"]}
