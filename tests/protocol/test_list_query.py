"""Sorting, index pagination and the parameters of a list (RFC 7644 section 3.4.2)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.protocol import bounds, urns
from scim.protocol.dialects.base import Reading
from scim.protocol.errors import ScimError
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.list_query import ListQuery, read_list_query
from scim.protocol.pagination import PageRequest, read_page
from scim.protocol.schemas import BUILT_IN
from scim.protocol.sorting import read_sort, sort_documents
from tests.protocol.shapes import BADGED_USER, LAB


def query(**parameters: Json) -> ListQuery:
    return read_list_query(parameters, namespace=BADGED_USER.namespace, reading=Reading())


def refusal_of(**parameters: Json) -> str | None:
    with pytest.raises(ScimError) as caught:
        query(**parameters)
    return caught.value.scim_type


def order(documents: list[JsonObject], by: str, direction: Json = None) -> str:
    """The ids of the documents in their order, each one letter."""
    sort = read_sort(by, direction, namespace=BADGED_USER.namespace, reading=Reading())
    return "".join(document["id"] for document in sort_documents(documents, sort))


def users(path: str, *values: Any) -> list[JsonObject]:
    """Users a, b, c ... with these values; None leaves the value out."""
    return [
        {"id": letter, **({} if value is None else {path: value})}
        for letter, value in zip("abcdef", values, strict=False)
    ]


def test_case_matters_where_the_attribute_says_so() -> None:
    assert order(users("userName", "b", "C", "a"), "userName") == "cab"
    assert order(users("externalId", "b", "C", "a"), "externalId") == "bca"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("number", (10, 9, -1)),
        ("height", (2.5, 2, 0.5)),
        ("valid", (True, False, False)),
        ("issued", ("2024-01-01T00:00:00Z", "2024-01-01T00:30:00+01:00", "2023-12-31T23:00:00Z")),
    ],
)
def test_values_are_sorted_as_their_type_says(name: str, values: tuple[Any, ...]) -> None:
    documents = [{"id": letter, LAB: {name: value}} for letter, value in zip("abc", values, strict=True)]
    expected = "bca" if name == "valid" else "cba"
    assert order(documents, f"{LAB}:{name}") == expected


def test_what_has_no_value_comes_last_and_first_when_descending() -> None:
    documents = users("title", None, "B", "A", None)
    assert order(documents, "title") == "cbad"
    assert order(documents, "title", "descending") == "adbc"


def test_equal_values_are_sorted_by_id_in_both_directions() -> None:
    documents = [*reversed(users("title", "x", "X", "x"))]
    assert order(documents, "title") == order(documents, "title", "DESCENDING") == "abc"


def test_several_values_are_sorted_by_the_primary_or_the_first_one() -> None:
    documents = users("emails", [{"value": "z"}, {"value": "a", "primary": True}], [{"value": "b"}, {"value": "0"}])
    assert order(documents, "emails.value") == order(documents, "emails") == "ab"


def test_simple_values_are_sorted_by_the_first_one() -> None:
    documents: list[JsonObject] = [
        {"id": "a", LAB: {"doors": ["z", "a"]}},
        {"id": "b", LAB: {"doors": ["b"]}},
        {"id": "c"},
    ]
    assert order(documents, f"{LAB}:doors") == "bac"


def test_without_sort_by_the_order_is_that_of_the_ids() -> None:
    assert order([*reversed(users("title", "b", "a"))], "") == "ab"
    assert query(sortOrder="descending").sort is None


@pytest.mark.parametrize("path", ["favouriteColour", "name", "password", urns.USER, 7, 'emails[type eq "work"]'])
def test_what_nobody_can_sort_by_is_refused_as_invalid_path(path: Json) -> None:
    assert refusal_of(sortBy=path) == "invalidPath"


@pytest.mark.parametrize("direction", ["up", 1, ["ascending"]])
def test_an_unknown_order_is_refused_as_invalid_value(direction: Json) -> None:
    assert refusal_of(sortBy="title", sortOrder=direction) == "invalidValue"


@pytest.mark.parametrize(
    ("start", "count", "page"),
    [
        (None, None, PageRequest(1, 100)),
        ("", "", PageRequest(1, 100)),
        ("11", "10", PageRequest(11, 10)),
        (11, 10, PageRequest(11, 10)),
        ("0", "0", PageRequest(1, 0)),
        ("-5", "-1", PageRequest(1, 0)),
        ("+2", "007", PageRequest(2, 7)),
        ("1", "1001", PageRequest(1, 1000)),
        ("9" * 100, "9" * 100, PageRequest(bounds.INTEGER_MAX, 1000)),
        (-(10**30), 10**30, PageRequest(1, 1000)),
    ],
)
def test_t31_pages_are_clamped(start: Json, count: Json, page: PageRequest) -> None:
    assert read_page(start, count) == page
    assert page.offset == page.start_index - 1


@pytest.mark.parametrize("number", ["x", "1.0", "1e3", " 1", "٣", "--1", "9" * 200, 1.0, True, [1], {}])
def test_t31_what_is_no_whole_number_is_refused(number: Json) -> None:
    assert refusal_of(startIndex=number) == refusal_of(count=number) == "invalidValue"


def test_all_parameters_are_read_whatever_the_case_of_their_names() -> None:
    found = query(
        FILTER='userName eq "a"', Attributes="userName", sortby="title", SortOrder="descending", count="5", x="y"
    )
    assert str(found.filter) == 'userName eq "a"'
    assert found.projection.attributes == frozenset({"username"})
    assert found.sort is not None
    assert (found.sort.path.text, found.sort.descending) == ("title", True)
    assert found.page == PageRequest(1, 5)


def test_no_parameters_ask_for_the_first_page_of_everything() -> None:
    assert query() == ListQuery()


@pytest.mark.parametrize("text", ["", 7, "userName"])
def test_what_is_no_filter_is_refused_as_invalid_filter(text: Json) -> None:
    assert refusal_of(filter=text) == "invalidFilter"


def test_a_query_at_the_root_knows_the_names_of_all_types() -> None:
    found = read_list_query(
        {"sortBy": "displayName", "attributes": "members"}, namespace=BUILT_IN.namespace, reading=Reading()
    )
    assert found.sort is not None
    assert found.projection.attributes == frozenset({"members"})


@given(
    st.dictionaries(
        st.sampled_from(["attributes", "excludedAttributes", "sortBy", "sortOrder", "startIndex", "count", "filter"]),
        st.text(max_size=8) | st.integers() | st.lists(st.text(max_size=3)) | st.sampled_from(["id", "emails", "7"]),
    ),
)
def test_any_parameters_are_read_or_refused(parameters: dict[str, Json]) -> None:
    try:
        found = query(**parameters)
    except ScimError as error:
        assert error.status == 400  # noqa: PT017 - a refusal is one of two fair outcomes
    else:
        assert 0 <= found.page.count <= bounds.PAGE_MAX
