"""The client of SCIM targets, against a target with every quirk that real ones have."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from scim.targets import ErrorClass, SCIMTarget, TargetError, signature
from tests.sync.quirks import Quirks
from tests.sync.reaching import PERSON, fill, reaching


def person(name: str, **more: Any) -> dict[str, Any]:
    return {**PERSON, "userName": name, **more}


def refusal(target: SCIMTarget, document: dict[str, Any]) -> TargetError:
    with pytest.raises(TargetError) as caught:
        target.create("User", document)
    return caught.value


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


def test_lost_answer_may_have_arrived() -> None:
    with reaching(Quirks(lost=1.0)) as (target, server):
        error = refusal(target, PERSON)
        assert server.names == ["ada"]
    assert (error.error_class, error.status, error.may_have_arrived) == (ErrorClass.TRANSIENT, None, True)


def test_target_that_is_not_there_cannot_have_got_it() -> None:
    with reaching() as (target, _):
        pass
    error = refusal(target, PERSON)
    assert (error.error_class, error.may_have_arrived) == (ErrorClass.TRANSIENT, False)


def test_slow_target_is_given_up_and_private_address_is_refused() -> None:
    with reaching(Quirks(delay=0.4), total_seconds=0.2) as (target, _):
        assert refusal(target, PERSON).error_class is ErrorClass.TRANSIENT
    with reaching(private_networks=[]) as (target, server):
        assert refusal(target, PERSON).error_class is ErrorClass.PERMANENT
        assert server.calls == []


@pytest.mark.parametrize(
    ("quirks", "error_class", "seconds"),
    [
        ({"storm": range(1, 2), "retry_after": "7"}, ErrorClass.THROTTLE, 7.0),
        ({"storm": range(1, 2), "retry_after": "Sun, 06 Nov 1994 08:49:37 GMT"}, ErrorClass.THROTTLE, 0.0),
        ({"storm": range(1, 2), "retry_after": "soon"}, ErrorClass.THROTTLE, None),
        ({"throttled_as_500": 1.0}, ErrorClass.THROTTLE, None),
        ({"locked_out": range(1, 2)}, ErrorClass.AUTH, None),
        ({"poisoned": frozenset({"ada"})}, ErrorClass.PERMANENT, None),
    ],
)
def test_refusal_has_the_class_that_says_what_to_do(
    quirks: dict[str, Any], error_class: ErrorClass, seconds: float | None
) -> None:
    with reaching(Quirks(**quirks)) as (target, _):
        error = refusal(target, PERSON)
    assert (error.error_class, error.seconds, error.may_have_arrived) == (error_class, seconds, False)


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


def test_what_was_said_before_a_failure_is_told_with_it() -> None:
    with reaching(Quirks(locked_out=range(3, 4)), {"max_operations": 1}) as (target, _):
        made = target.create("User", PERSON)
        operations = [{"op": "add", "path": path, "value": "x"} for path in ("title", "nickName")]
        with pytest.raises(TargetError) as caught:
            target.patch("User", made.remote_id, operations)
    assert [exchange.status for exchange in caught.value.exchanges] == [200, 401]


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


def test_what_only_reads_is_asked_once_more_when_the_connection_broke() -> None:
    with reaching(Quirks(hangups=range(2, 3))) as (target, _):
        made = target.create("User", PERSON)
        told = target.read("User", made.remote_id)
    assert [exchange.status for exchange in told.exchanges] == [None, 200]
    with reaching(Quirks(hangups=range(1, 9))) as (target, server), pytest.raises(TargetError) as caught:
        target.find("User", "userName", "ada")
    assert (len(server.calls), caught.value.may_have_arrived) == (2, False)


def test_what_was_said_before_the_connection_broke_is_told_with_it() -> None:
    with reaching(Quirks(hangups=range(3, 4)), {"max_operations": 1}) as (target, _):
        made = target.create("User", PERSON)
        operations = [{"op": "add", "path": path, "value": "x"} for path in ("title", "nickName")]
        with pytest.raises(TargetError) as caught:
            target.patch("User", made.remote_id, operations)
    assert [exchange.status for exchange in caught.value.exchanges] == [200, None]
    assert caught.value.may_have_arrived


def test_token_that_a_target_repeats_is_shown_to_nobody() -> None:
    with reaching(Quirks(locked_out=range(1, 9))) as (target, _):
        error = refusal(target, PERSON)
    assert error.detail == "No such key: [redacted]"
    assert "quirk-token" not in str([exchange.as_json() for exchange in error.exchanges])


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


def test_log_keeps_what_was_said_without_secrets() -> None:
    with reaching(Quirks(poisoned=frozenset({"ada"}))) as (target, _):
        error = refusal(target, person("ada", password="hunter22", title="x" * 20_000))
    (told,) = error.exchanges
    assert (told.method, told.place, told.status) == ("POST", "/Users", 400)
    assert '"userName":"ada"' in told.request
    assert "hunter22" not in told.request
    assert "quirk-token" not in str(told.as_json())
    assert len(told.request) == 8192
    assert "too long" in told.answer


def test_errors_of_one_cause_have_one_signature() -> None:
    names = frozenset({"jane.doe", "Zoe", "q2819c223"})
    with reaching(Quirks(poisoned=names)) as (target, _):
        errors = [refusal(target, person(name)) for name in sorted(names)]
        target.create("User", person("bob"))
        other = refusal(target, person("bob"))
    assert len({signature(error) for error in errors}) == 1
    assert errors[0].shape == "value # of department is too long"
    assert signature(other) != signature(errors[0])
