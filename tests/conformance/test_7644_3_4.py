"""RFC 7644 section 3.4: reading and querying, by GET and by POST."""

from typing import Any
from urllib.parse import quote

import pytest

from scim.protocol import urns
from tests.scim.answers import body_of, create_group, read, refusal, set_client
from tests.scim.conftest import USER, Provider
from tests.scim.defining import DEVICES, define, post_device


@pytest.fixture(name="staffed")
def _staffed(provider: Provider) -> Provider:
    """Three people and a group."""
    provider.create("ada", title="b", active=True, emails=[{"value": "a@x.test", "type": "work"}])
    provider.create("Bob", title="A", active=False, emails=[{"value": "b@x.test", "type": "home"}])
    provider.create("cyd", emails=[{"value": "a@x.test", "type": "home"}, {"value": "c@x.test", "type": "work"}])
    create_group(provider, "crew")
    return provider


def _names(provider: Provider, query: str) -> list[str]:
    return [one["userName"] for one in read(provider, f"/Users?{query}").get("Resources", ())]


def _matching(provider: Provider, expression: str) -> list[str]:
    return _names(provider, f"filter={quote(expression)}")


def _search(provider: Provider, path: str = "/Users", **members: Any) -> Any:
    return provider.send("POST", f"{path}/.search", {"schemas": [urns.SEARCH_REQUEST], **members})


@pytest.mark.rfc("7644#3.4.2-1")
def test_unknown_parameter_is_ignored(staffed: Provider) -> None:
    assert _names(staffed, "colour=red&filter=userName%20eq%20%22ada%22&x") == ["ada"]


@pytest.mark.rfc("7644#3.4.2-2", "7644#3.4.2-3", "7644#3.4.2-4", "7644#3.4.2-5")
def test_list_says_what_it_is_and_what_part_of_how_many(staffed: Provider) -> None:
    page = read(staffed, "/Users?startIndex=2&count=1")
    assert page["schemas"] == [urns.LIST_RESPONSE]
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"], len(page["Resources"])) == (3, 2, 1, 1)


@pytest.mark.rfc("7644#3.4.2-6", "7644#3.4.2.2-1")
def test_query_that_finds_nothing_is_a_success(staffed: Provider) -> None:
    found = read(staffed, "/Users?filter=userName%20eq%20%22dan%22")
    assert (found["totalResults"], found["Resources"]) == (0, [])
    assert _matching(staffed, 'title eq "a"') == ["Bob"]


@pytest.mark.rfc("7644#3.4.2.1-1", "7644#3.4.2.1-3", "7644#3.4.2.1-4")
def test_query_at_the_root_goes_through_every_type(staffed: Provider) -> None:
    define(staffed, *DEVICES)
    body_of(post_device(staffed, serial="a"), 201)
    everything = read(staffed, "/?count=100")
    kinds = [one["meta"]["resourceType"] for one in everything["Resources"]]
    assert (everything["totalResults"], sorted(kinds)) == (5, ["Device", "Group", "User", "User", "User"])
    for expression, count in (
        ('meta.resourceType eq "User" or meta.resourceType eq "Group"', 4),
        ("not (serial pr)", 4),
        ('title eq "A"', 1),
    ):
        assert read(staffed, f"/?filter={quote(expression)}")["totalResults"] == count, expression


BROKEN = [
    "userName",
    "eq",
    'eq "ada"',
    "userName eq",
    "userName pr pr",
    'userName eq "ada" and',
    "(userName pr",
    "emails[type pr",
    "not userName pr",
    'emails.type.x eq "y"',
    'emails[userName eq "ada"]',
    'userName eq "ada" userName eq "bob"',
]


@pytest.mark.rfc("7644#3.4.2.2-2", "7644#3.4.2.2-5", "7644#3.4.2.2-6", "7644#3.4.3-5")
@pytest.mark.parametrize("expression", BROKEN)
def test_filter_that_breaks_the_grammar_is_refused(staffed: Provider, expression: str) -> None:
    refusal(staffed.send("GET", f"/Users?filter={quote(expression)}"), 400, "invalidFilter")
    refusal(_search(staffed, filter=expression), 400, "invalidFilter")


@pytest.mark.rfc("7644#3.4.2.2-3")
@pytest.mark.parametrize("operator", ["gt", "ge", "lt", "le"])
@pytest.mark.parametrize("compared", ["active {} true", 'x509Certificates.value {} "TUlJ"'])
def test_order_of_booleans_and_binaries_is_refused(staffed: Provider, operator: str, compared: str) -> None:
    refusal(staffed.send("GET", f"/Users?filter={quote(compared.format(operator))}"), 400, "invalidFilter")


@pytest.mark.rfc("7644#3.4.2.2-4")
def test_brackets_speak_of_one_value(staffed: Provider) -> None:
    assert _matching(staffed, 'emails[type eq "work" and value eq "a@x.test"]') == ["ada"]
    assert _matching(staffed, 'emails.type eq "work" and emails.value eq "a@x.test"') == ["ada", "cyd"]


@pytest.mark.rfc("7644#3.4.2.2-7")
@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ('userName eq "ada" or userName eq "bob" and title eq "b"', ["ada"]),
        ('(userName eq "ada" or userName eq "bob") and title eq "A"', ["Bob"]),
        ('not (userName eq "ada") and title pr', ["Bob"]),
        ('not (userName eq "ada" and title pr)', ["Bob", "cyd"]),
        ('userName eq "cyd" and title pr or userName eq "ada"', ["ada"]),
    ],
)
def test_brackets_bind_before_not_and_or(staffed: Provider, expression: str, found: list[str]) -> None:
    assert _matching(staffed, expression) == found


@pytest.mark.rfc("7644#3.4.2.2-8", "7644#3.4.2.2-10")
@pytest.mark.parametrize(
    "expression", ['formatted eq "x"', 'name formatted eq "x"', 'userName regex ".*"', 'userName eqq "x"']
)
def test_part_without_its_attribute_and_unknown_operator_are_refused(staffed: Provider, expression: str) -> None:
    refusal(staffed.send("GET", f"/Users?filter={quote(expression)}"), 400, "invalidFilter")


@pytest.mark.rfc("7644#3.4.2.2-9")
def test_default_is_compared_as_it_was_returned(staffed: Provider) -> None:
    dan = staffed.create("dan")
    assert dan["active"] is True
    assert "dan" in _matching(staffed, "active eq true")


@pytest.mark.rfc("7644#3.4.2.3-1", "7644#3.4.2.3-2", "7644#3.4.2.3-3", "7644#3.4.3-6")
def test_list_is_sorted_by_type_and_upwards_by_default(staffed: Provider) -> None:
    assert _names(staffed, "sortBy=userName") == ["ada", "Bob", "cyd"]
    assert _names(staffed, "sortBy=userName&sortOrder=descending") == ["cyd", "Bob", "ada"]
    assert _names(staffed, "sortBy=title")[:2] == ["Bob", "ada"]
    found = body_of(_search(staffed, sortBy="userName", sortOrder="descending"))
    assert [one["userName"] for one in found["Resources"]] == ["cyd", "Bob", "ada"]
    define(staffed, *DEVICES)
    for serial in ("b", "A", "a"):
        body_of(post_device(staffed, serial=serial), 201)
    assert [one["serial"] for one in read(staffed, "/Devices?sortBy=serial")["Resources"]] == ["A", "a", "b"]


@pytest.mark.rfc("7644#3.4.2.4-2", "7644#3.4.2.4-3", "7644#3.4.2.4-4", "9865#2-2", "9865#2-3")
def test_page_is_brought_within_its_bounds(staffed: Provider) -> None:
    for start in (0, -7, 1):
        assert read(staffed, f"/Users?startIndex={start}&count=2")["startIndex"] == 1
    assert len(read(staffed, "/Users?count=2")["Resources"]) == 2
    assert len(read(staffed, "/Users?count=2&cursor=")["Resources"]) == 2
    for paging in ("", "&cursor="):
        counted = read(staffed, f"/Users?count=-1{paging}")
        assert (counted["totalResults"], counted.get("Resources", [])) == (3, [])


@pytest.mark.rfc("7644#3.4.2.5-1", "7644#3.4.2.5-2", "7644#3.4.2.5-3", "7644#3.4.2.5-4", "7644#3.4.3-3", "7644#3.4.3-4")
def test_both_lists_of_attributes_decide_what_is_shown(staffed: Provider) -> None:
    for shown in (
        read(staffed, "/Users?attributes=emails.value,title")["Resources"][0],
        body_of(_search(staffed, attributes=["emails.value", "title"]))["Resources"][0],
    ):
        assert set(shown) == {"schemas", "id", "emails", "title"}
        assert shown["emails"] == [{"value": "a@x.test"}]
    for shown in (
        read(staffed, "/Users?excludedAttributes=emails.type,id,title,meta")["Resources"][0],
        body_of(_search(staffed, excludedAttributes=["emails.type", "id", "title", "meta"]))["Resources"][0],
    ):
        assert set(shown) == {"schemas", "id", "userName", "active", "emails"}
        assert shown["emails"] == [{"value": "a@x.test"}]


@pytest.mark.rfc("7644#3.4.3-1", "7644#3.4.3-2")
@pytest.mark.parametrize("path", ["/Users", "/Groups", ""])
def test_search_is_a_query_that_says_so(staffed: Provider, path: str) -> None:
    found = body_of(_search(staffed, path, count=1))
    assert found["schemas"] == [urns.LIST_RESPONSE]
    assert found["Resources"] == read(staffed, f"{path or '/'}?count=1")["Resources"]
    set_client(staffed, strict=True)
    refusal(staffed.send("POST", f"{path}/.search", {"schemas": [USER], "count": 1}), 400, "invalidSyntax")


@pytest.mark.rfc("7644#3.4.3-7")
def test_search_is_sorted_by_a_name_alone(staffed: Provider) -> None:
    refusal(_search(staffed, sortBy='emails[type eq "work"]'), 400, "invalidPath")
    refusal(_search(staffed, sortBy="colour"), 400, "invalidPath")
