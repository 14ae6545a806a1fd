"""The client of SCIM targets, against a target with every quirk that real ones have."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from scim.targets import ErrorClass, SCIMTarget, TargetError
from tests.sync.quirks import Quirks
from tests.sync.reaching import PERSON, fill, person, reaching, refusal


def walk(target: SCIMTarget) -> list[str]:
    """Ids of all pages."""
    ids: list[str] = []
    cursor: str | None = None
    while True:
        page = target.list_page("User", cursor)
        ids.extend(stored.remote_id for stored in page.resources)
        cursor = page.cursor
        if cursor is None:
            return ids


@pytest.mark.parametrize("etag", [False, True], ids=["plain", "etag"])
def test_person_is_created_read_changed_replaced_found_and_deleted(etag: bool) -> None:
    with reaching(Quirks(etag=etag), {"etag": etag}) as (target, server):
        made = target.create("User", PERSON)
        assert target.read("User", made.remote_id).document == made.document
        assert made.etag == ('W/"1"' if etag else None)
        target.patch("User", made.remote_id, [{"op": "replace", "path": "name.familyName", "value": "L"}])
        assert server.users[made.remote_id]["name"] == {"familyName": "L"}
        target.replace("User", made.remote_id, person("Ada"), target.read("User", made.remote_id).etag)
        assert server.users[made.remote_id]["userName"] == "Ada"
        assert [found.remote_id for found in target.find("User", "userName", "ada").resources] == [made.remote_id]
        assert target.find("User", "userName", "nobody").resources == ()
        assert target.delete("User", made.remote_id).was_there
        assert not target.delete("User", made.remote_id).was_there
        with pytest.raises(TargetError) as gone:
            target.read("User", made.remote_id)
    assert gone.value.error_class is ErrorClass.GONE


@pytest.mark.parametrize(
    "quirks",
    [
        {"no_content": True},
        {"without_id": True},
        {"without_id": True, "filter": "refused"},
        {"without_id": True, "filter": "ignored"},
        {"content_type": "text/html; charset=latin-1"},
        {"typeless_conflict": 400},
    ],
    ids="-".join,
)
def test_created_person_gets_its_id_whatever_the_answer_leaves_out(quirks: dict[str, Any]) -> None:
    with reaching(Quirks(**quirks)) as (target, server):
        fill(server, 3)
        made = target.create("User", PERSON)
        assert server.users[made.remote_id]["userName"] == "ada"
        error = refusal(target, PERSON)
        assert target.update("User", made.remote_id, operations=[], document=PERSON).remote_id == made.remote_id
    assert error.error_class is ErrorClass.CONFLICT


def test_created_person_that_is_not_visible_yet_may_have_arrived() -> None:
    with reaching(Quirks(no_content=True, blind_reads=2)) as (target, server):
        error = refusal(target, PERSON)
        assert (error.error_class, error.may_have_arrived) == (ErrorClass.TRANSIENT, True)
        assert target.find("User", "userName", "ada").resources == ()
        assert len(target.find("User", "userName", "ada").resources) == 1
        assert server.names == ["ada"]


def test_person_without_an_id_of_whom_there_are_two_is_for_people_to_decide() -> None:
    with reaching(Quirks(no_content=True, unique=False)) as (target, _):
        target.create("User", PERSON)
        error = refusal(target, PERSON)
    assert error.error_class is ErrorClass.CONFLICT
    assert "several" in error.detail


@pytest.mark.parametrize(
    ("quirks", "profile", "requests"),
    [
        ({}, {"page_size": 10}, 4),
        ({"total": 5}, {"page_size": 10}, 4),
        ({"total": 5000}, {"page_size": 10}, 4),
        ({"page_limit": 7}, {}, 5),
        ({"paging": "none"}, {}, 2),
        ({"paging": "none"}, {"paging": "none"}, 1),
        ({"paging": "cursor"}, {"paging": "cursor", "page_size": 10}, 3),
    ],
)
def test_listing_ends_and_has_everybody_once(quirks: dict[str, Any], profile: dict[str, Any], requests: int) -> None:
    with reaching(Quirks(**quirks), profile) as (target, server):
        fill(server, 25)
        assert walk(target) == list(server.users)
        assert len(server.calls) == requests


def test_whole_document_is_not_put_over_what_somebody_else_wrote() -> None:
    with reaching(Quirks(etag=True), {"etag": True, "patch": "none"}) as (target, server):
        made = target.create("User", PERSON)
        target.update("User", made.remote_id, operations=[], document=person("eve"), etag=made.etag)
        assert (server.names, server.count("PATCH")) == (["eve"], 0)
        with pytest.raises(TargetError) as stale:
            target.replace("User", made.remote_id, person("mallory"), made.etag)
        assert (stale.value.error_class, server.names) == (ErrorClass.TRANSIENT, ["eve"])


def test_target_that_takes_plain_json_alone_gets_it() -> None:
    with reaching(Quirks(only_json=True)) as (target, server):
        assert target.create("User", PERSON).remote_id
        target.profile = target.profile.overridden({"content_type": "application/json"})
        target.create("User", person("bob"))
        assert [call.status for call in server.calls] == [415, 201, 201]


@pytest.mark.parametrize(
    ("quirks", "profile", "found", "calls"),
    [
        ({"filter": "missing"}, {}, 0, 1),
        ({"filter": "ignored"}, {}, 1, 4),
        ({}, {"filter": False}, 1, 3),
        ({}, {"filter_attributes": ["externalId"]}, 1, 3),
        ({}, {"filter_attributes": ["username"]}, 1, 1),
    ],
)
def test_person_is_found_in_the_way_the_target_has(
    quirks: dict[str, Any], profile: dict[str, Any], found: int, calls: int
) -> None:
    with reaching(Quirks(page_limit=20, **quirks), profile) as (target, server):
        fill(server, 25)
        assert len(target.find("User", "userName", "u24").resources) == found
        assert len(server.calls) == calls


def test_listing_leaves_members_out_where_that_is_asked() -> None:
    with reaching() as (target, server):
        target.list_page("Group", without=["members"])
        assert "excludedAttributes=members" in server.calls[0].place


@pytest.mark.parametrize("pasted", ["quirk-token\n", " Bearer quirk-token", "bearer  quirk-token"])
def test_token_is_taken_as_people_paste_it(pasted: str) -> None:
    with reaching() as (target, _):
        again = SCIMTarget(base_url=f"{target.wire.base_url}/ ", token=pasted, client=target.wire.client)
        assert again.create("User", PERSON).remote_id


def test_threads_share_a_target() -> None:
    """Each looks before it sends again what may have arrived: nobody is there twice, though answers get lost."""
    with reaching(Quirks(lost=0.1, unique=False)) as (target, server):

        def carry(number: int) -> None:
            for _attempt in range(20):
                if target.find("User", "userName", f"u{number}").resources:
                    return
                with suppress(TargetError):
                    target.create("User", person(f"u{number}"))
                    return
            raise AssertionError("it never arrived")

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(carry, range(200)))
        assert server.names == sorted(f"u{number}" for number in range(200))
        assert any(not call.answered for call in server.calls)


def test_foreign_cursor_is_refused() -> None:
    with reaching() as (target, _), pytest.raises(ValueError, match="not a cursor"):
        target.list_page("User", "x")


def test_change_goes_by_whole_document_where_patch_is_missing() -> None:
    with reaching(Quirks(patch=False)) as (target, server):
        made = target.create("User", PERSON)
        changed = person("ada", title="Countess")
        operations = [{"op": "add", "path": "title", "value": "Countess"}]
        told = target.update("User", made.remote_id, operations=operations, document=changed)
        assert server.users[made.remote_id]["title"] == "Countess"
    assert [exchange.status for exchange in told.exchanges] == [501, 200]


def test_members_beyond_what_the_target_takes_come_and_go_in_several_requests() -> None:
    members = [{"value": f"m{number}"} for number in range(25)]
    with reaching(Quirks(max_members=10), {"max_members_per_patch": 10}) as (target, server):
        group = target.create("Group", {"displayName": "Staff", "members": members[:1]})
        target.patch("Group", group.remote_id, [{"op": "add", "path": "members", "value": members[1:]}])
        assert server.groups[group.remote_id]["members"] == members
        gone = {"op": "remove", "path": "members", "value": members[:12]}
        target.patch("Group", group.remote_id, [gone, {"op": "add", "path": "members", "value": [{"value": "x"}]}])
        assert server.groups[group.remote_id]["members"] == [*members[12:], {"value": "x"}]
        assert server.count("PATCH", 200) == server.count("PATCH") == 5
