"""What a Bulk request leaves behind, and that each of its transactions is whole."""

from threading import Thread
from typing import Any

import pytest
from django.db import connections

from tests.scim.answers import changes_of, create_group, events_about, operation, patch, read, set_client
from tests.scim.bulk import bulk_body, id_in, patch_of, path_to, post_group, post_user, send_bulk, statuses
from tests.scim.conftest import Provider
from tests.scim.recorded import rows_of, warnings_of


def test_each_operation_has_its_event_and_change_under_the_id_of_the_request(provider: Provider) -> None:
    results = send_bulk(
        provider,
        post_user("ada", manager="bulkId:bo"),
        post_user("bo", manager="bulkId:ada"),
        patch_of(path_to("bulkId:ada"), operation("add", "title", value="Dr.")),
        post_group("lab", "bulkId:ada"),
    )
    ids = {id_in(result) for result in results}
    kinds = {one: [change.kind for change in changes_of(provider, one)] for one in ids}
    assert sorted(kinds.values()) == [["created"], ["created"], ["created", "patched"]]
    events = [event for one in ids for event in events_about(provider, one)]
    assert len(events) == len(results)
    row = rows_of(provider.tenant_id)[-1]
    request_ids = {change.request_id for one in ids for change in changes_of(provider, one)}
    assert request_ids == {row["request_id"]}


def test_request_log_shows_the_request_once_with_every_warning_once(provider: Provider) -> None:
    users = [post_user(name, active="True", odd=1) for name in ("ada", "bo")]
    assert statuses(send_bulk(provider, *users)) == ["201", "201"]
    rows = rows_of(provider.tenant_id)
    assert [(row["method"], row["path"], row["status"]) for row in rows] == [("POST", "/scim/v2/Bulk", 200)]
    assert sorted(rows[0]["warnings"]) == ["W_BOOL_STRING", "W_UNKNOWN_ATTR"]
    assert warnings_of(provider.tenant_id, provider.scim_client.id) == {"W_BOOL_STRING": 1, "W_UNKNOWN_ATTR": 1}


def test_strict_client_gets_the_error_for_the_operation_that_deviates(provider: Provider) -> None:
    set_client(provider, strict=True)
    results = send_bulk(provider, post_user("ada", active="True"), post_user("bo"))
    assert statuses(results) == ["400", "201"]


def test_operation_that_changes_nothing_makes_no_version(provider: Provider) -> None:
    user = provider.create("ada")
    (result,) = send_bulk(provider, patch_of(f"/Users/{user['id']}", operation("replace", "userName", value="ada")))
    assert (result["status"], result["version"]) == ("200", 'W/"1"')
    assert [event["outcome"] for event in events_about(provider, user["id"])] == ["done", "unchanged"]


def test_operations_on_one_resource_stay_in_order_when_the_first_has_to_wait(provider: Provider) -> None:
    lab = create_group(provider, "lab")
    path = f"/Groups/{lab['id']}"
    results = send_bulk(
        provider,
        patch_of(path, operation("add", "members", value=[{"value": "bulkId:ada"}])),
        patch_of(path, operation("remove", "members")),
        post_user("ada"),
    )
    assert statuses(results) == ["200", "200", "201"]
    assert "members" not in read(provider, path)


def test_name_is_free_again_for_a_creation_that_follows_a_deletion(provider: Provider) -> None:
    user = provider.create("ada")
    results = send_bulk(
        provider,
        post_group("lab", "bulkId:ada"),
        {"method": "DELETE", "path": f"/Users/{user['id']}"},
        post_user("ada"),
    )
    assert statuses(results) == ["201", "204", "201"]


def test_bulks_and_patches_on_the_same_group_lose_nothing(provider: Provider) -> None:
    lab = create_group(provider, "lab")
    path = f"/Groups/{lab['id']}"
    answers: list[Any] = []

    def work(number: int) -> None:
        if number % 2:
            users = [post_user(f"u{number}-{index}") for index in range(5)]
            added = [{"value": f"bulkId:u{number}-{index}"} for index in range(5)]
            adding = patch_of(path, operation("add", "members", value=added))
            answers.append(provider.send("POST", "/Bulk", bulk_body(adding, *users)).status_code)
        else:
            user = provider.create(f"u{number}")
            answers.append(
                patch(provider, path, operation("add", "members", value=[{"value": user["id"]}])).status_code
            )

        connections.close_all()

    threads = [Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 200, 200, 204, 204, 204]
    assert len(read(provider, path)["members"]) == 18


@pytest.mark.rfc("7644#3.7.1")
def test_thousand_operations_with_rings_are_served(provider: Provider) -> None:
    managers = [post_user(f"u{index}", manager=f"bulkId:u{(index + 1) % 300}") for index in range(300)]
    chain = [post_group(f"g{index}", f"bulkId:g{index + 1}", f"bulkId:u{index % 300}") for index in range(299)]
    ring = [post_group(f"r{index}", f"bulkId:r{(index + 1) % 100}") for index in range(100)]
    users = [post_user(f"v{index}") for index in range(300)]
    results = send_bulk(provider, *ring, *chain, post_group("g299"), *managers, *users)
    assert len(results) == 1000
    assert statuses(results) == ["400"] * 100 + ["201"] * 900
    assert [read(provider, path)["totalResults"] for path in ("/Users", "/Groups")] == [600, 300]
