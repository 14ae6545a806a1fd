"""Error responses (RFC 7644 section 3.12) and the keywords of table 9."""

import pytest

from scim.protocol.errors import LONGEST_DETAIL, ScimError, ScimType, error_body, invalid_syntax, invalid_value

TABLE_9 = {
    "invalidFilter",
    "tooMany",
    "uniqueness",
    "mutability",
    "invalidSyntax",
    "invalidPath",
    "noTarget",
    "invalidValue",
    "invalidVers",
    "sensitive",
}
RFC_9865 = {"invalidCursor", "expiredCursor", "invalidCount"}


def test_every_keyword_of_the_standards_has_a_constant() -> None:
    assert {keyword.value for keyword in ScimType} == TABLE_9 | RFC_9865


@pytest.mark.parametrize("keyword", list(ScimType))
def test_a_keyword_belongs_to_400_but_uniqueness_to_409(keyword: ScimType) -> None:
    assert ScimError("", scim_type=keyword).status == (409 if keyword is ScimType.UNIQUENESS else 400)


def test_the_body_has_the_status_as_text() -> None:
    assert error_body(ScimError("No such user.", status=404)) == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": "404",
        "detail": "No such user.",
    }


def test_the_body_has_the_keyword_where_there_is_one() -> None:
    assert error_body(invalid_value("x"))["scimType"] == "invalidValue"
    assert error_body(invalid_syntax("x"))["scimType"] == "invalidSyntax"


def test_a_detail_is_cut_where_a_request_made_it_endless() -> None:
    assert len(invalid_value("x" * 100_000).detail) == LONGEST_DETAIL
