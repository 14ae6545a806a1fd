"""Documents as they are searched."""

from typing import Any

import pytest

from scim.protocol.schemas import GROUP, USER
from scim.protocol.search_document import search_document
from tests.protocol.shapes import BADGED_USER, LAB, document


def _badge(**attributes: Any) -> dict[str, Any]:
    body = {"userName": "Anna", LAB: attributes}
    badge: dict[str, Any] = search_document(BADGED_USER, document(body)).get(LAB, {})
    return badge


def test_text_is_folded_as_its_attribute_says() -> None:
    body = {"userName": "\ufb01N", "externalId": "ABC", "emails": [{"value": "A@B", "type": "Work"}]}
    found = search_document(USER, document(body))
    assert found["userName"] == "fin"
    assert found["externalId"] == "ABC"
    assert found["emails"] == [{"value": "a@b", "type": "work"}]


@pytest.mark.parametrize(
    "text", ["2024-01-01T01:00:00.5+01:00", "2024-01-01T00:00:00.500000Z", "2024-01-01T00:00:00.5"]
)
def test_spellings_of_one_time_are_one_number(text: str) -> None:
    assert _badge(issued=text) == {"issued": 1704067200500000}


def test_time_that_is_beyond_the_calendar_in_utc_has_its_number() -> None:
    assert _badge(issued="0001-01-01T00:00:00+10:00")["issued"] < _badge(issued="0001-01-01T00:00:00Z")["issued"]


def test_numbers_and_flags_stay_what_they_are() -> None:
    assert _badge(number=7, height=1.5, valid=False) == {"number": 7, "height": 1.5, "valid": False}


def test_whole_number_written_as_a_fraction_is_whole() -> None:
    height = _badge(height=1234567890123456768.0)["height"]
    assert (height, type(height)) == (1234567890123456768, int)


def test_extension_without_a_schema_is_not_searched() -> None:
    body = {"userName": "anna", "urn:unknown:1.0:Bag": {"a": "b"}}
    assert set(search_document(USER, document(body))) == {"schemas", "userName", "active"}


def test_secret_is_not_searched() -> None:
    assert "password" not in search_document(USER, {"userName": "a", "password": "secret"})
    assert search_document(BADGED_USER, {LAB: {"pin": "1234"}}) == {}


def test_what_the_server_assigns_and_what_is_rows_is_left_out() -> None:
    shown = {"id": "1", "meta": {"version": "1"}, "displayName": "Lab", "members": [{"value": "1"}]}
    assert search_document(GROUP, shown) == {"displayName": "lab"}
    assert search_document(USER, {"userName": "a", "groups": [{"value": "1"}]}) == {"userName": "a"}
