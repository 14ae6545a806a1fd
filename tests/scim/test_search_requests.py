"""Searches by POST and queries at the root (RFC 7644 sections 3.4.2.1 and 3.4.3)."""

from typing import Any

import pytest

from scim.protocol import urns
from tests.scim.answers import body_of, read, refusal
from tests.scim.conftest import Provider


@pytest.fixture(name="mixed")
def _mixed(provider: Provider) -> Provider:
    """A provider with people and groups whose names mix: ann is in the group cell, and that in the group abc."""
    ann = provider.create("ann", displayName="ann", title="boss")
    provider.create("dora", displayName="Dora")
    cell = _group(provider, "cell", ann["id"])
    _group(provider, "abc", cell["id"])
    return provider


def _group(provider: Provider, name: str, *members: str) -> Any:
    body = {"schemas": [urns.GROUP], "displayName": name, "members": [{"value": one} for one in members]}
    return body_of(provider.send("POST", "/Groups", body), 201)


def _search(provider: Provider, path: str, **asked: Any) -> Any:
    return body_of(provider.send("POST", f"{path}/.search", {"schemas": [urns.SEARCH_REQUEST], **asked}))


def _names(page: Any) -> list[str]:
    return [one["displayName"] for one in page["Resources"]]


@pytest.mark.rfc("7644#3.4.3")
def test_search_answers_what_get_answers(mixed: Provider) -> None:
    assert _search(mixed, "/Users", filter='userName eq "ANN"') == read(mixed, '/Users?filter=userName%20eq%20"ANN"')
    assert _names(_search(mixed, "/Groups", sortBy="displayName", startIndex=2, count=1)) == ["cell"]
    assert _search(mixed, "/Users", attributes=["userName"], COUNT=1, unknown={})["itemsPerPage"] == 1


@pytest.mark.rfc("7644#3.4.2.1")
@pytest.mark.parametrize("root", ["", "/"])
def test_root_shows_every_type_in_one_order(mixed: Provider, root: str) -> None:
    page = read(mixed, f"{root}?sortBy=displayName")
    assert _names(page) == ["abc", "ann", "cell", "Dora"]
    assert page["totalResults"] == 4
    assert [one["meta"]["resourceType"] for one in page["Resources"]] == ["Group", "User", "Group", "User"]
    pages = [read(mixed, f"{root}?count=2&startIndex={start}") for start in (1, 3)]
    assert [page["totalResults"] for page in pages] == [4, 4]
    assert _names(pages[0]) + _names(pages[1]) == ["ann", "Dora", "cell", "abc"]


@pytest.mark.rfc("7644#3.4.3")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('meta.resourceType eq "Group"', ["abc", "cell"]),
        ('meta.resourceType eq "User" or displayName eq "ABC"', ["abc", "ann", "Dora"]),
        ("title pr", ["ann"]),
        ("members pr", ["abc", "cell"]),
        ('groups.type eq "indirect"', ["ann"]),
        ('userName eq "dora"', ["Dora"]),
        ('not (userName eq "dora")', ["abc", "ann", "cell"]),
        ('displayName sw "a"', ["abc", "ann"]),
        ('emails.value eq "a@b" or displayName eq "cell"', ["cell"]),
        ('meta.location co "/Groups/"', ["abc", "cell"]),
        ('urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ann"', ["ann"]),
    ],
)
def test_filter_at_the_root_may_name_what_some_types_alone_have(mixed: Provider, text: str, found: list[str]) -> None:
    page = _search(mixed, "", filter=text, sortBy="displayName")
    assert (_names(page), page["totalResults"]) == (found, len(found))


def test_walk_at_the_root_mixes_types_and_leaves_nobody_out(mixed: Provider) -> None:
    asked = {"sortBy": "title", "sortOrder": "descending", "count": 1}
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = _search(mixed, "", **asked, cursor=cursor)
        found += _names(page)
        cursor = page.get("nextCursor")
    assert found == _names(_search(mixed, "", **{**asked, "count": 10}))
    assert len(found) == 4


def test_projection_at_the_root_is_by_type(mixed: Provider) -> None:
    page = _search(mixed, "", attributes=["members.value", "userName", "groups.display"], sortBy="displayName")
    shown = [set(one) - {"schemas", "id"} for one in page["Resources"]]
    assert shown == [{"members"}, {"userName", "groups"}, {"members"}, {"userName"}]


@pytest.mark.parametrize("path", ["", "/Users", "/Groups"])
@pytest.mark.parametrize(
    ("asked", "scim_type"),
    [
        ({"filter": "nothing eq 1"}, "invalidFilter"),
        ({"filter": 1}, "invalidFilter"),
        ({"sortBy": "nothing"}, "invalidPath"),
        ({"attributes": 5}, "invalidValue"),
        ({"count": True}, "invalidValue"),
        ({"cursor": 5}, "invalidCursor"),
        ({"count": 1, "Count": 2}, "invalidSyntax"),
        ({"schemas": 5}, "invalidSyntax"),
    ],
)
def test_malformed_search_is_refused(provider: Provider, path: str, asked: Any, scim_type: str) -> None:
    refusal(provider.send("POST", f"{path}/.search", asked), 400, scim_type)


def test_search_needs_no_more_than_the_right_to_read(mixed: Provider) -> None:
    reader = mixed.holds(scopes=["scim:read"])
    assert _search(reader, "/Users")["totalResults"] == 2
    assert _search(reader, "")["totalResults"] == 4
    refusal(reader.send("POST", "/Users", {}), 403)


@pytest.mark.parametrize("path", ["/.search", "/Users/.search"])
def test_search_takes_no_other_method(provider: Provider, path: str) -> None:
    refusal(provider.send("GET", path), 405)


def test_loop_of_groups_is_refused_with_its_path(mixed: Provider) -> None:
    groups = {one["displayName"]: one["id"] for one in read(mixed, "/Groups")["Resources"]}
    add = {"op": "add", "path": "members", "value": [{"value": groups["abc"]}]}
    body = {"schemas": [urns.PATCH_OP], "Operations": [add]}
    detail = refusal(mixed.send("PATCH", f"/Groups/{groups['cell']}", body), 400, "invalidValue")
    assert "cell > abc > cell" in detail
    detail = refusal(mixed.send("PATCH", f"/Groups/{groups['abc']}", body), 400, "invalidValue")
    assert "abc > abc" in detail
