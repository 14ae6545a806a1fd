"""/Groups/{id}/members: a group's members a page at a time."""

from collections.abc import Callable
from typing import Any

import pytest
import uuid_utils

from labsninja.kernel.postgresql.pipeline import Pipeline
from scim.protocol import urns
from scim.protocol.json_input import JsonObject
from tests.scim.answers import body_of, read, refusal
from tests.scim.conftest import Provider


@pytest.fixture(name="listed")
def _listed(provider: Provider) -> tuple[Provider, str, Any]:
    """A group of five people and one group: the provider, the list's address, the members as the group shows them."""
    people = [provider.create(f"user{number}")["id"] for number in range(5)]
    inner = _create_group(provider, "inner", [])["id"]
    group = _create_group(provider, "outer", [*people, inner, "nobody-yet"])
    return provider, f"/Groups/{group['id']}/members", group["members"]


def _create_group(provider: Provider, name: str, members: list[str]) -> JsonObject:
    body = {"schemas": [urns.GROUP], "displayName": name, "members": [{"value": one} for one in members]}
    created: JsonObject = body_of(provider.send("POST", "/Groups", body), 201)
    return created


@pytest.mark.capability("member-list")
def test_pages_hold_the_members_as_the_group_shows_them(listed: tuple[Provider, str, Any]) -> None:
    provider, path, members = listed
    page = read(provider, f"{path}?startIndex=2&count=3")
    assert page["schemas"] == [urns.LIST_RESPONSE]
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (6, 2, 3)
    assert page["Resources"] == members[1:4]
    first = read(provider, f"{path}?count=4&cursor")
    second = read(provider, f"{path}?count=4&cursor={first['nextCursor']}")
    assert first["Resources"] + second["Resources"] == members
    assert "nextCursor" not in second
    back = read(provider, f"{path}?count=4&cursor={second['previousCursor']}")
    assert back["Resources"] == members[:4]
    assert "previousCursor" not in back


@pytest.mark.parametrize(
    ("text", "found"),
    [('type eq "group"', ["inner"]), ('display sw "USER"', [f"user{n}" for n in range(5)]), ('value eq "x"', [])],
)
def test_filter_is_that_of_a_value_path(listed: tuple[Provider, str, Any], text: str, found: list[str]) -> None:
    provider, path, _members = listed
    page = read(provider, f"{path}?filter={text.replace(' ', '%20')}")
    assert [one["display"] for one in page["Resources"]] == found
    assert page["totalResults"] == len(found)


def test_search_by_post_answers_what_get_answers(listed: tuple[Provider, str, Any]) -> None:
    provider, path, _members = listed
    reader = provider.holds(scopes=["scim:read"])
    asked = {"schemas": [urns.SEARCH_REQUEST], "filter": 'type eq "User"', "count": 2, "startIndex": 2}
    found = body_of(reader.send("POST", f"{path}/.search", asked))
    assert found == read(provider, f"{path}?filter=type%20eq%20%22User%22&count=2&startIndex=2")
    assert len(found["Resources"]) == 2
    first = body_of(reader.send("POST", f"{path}/.search", {**asked, "startIndex": None, "cursor": ""}))
    second = body_of(
        reader.send("POST", f"{path}/.search", {**asked, "startIndex": None, "cursor": first["nextCursor"]})
    )
    assert len(first["Resources"]) == len(second["Resources"]) == 2
    assert first["Resources"] != second["Resources"]


def test_search_of_members_takes_post_alone(listed: tuple[Provider, str, Any]) -> None:
    provider, path, _members = listed
    refusal(provider.send("GET", f"{path}/.search"), 405)
    refusal(provider.send("POST", path.replace("/Groups/", "/Groups/x") + "/.search", {}), 404)


def test_cursor_of_one_group_leads_nowhere_in_another(listed: tuple[Provider, str, Any]) -> None:
    provider, path, members = listed
    cursor = read(provider, f"{path}?count=1&cursor")["nextCursor"]
    other = next(one["value"] for one in members if one["type"] == "Group")
    refusal(provider.send("GET", f"/Groups/{other}/members?count=1&cursor={cursor}"), 400, "invalidCursor")


def test_list_of_no_group_of_the_tenant_is_a_404(
    listed: tuple[Provider, str, Any], make_provider: Callable[[], Provider]
) -> None:
    provider, path, members = listed
    for lost in (uuid_utils.uuid7(), "x", members[0]["value"]):
        refusal(provider.send("GET", f"/Groups/{lost}/members"), 404)
    refusal(make_provider().send("GET", path), 404)
    refusal(provider.send("GET", f"{path}?filter=userName%20pr"), 400, "invalidFilter")
    refusal(provider.send("POST", path, {}), 405)


def test_group_without_its_members_reads_no_member_rows(
    listed: tuple[Provider, str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    provider, path, _members = listed
    statements: list[str] = []
    execute = Pipeline.execute

    def note(pipeline: Pipeline, statement: str, params: Any) -> Any:
        statements.append(statement)
        return execute(pipeline, statement, params)

    monkeypatch.setattr(Pipeline, "execute", note)
    group = path.removesuffix("/members")
    for asked in (group, "/Groups", "/"):
        read(provider, f"{asked}?excludedAttributes=members,groups")
    assert statements
    assert not [statement for statement in statements if "scim_member" in statement]
    read(provider, group)
    assert [statement for statement in statements if "scim_member" in statement]
