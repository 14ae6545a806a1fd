"""RFC 7644 sections 3.1 to 3.3: messages, methods and creating resources."""

import pytest

from scim.protocol import urns
from tests.scim.answers import body_of, create_group, operation, patch, read, refusal
from tests.scim.bulk import path_to
from tests.scim.conftest import USER, Provider
from tests.scim.defining import DEVICES, LAB, define, extend, post_device

NOBODY = path_to("00000000-0000-7000-8000-000000000001")


@pytest.mark.rfc("7644#3.1-1", "7644#3.1-2")
def test_messages_have_schemas_of_their_own_that_are_not_published(provider: Provider) -> None:
    ada = provider.create("ada")
    messages = [
        read(provider, "/Users"),
        body_of(provider.send("GET", NOBODY), 404),
        body_of(provider.send("POST", "/Bulk", {"schemas": [urns.BULK_REQUEST], "Operations": [_deletion(ada["id"])]})),
    ]
    published = {schema["id"] for schema in read(provider, "/Schemas")["Resources"]}
    for message in messages:
        assert message["schemas"][0].startswith("urn:ietf:params:scim:api:")
        assert not published & set(message["schemas"])
        refusal(provider.send("GET", f"/Schemas/{message['schemas'][0]}"), 404)


def _deletion(user_id: str) -> dict[str, str]:
    return {"method": "DELETE", "path": f"/Users/{user_id}"}


@pytest.mark.rfc("7644#3.1-4", "7644#3.3-3", "7644#3.3-4", "7644#3.3-5")
def test_created_resource_is_answered_as_it_is_kept_and_where_it_is(provider: Provider) -> None:
    answer = provider.send("POST", "/Users", {"schemas": [USER], "userName": "ada", "colour": "red"})
    ada = body_of(answer, 201)
    assert answer.headers["Location"] == ada["meta"]["location"]
    assert ada == read(provider, f"/Users/{ada['id']}")
    assert "colour" not in ada


@pytest.mark.rfc("7644#3.2-3", "7644#3.5.1-1")
def test_put_creates_nobody(provider: Provider) -> None:
    refusal(provider.send("PUT", NOBODY, {"schemas": [USER], "userName": "ada"}), 404)
    assert read(provider, "/Users")["totalResults"] == 0


@pytest.mark.rfc("7644#3.2-4", "7644#3.12-1", "7644#3.12-2", "7644#3.12-3")
def test_status_of_an_error_stands_in_both_places(provider: Provider) -> None:
    provider.create("ada")
    reader = provider.holds(scopes=["scim:read"])
    answers = {
        400: provider.send("POST", "/Users", b"{"),
        401: provider.send("GET", "/Users", Authorization="Bearer nobody"),
        403: reader.send("POST", "/Users", {"schemas": [USER], "userName": "bob"}),
        404: provider.send("GET", NOBODY),
        409: provider.send("POST", "/Users", {"schemas": [USER], "userName": "ada"}),
        412: provider.send("DELETE", f"/Users/{provider.create('cyd')['id']}", **{"If-Match": 'W/"9"'}),
        413: provider.send("POST", "/Users", b'"' + b"x" * 5 * 1024 * 1024 + b'"'),
        501: provider.send("GET", "/Me"),
    }
    for status, answer in answers.items():
        error = body_of(answer, status)
        assert (error["schemas"], error["status"]) == ([urns.ERROR], str(status))
        assert error["detail"]


@pytest.mark.rfc("7644#3.3-1", "7644#3.3-2")
def test_post_takes_what_may_be_written_and_ignores_the_rest(provider: Provider) -> None:
    extend(
        provider,
        {"name": "level", "type": "integer", "mutability": "readOnly"},
        {"name": "hired", "type": "string", "mutability": "immutable"},
        {"name": "code", "type": "string", "mutability": "writeOnly", "returned": "never"},
    )
    group = create_group(provider, "crew")
    ada = provider.create("ada", groups=[{"value": group["id"]}], **{LAB: {"level": 9, "hired": "2020", "code": "x"}})
    assert ada[LAB] == {"hired": "2020"}
    assert "groups" not in ada
    assert "members" not in read(provider, f"/Groups/{group['id']}")


@pytest.mark.rfc("7644#3.3-6")
def test_second_of_a_name_is_in_conflict(provider: Provider) -> None:
    provider.create("ada")
    refusal(provider.send("POST", "/Users", {"schemas": [USER], "userName": "ADA"}), 409, "uniqueness")


@pytest.mark.rfc("7644#3.3.1-1")
def test_resource_type_is_that_of_the_endpoint(provider: Provider) -> None:
    define(provider, *DEVICES)
    meta = {"resourceType": "Group"}
    made = [
        provider.create("ada", meta=meta),
        create_group(provider, "crew", meta={"resourceType": "User"}),
        body_of(post_device(provider, serial="a", meta=meta), 201),
    ]
    assert [one["meta"]["resourceType"] for one in made] == ["User", "Group", "Device"]
    patched = body_of(patch(provider, f"/Users/{made[0]['id']}", operation("add", "title", value="Dr")))
    assert patched["meta"]["resourceType"] == "User"
