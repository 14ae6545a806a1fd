"""Bulk as clients meet it: references, results, refusals and limits (RFC 7644 section 3.7)."""

from typing import Any
from uuid import uuid4

import pytest

from scim.protocol import urns
from tests.scim.answers import body_of, members_of, operation, read, refusal, set_client, set_tenant
from tests.scim.bulk import bulk_body, id_in, patch_of, path_to, post, post_group, post_user, send_bulk, statuses
from tests.scim.conftest import Provider

HERE = "http://testserver/scim/v2"


def _manager(provider: Provider, result: dict[str, Any]) -> str:
    user = read(provider, f"/Users/{id_in(result)}")
    found: str = user[urns.ENTERPRISE_USER]["manager"]["value"]
    return found


@pytest.mark.rfc("7644#3.7.3")
def test_each_method_answers_with_location_version_and_status(provider: Provider) -> None:
    user = provider.create("ada")
    path = f"/Users/{user['id']}"
    data = {"schemas": [urns.USER], "userName": "bo"}
    results = send_bulk(
        provider,
        post_user("cy"),
        {"method": "PUT", "path": path, "data": data, "version": 'W/"1"'},
        patch_of(path, operation("add", "title", value="Dr."), version='W/"2"'),
        {"method": "DELETE", "path": path, "version": 'W/"3"'},
    )
    location = f"{HERE}{path}"
    assert results[0] == {
        "location": f"{HERE}/Users/{id_in(results[0])}",
        "method": "POST",
        "bulkId": "cy",
        "version": 'W/"1"',
        "status": "201",
    }
    assert results[1:] == [
        {"location": location, "method": "PUT", "version": 'W/"2"', "status": "200"},
        {"location": location, "method": "PATCH", "version": 'W/"3"', "status": "200"},
        {"location": location, "method": "DELETE", "status": "204"},
    ]
    refusal(provider.send("GET", path), 404)


@pytest.mark.rfc("7644#3.7.2")
@pytest.mark.parametrize("is_forward", [False, True])
def test_reference_to_a_new_resource_becomes_its_id_in_either_order(provider: Provider, is_forward: bool) -> None:
    operations = [post_user("ada"), post_group("lab", "bulkId:ada"), post_user("bo", manager="bulkId:ada")]
    results = send_bulk(provider, *(reversed(operations) if is_forward else operations))
    ada, lab, bo = reversed(results) if is_forward else results
    assert [result["bulkId"] for result in (ada, lab, bo)] == ["ada", "lab", "bo"]
    assert members_of(provider, {"id": id_in(lab)}) == [id_in(ada)]
    assert _manager(provider, bo) == id_in(ada)
    assert lab["version"] == 'W/"1"'


@pytest.mark.rfc("7644#3.7.2")
def test_path_may_name_a_resource_by_its_bulk_id(provider: Provider) -> None:
    results = send_bulk(
        provider,
        patch_of("/Groups/bulkId:lab", operation("add", "members", value=[{"value": "bulkId:ada"}])),
        post_group("lab"),
        post_user("ada"),
        patch_of("/Groups/bulkId:lab", operation("remove", 'members[value eq "bulkId:ada"]')),
        {"method": "DELETE", "path": path_to("bulkId:ada")},
    )
    assert statuses(results) == ["200", "201", "201", "200", "204"]
    assert results[0]["location"] == results[1]["location"]
    assert members_of(provider, {"id": id_in(results[1])}) == []


@pytest.mark.rfc("7644#3.7.1")
def test_managers_in_a_circle_are_resolved(provider: Provider) -> None:
    ring = [post_user(f"u{index}", manager=f"bulkId:u{(index + 1) % 5}") for index in range(5)]
    results = send_bulk(provider, *ring, post_user("self", manager="bulkId:self"), post_group("lab", "bulkId:u3"))
    assert statuses(results) == ["201"] * 7
    assert [_manager(provider, result) for result in results[:5]] == [
        id_in(results[(index + 1) % 5]) for index in range(5)
    ]
    assert _manager(provider, results[5]) == id_in(results[5])
    assert members_of(provider, {"id": id_in(results[6])}) == [id_in(results[3])]


@pytest.mark.rfc("7644#3.7.1")
def test_circle_with_one_refused_operation_is_not_done_at_all(provider: Provider) -> None:
    provider.create("bo")
    results = send_bulk(
        provider,
        post_user("ada", manager="bulkId:bo"),
        post_user("bo", manager="bulkId:cy"),
        post_user("cy", manager="bulkId:ada"),
        post_user("di"),
    )
    assert statuses(results) == ["409", "409", "409", "201"]
    assert [result["response"].get("scimType") for result in results[:3]] == [None, "uniqueness", None]
    assert "Operations[1]" in results[0]["response"]["detail"]
    assert read(provider, "/Users")["totalResults"] == 2


@pytest.mark.rfc("7644#3.7.1")
def test_groups_in_a_circle_are_refused_and_leave_nothing(provider: Provider) -> None:
    ring = [post_group(f"g{index}", f"bulkId:g{(index + 1) % 3}") for index in range(3)]
    results = send_bulk(provider, *ring, post_group("self", "bulkId:self"), post_group("above", "bulkId:g0"))
    assert statuses(results) == ["400"] * 5
    assert {result["response"]["scimType"] for result in results} == {"invalidValue"}
    assert all("member of itself" in result["response"]["detail"] for result in results[:4])
    assert not any("location" in result for result in results)
    assert read(provider, "/Groups")["totalResults"] == 0


def test_revived_user_in_a_circle_is_referred_to_by_the_old_id(provider: Provider) -> None:
    set_tenant(provider, revive_deleted=True)
    former = provider.create("ada")["id"]
    provider.send("DELETE", f"/Users/{former}")
    results = send_bulk(provider, post_user("bo", manager="bulkId:ada"), post_user("ada", manager="bulkId:bo"))
    assert id_in(results[1]) == former
    assert [_manager(provider, result) for result in results] == [former, id_in(results[0])]


@pytest.mark.rfc("7644#3.7.3")
def test_refused_operation_leaves_the_others_done(provider: Provider) -> None:
    missing = f"/Users/{uuid4()}"
    results = send_bulk(
        provider,
        post("x", "/Users", title="nobody"),
        patch_of(missing, operation("add", "title", value="x")),
        post_user("ada"),
        post_group("lab", "bulkId:x"),
        {"method": "DELETE", "path": path_to("bulkId:ada"), "version": 'W/"9"'},
    )
    assert statuses(results) == ["400", "404", "201", "400", "412"]
    assert results[0]["response"]["schemas"] == [urns.ERROR]
    assert results[1]["location"] == f"{HERE}{missing}"
    assert "location" not in results[0]
    assert "bulkId:x was not created" in results[3]["response"]["detail"]
    assert read(provider, "/Users")["totalResults"] == 1


@pytest.mark.rfc("7644#3.7.3")
def test_nothing_is_done_after_so_many_errors(provider: Provider) -> None:
    operations = [post_user("a"), post("b", "/Users"), post_user("c"), post("d", "/Users"), post_user("e")]
    assert statuses(send_bulk(provider, *operations, failOnErrors=2)) == ["201", "400", "201", "400"]
    assert read(provider, "/Users")["totalResults"] == 2


def test_reference_to_nothing_is_refused_for_its_operation(provider: Provider) -> None:
    results = send_bulk(
        provider,
        post_group("lab", "bulkId:ghost"),
        patch_of(path_to("bulkId:ghost"), operation("add", "title", value="x")),
        post_user("ada", title="bulkId:ghost"),
    )
    assert statuses(results) == ["400", "400", "201"]
    assert [result["response"]["scimType"] for result in results[:2]] == ["invalidValue"] * 2
    assert read(provider, f"/Users/{id_in(results[2])}")["title"] == "bulkId:ghost"


@pytest.mark.parametrize(
    ("bad", "status", "scim_type"),
    [
        ({"method": "POST", "path": "/Users", "data": {}}, "400", "invalidSyntax"),
        ({"method": "POST", "bulkId": "x", "data": {}}, "400", "invalidSyntax"),
        ({"method": "POST", "path": "/Users", "bulkId": "x"}, "400", "invalidSyntax"),
        ({"method": "GET", "path": "/Users"}, "400", "invalidSyntax"),
        ({"method": "PUT", "path": 7, "data": {}}, "400", "invalidSyntax"),
        ({"method": "POST", "path": f"/Users/{uuid4()}", "bulkId": "x", "data": {}}, "405", None),
        ({"method": "DELETE", "path": "/Users"}, "405", None),
        ({"method": "DELETE", "path": "/Bulk"}, "404", None),
        ({"method": "DELETE", "path": path_to("1/2")}, "404", None),
        ({"method": "DELETE", "path": path_to("not-an-id")}, "404", None),
    ],
)
def test_unfit_operation_is_refused_alone(provider: Provider, bad: Any, status: str, scim_type: str | None) -> None:
    results = send_bulk(provider, bad, post_user("ada"))
    assert statuses(results) == [status, "201"]
    assert results[0]["response"].get("scimType") == scim_type


@pytest.mark.parametrize(
    ("body", "scim_type"),
    [
        ({"schemas": [urns.BULK_REQUEST]}, "invalidSyntax"),
        (bulk_body(), "invalidSyntax"),
        (bulk_body("x"), "invalidSyntax"),
        (bulk_body({**post_user("a"), "Method": "PUT"}), "invalidSyntax"),
        (bulk_body(post_user("a"), failOnErrors=0), "invalidValue"),
        (bulk_body(post_user("a"), failOnErrors=True), "invalidValue"),
        (bulk_body(post_user("a"), post_group("a")), "invalidValue"),
    ],
)
def test_unclear_request_is_refused_as_a_whole(provider: Provider, body: Any, scim_type: str) -> None:
    refusal(provider.send("POST", "/Bulk", body), 400, scim_type)
    assert read(provider, "/Users")["totalResults"] == 0


@pytest.mark.rfc("7644#3.7.4")
def test_limits_are_advertised_and_named_when_exceeded(provider: Provider) -> None:
    told = read(provider, "/ServiceProviderConfig")["bulk"]
    assert told == {"supported": True, "maxOperations": 1000, "maxPayloadSize": 5 * 1024 * 1024}
    many = bulk_body(*[{"method": "DELETE", "path": path_to("x")}] * 1001)
    assert "maxOperations (1000)" in refusal(provider.send("POST", "/Bulk", many), 413)
    large = b'{"Operations":"' + b"x" * told["maxPayloadSize"] + b'"}'
    assert "maxPayloadSize (5242880)" in refusal(provider.send("POST", "/Bulk", large), 413)


def test_foreign_tenant_s_resource_looks_unknown(provider: Provider, make_provider: Any) -> None:
    foreign = make_provider().create("eve")["id"]
    deletions = [{"method": "DELETE", "path": f"/Users/{one}"} for one in (foreign, uuid4())]
    found, unknown = send_bulk(provider, *deletions)
    assert (found["status"], found["response"]) == (unknown["status"], unknown["response"])
    assert found["status"] == "404"


def test_groups_are_refused_where_they_are_disabled(provider: Provider) -> None:
    set_client(provider, groups_enabled=False)
    results = send_bulk(provider, post_group("lab"), post_user("ada"))
    assert statuses(results) == ["403", "201"]


def test_token_without_the_scope_to_write_is_refused(provider: Provider) -> None:
    reader = provider.holds(scopes=["scim:read"])
    refusal(reader.send("POST", "/Bulk", bulk_body(post_user("ada"))), 403)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_bulk_knows_post_alone(provider: Provider, method: str) -> None:
    refusal(provider.send(method, "/Bulk", {}), 405)


def test_body_of_bulk_may_come_in_any_casing(provider: Provider) -> None:
    body = {"Schemas": [urns.BULK_REQUEST], "operations": [{"Method": "POST", "Path": "/Users/", "BulkID": "a"}]}
    body["operations"][0]["DATA"] = {"schemas": [urns.USER], "userName": "ada"}  # type: ignore[index]  # mixed values
    assert statuses(body_of(provider.send("POST", "/Bulk", body))["Operations"]) == ["201"]
