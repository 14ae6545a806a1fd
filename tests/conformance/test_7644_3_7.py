"""RFC 7644 section 3.7: many operations in one request."""

from typing import Any

import pytest

from scim.protocol import urns
from tests.scim.answers import body_of, operation, read, refusal
from tests.scim.bulk import bulk_body, id_in, patch_of, path_to, post, post_user, send_bulk, statuses
from tests.scim.conftest import USER, Provider
from tests.scim.defining import LAB, extend

UNFIT: dict[str, dict[str, Any]] = {
    "no method": {"path": "/Users", "bulkId": "a", "data": {"schemas": [USER], "userName": "a"}},
    "no bulkId": {"method": "POST", "path": "/Users", "data": {"schemas": [USER], "userName": "a"}},
    "no path": {"method": "POST", "bulkId": "a", "data": {"schemas": [USER], "userName": "a"}},
    "no data": {"method": "POST", "path": "/Users", "bulkId": "a"},
}


@pytest.mark.rfc("7644#3.7-1", "7644#3.7-2")
@pytest.mark.parametrize("unfit", UNFIT)
def test_operation_without_its_parts_fails(provider: Provider, unfit: str) -> None:
    answer = provider.send("POST", "/Bulk", bulk_body(UNFIT[unfit]))
    statuses_told = [body_of(answer, answer.status_code).get("status")]
    if answer.status_code == 200:
        statuses_told = statuses(body_of(answer)["Operations"])
    assert statuses_told == ["400"]
    assert read(provider, "/Users")["totalResults"] == 0


@pytest.mark.rfc("7644#3.7-3", "7644#3.7-4", "7644#3.7-5", "7644#3.7-6", "7644#3.7-7")
@pytest.mark.rfc("7644#3.7.3-1", "7644#3.7.3-2", "7644#3.7.3-3", "7644#3.7.3-4")
def test_every_operation_has_its_result_and_failures_stop_nothing(provider: Provider) -> None:
    ada = provider.create("ada")
    nobody = path_to("00000000-0000-7000-8000-000000000001")
    results = send_bulk(
        provider,
        post_user("ada"),
        post_user("bob"),
        patch_of(path_to(ada["id"]), operation("replace", "title", value="Dr")),
        patch_of(path_to(ada["id"]), operation("replace", "active", value="maybe")),
        {"method": "DELETE", "path": nobody},
        {"method": "DELETE", "path": path_to(ada["id"])},
    )
    assert statuses(results) == ["409", "201", "200", "400", "404", "204"]
    assert [result.get("bulkId") for result in results[:2]] == ["ada", "bob"]
    assert "location" not in results[0]
    assert all(result["location"].startswith("http://testserver/scim/v2/Users/") for result in results[1:])
    for result in (results[0], results[3], results[4]):
        assert result["response"]["schemas"] == [urns.ERROR]
        assert (result["response"]["status"], bool(result["response"]["detail"])) == (result["status"], True)
    alone = provider.send("POST", "/Users", {"schemas": [USER], "userName": "bob"})
    assert str(alone.status_code) == results[0]["status"]


@pytest.mark.rfc("7644#3.7-5")
def test_bulk_that_is_none_is_refused_with_its_own_status(provider: Provider) -> None:
    refusal(provider.send("POST", "/Bulk", {"schemas": [urns.BULK_REQUEST]}), 400, "invalidSyntax")


@pytest.mark.rfc("7644#3.7-8", "7644#3.7.1-1", "7644#3.7.2-1")
def test_order_of_operations_does_not_change_what_was_meant(provider: Provider) -> None:
    one, other = post_user("one", manager="bulkId:other"), post_user("other", manager="bulkId:one")
    group = post("crew", "/Groups", displayName="crew", members=[{"value": "bulkId:one"}])
    results = send_bulk(provider, group, one, other)
    assert statuses(results) == ["201", "201", "201"]
    crew, first, second = map(id_in, results)
    assert [member["value"] for member in read(provider, f"/Groups/{crew}")["members"]] == [first]
    managers = [read(provider, path_to(user))[urns.ENTERPRISE_USER]["manager"]["value"] for user in (first, second)]
    assert managers == [second, first]


@pytest.mark.rfc("7644#3.7.2-2")
def test_reference_in_an_extension_is_resolved_too(provider: Provider) -> None:
    parts = [{"name": "value", "type": "string"}, {"name": "$ref", "type": "reference", "referenceTypes": ["User"]}]
    extend(provider, {"name": "mentor", "type": "complex", "subAttributes": parts})
    ada = post("ada", "/Users", userName="ada", **{LAB: {"mentor": {"value": "bulkId:bob"}}})
    results = send_bulk(provider, ada, post_user("bob"))
    assert statuses(results) == ["201", "201"]
    assert read(provider, path_to(id_in(results[0])))[LAB]["mentor"]["value"] == id_in(results[1])


@pytest.mark.rfc("7644#3.7.4-1", "7644#3.7.4-2", "7644#3.7.4-3")
def test_limits_are_told_and_more_is_refused(provider: Provider) -> None:
    limits = read(provider, "/ServiceProviderConfig")["bulk"]
    many = [post_user(f"u{number}") for number in range(limits["maxOperations"] + 1)]
    assert str(limits["maxOperations"]) in refusal(provider.send("POST", "/Bulk", bulk_body(*many)), 413)
    large = provider.send("POST", "/Bulk", b'{"a":"' + b"x" * limits["maxPayloadSize"] + b'"}')
    assert str(limits["maxPayloadSize"]) in refusal(large, 413)
    assert read(provider, "/Users")["totalResults"] == 0
