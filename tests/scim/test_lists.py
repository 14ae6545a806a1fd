"""Lists over HTTP: filters, order, pages, and what of each resource is shown (RFC 7644 section 3.4.2)."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest

from scim.protocol import urns
from tests.scim.answers import create_group, members_of, operation, patch, read, refusal
from tests.scim.conftest import USER, Provider

LAB = urns.ENTERPRISE_USER
PEOPLE: tuple[dict[str, Any], ...] = (
    {"userName": "cy@lab.test", "title": "Technician", "active": False, "name": {"familyName": "Cole"}},
    {"userName": "Ada@lab.test", "title": "engineer", "emails": [{"value": "ada@work.test", "type": "work"}]},
    {"userName": "bob@lab.test", LAB: {"department": "Optics"}, "emails": [{"value": "bob@home.test", "type": "home"}]},
)


@pytest.fixture
def people(provider: Provider) -> list[dict[str, Any]]:
    """Cy, Ada and Bob, in the order of their creation."""
    return [provider.create(**{"user_name": one["userName"], **one}) for one in PEOPLE]


def _names(provider: Provider, **query: Any) -> list[str]:
    found = read(provider, f"/Users?{urlencode(query, quote_via=quote)}")
    return [one["userName"].partition("@")[0].lower() for one in found["Resources"]]


@pytest.mark.rfc("7644#3.4.2.2")
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('title eq "ENGINEER"', ["ada"]),
        ('title ne "engineer"', ["cy", "bob"]),
        ("title pr", ["cy", "ada"]),
        ("not (title pr)", ["bob"]),
        ('userName co "LAB"', ["cy", "ada", "bob"]),
        ('userName sw "b"', ["bob"]),
        ('emails.value ew "work.test"', ["ada"]),
        ('emails[type eq "home" and value co "bob"]', ["bob"]),
        ("active eq false", ["cy"]),
        (f'{LAB}:department eq "optics"', ["bob"]),
        ('name.familyName eq "cole" or title eq "engineer"', ["cy", "ada"]),
        ('userName sw "a" and (title pr or active eq false)', ["ada"]),
        ('meta.created gt "2020-01-01T00:00:00Z" and userName sw "c"', ["cy"]),
        ('meta.resourceType eq "User" and userName sw "b"', ["bob"]),
        ("groups pr", []),
    ],
)
def test_filter_finds_those_it_describes(
    provider: Provider, people: list[dict[str, Any]], text: str, names: list[str]
) -> None:
    assert _names(provider, filter=text) == names


def test_filter_by_id_finds_one(provider: Provider, people: list[dict[str, Any]]) -> None:
    assert _names(provider, filter=f'id eq "{people[1]["id"]}"') == ["ada"]


def test_filter_sees_what_a_patch_changed(provider: Provider, people: list[dict[str, Any]]) -> None:
    patch(provider, f"/Users/{people[0]['id']}", operation("replace", "title", value="Engineer"))
    assert _names(provider, filter='title eq "engineer"') == ["cy", "ada"]
    assert _names(provider, filter='title eq "technician"') == []


@pytest.mark.parametrize(
    ("text", "position"),
    [("title zz 1", 6), ('title eq "a" nor active eq true', 13), ('(title eq "a"', 13), ('shoe.size eq "4"', 0)],
)
def test_refused_filter_tells_the_position(provider: Provider, text: str, position: int) -> None:
    detail = refusal(provider.send("GET", f"/Users?filter={quote(text)}"), 400, "invalidFilter")
    assert str(position + 1) in detail


@pytest.mark.parametrize(
    ("text"),
    [
        "x" * (8 * 1024 + 1),
        " or ".join(["title pr"] * 65),
        "(" * 17 + "title pr" + ")" * 17,
        " or ".join(['title co "x"'] * 9),
    ],
    ids=["bytes", "terms", "depth", "substrings"],
)
def test_filter_beyond_a_bound_is_refused(provider: Provider, text: str) -> None:
    refusal(provider.send("GET", f"/Users?filter={quote(text)}"), 400, "invalidFilter")


@pytest.mark.rfc("7644#3.4.2.3")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"sortBy": "userName"}, ["ada", "bob", "cy"]),
        ({"sortBy": "USERNAME", "sortOrder": "Descending"}, ["cy", "bob", "ada"]),
        ({"sortBy": "title"}, ["ada", "cy", "bob"]),
        ({"sortBy": "title", "sortOrder": "descending"}, ["bob", "cy", "ada"]),
        ({"sortBy": "name.familyName"}, ["cy", "ada", "bob"]),
        ({"sortBy": f"{LAB}:department"}, ["bob", "cy", "ada"]),
        ({"sortBy": "meta.created", "sortOrder": "descending"}, ["bob", "ada", "cy"]),
        ({"sortBy": "userName", "startIndex": 2, "count": 1}, ["bob"]),
    ],
    ids=str,
)
def test_list_comes_in_the_order_that_is_asked_for(
    provider: Provider, people: list[dict[str, Any]], query: dict[str, Any], names: list[str]
) -> None:
    """Who has no value comes last in ascending order and first in descending (section 3.4.2.3)."""
    assert _names(provider, **query) == names


@pytest.mark.parametrize("query", ["sortBy=shoeSize", "sortBy=userName&sortOrder=sideways"])
def test_order_that_cannot_be_is_refused(provider: Provider, query: str) -> None:
    keyword = "invalidPath" if "shoe" in query else "invalidValue"
    refusal(provider.send("GET", f"/Users?{query}"), 400, keyword)


@pytest.mark.rfc("7644#3.4.2.4")
@pytest.mark.parametrize("sort", ["", "&sortBy=title", "&sortBy=userName&sortOrder=descending"])
def test_pages_together_are_the_whole_list(provider: Provider, sort: str) -> None:
    made = {provider.create(f"user{number}@lab.test", title="same")["id"] for number in range(7)}
    pages = [read(provider, f"/Users?startIndex={start}&count=3{sort}") for start in (1, 4, 7)]
    assert [page["itemsPerPage"] for page in pages] == [3, 3, 1]
    assert {page["totalResults"] for page in pages} == {7}
    shown = [one["id"] for page in pages for one in page["Resources"]]
    assert (len(shown), set(shown)) == (7, made)


def test_count_of_nothing_asks_for_the_total_alone(provider: Provider, people: list[dict[str, Any]]) -> None:
    found = read(provider, "/Users?count=0&filter=title%20pr")
    assert (found["totalResults"], found["itemsPerPage"], found["Resources"]) == (2, 0, [])


def test_page_is_a_hundred_unless_asked_otherwise(provider: Provider) -> None:
    for number in range(101):
        create_group(provider, f"Group {number}")
    assert read(provider, "/Groups")["itemsPerPage"] == 100
    assert read(provider, "/Groups?count=5000")["itemsPerPage"] == 101


SHOWN: dict[str, set[str]] = {
    "attributes=userName": {"schemas", "id", "userName"},
    "attributes=USERNAME,title": {"schemas", "id", "userName", "title"},
    "attributes=nothing": {"schemas", "id"},
    "attributes=emails.value": {"schemas", "id", "emails"},
    f"attributes={USER}:userName": {"schemas", "id", "userName"},
    "attributes=meta": {"schemas", "id", "meta"},
    "attributes=password": {"schemas", "id"},
    "excludedAttributes=emails,meta,active": {"schemas", "id", "userName", "title"},
    "excludedAttributes=id,schemas,meta,active,title,emails": {"schemas", "id", "userName"},
}


@pytest.mark.rfc("7644#3.4.2.5", "7644#3.9")
@pytest.mark.parametrize("query", SHOWN)
@pytest.mark.parametrize("is_list", [True, False], ids=["list", "one"])
def test_answer_shows_what_is_asked_for(
    provider: Provider,
    people: list[dict[str, Any]],
    query: str,
    is_list: bool,  # a column
) -> None:
    ada = people[1]["id"]
    if is_list:
        (found,) = read(provider, f"/Users?filter=id%20eq%20%22{ada}%22&{query}")["Resources"]
    else:
        found = read(provider, f"/Users/{ada}?{query}")
    assert set(found) == SHOWN[query]


def test_part_of_an_attribute_is_shown_alone(provider: Provider, people: list[dict[str, Any]]) -> None:
    assert read(provider, f"/Users/{people[1]['id']}?attributes=emails.value")["emails"] == [{"value": "ada@work.test"}]


def test_both_lists_of_attributes_exclude_each_other(provider: Provider) -> None:
    refusal(provider.send("GET", "/Users?attributes=title&excludedAttributes=emails"), 400, "invalidValue")


def test_members_are_left_out_where_they_are_not_wanted(provider: Provider) -> None:
    group = create_group(provider, "Lab", provider.create("ada@lab.test")["id"])
    assert "members" not in read(provider, f"/Groups/{group['id']}?excludedAttributes=members")
    assert "members" not in read(provider, "/Groups?excludedAttributes=members")["Resources"][0]
    assert read(provider, "/Groups")["Resources"] == [group]
    assert len(members_of(provider, group)) == 1


def test_groups_of_users_are_left_out_where_they_are_not_wanted(provider: Provider) -> None:
    ada = provider.create("ada@lab.test")["id"]
    create_group(provider, "Lab", ada)
    assert "groups" not in read(provider, "/Users?attributes=userName")["Resources"][0]
    assert "groups" not in read(provider, f"/Users/{ada}?excludedAttributes=groups")


def test_list_of_groups_holds_groups_alone(provider: Provider, people: list[dict[str, Any]]) -> None:
    assert (read(provider, "/Groups")["totalResults"], read(provider, "/Users")["totalResults"]) == (0, 3)
    assert read(provider, "/Groups")["Resources"] == []
