"""Messages around resources (RFC 7644 section 3.4.2, RFC 9865 section 2)."""

import pytest

from scim.protocol import urns
from scim.protocol.dialects.base import STRICT, Reading
from scim.protocol.errors import ScimError
from scim.protocol.messages import list_response, read_members

NAMES = ("filter", "startIndex")


def test_an_empty_list_still_has_its_array() -> None:
    assert list_response([], total_results=0, start_index=1) == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 0,
        "startIndex": 1,
        "itemsPerPage": 0,
        "Resources": [],
    }


def test_a_page_of_a_cursor_has_its_cursors_and_no_start_index() -> None:
    body = list_response([{"id": "1"}], total_results=9, previous_cursor="p", next_cursor="n")
    assert (body["previousCursor"], body["nextCursor"], body["itemsPerPage"]) == ("p", "n", 1)
    assert "startIndex" not in body


def test_members_of_a_message_are_found_whatever_their_case() -> None:
    reading = Reading()
    body = {"SCHEMAS": [urns.SEARCH_REQUEST], "FILTER": "a pr", "startindex": 2, "other": 1}
    assert read_members(body, NAMES, urn=urns.SEARCH_REQUEST, reading=reading) == {"filter": "a pr", "startIndex": 2}
    assert not reading.notes


@pytest.mark.parametrize(
    ("schemas", "code"), [(None, "W_NO_SCHEMAS"), ([], "W_NO_SCHEMAS"), ([urns.PATCH_OP], "W_SCHEMA_URI")]
)
def test_a_message_without_its_urn_earns_a_warning(schemas: object, code: str) -> None:
    reading = Reading()
    read_members({"schemas": schemas}, NAMES, urn=urns.SEARCH_REQUEST, reading=reading)
    assert reading.codes == (code,)
    with pytest.raises(ScimError):
        read_members({"schemas": schemas}, NAMES, urn=urns.SEARCH_REQUEST, reading=Reading(STRICT))


@pytest.mark.parametrize("body", [{"filter": "a pr", "Filter": "b pr"}, {"schemas": "urn"}, {"schemas": [1]}])
def test_a_message_of_wrong_structure_is_refused_as_invalid_syntax(body: dict[str, object]) -> None:
    with pytest.raises(ScimError) as caught:
        read_members(body, NAMES, urn=urns.SEARCH_REQUEST, reading=Reading())
    assert caught.value.scim_type == "invalidSyntax"
