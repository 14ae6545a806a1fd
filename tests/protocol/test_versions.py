"""Versions and conditional requests (RFC 7644 section 3.14)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.protocol.errors import ScimError
from scim.protocol.versions import check_if_match, format_etag, is_not_modified


def test_a_tag_is_weak_and_holds_the_version() -> None:
    assert format_etag(7) == 'W/"7"'


@pytest.mark.parametrize("header", [None, "*", ' W/"7"', '"7"', 'W/"6", W/"7"', '"a,b","7"'])
def test_if_match_lets_the_present_version_pass(header: str | None) -> None:
    check_if_match(header, version=7)


@pytest.mark.parametrize("header", ['W/"6"', "", "7", 'W/"77"', 'W/"*"', "garbage", 'W/"7', '"6", *'])
def test_if_match_refuses_any_other_with_412(header: str) -> None:
    with pytest.raises(ScimError) as caught:
        check_if_match(header, version=7)
    assert caught.value.status == 412


@pytest.mark.parametrize(("header", "known"), [('W/"7"', True), ("*", True), ('W/"6"', False), (None, False)])
def test_if_none_match_of_the_present_version_is_not_modified(header: str | None, *, known: bool) -> None:
    assert is_not_modified(header, version=7) is known


@given(st.integers(1, 2**63), st.text())
def test_a_version_matches_its_own_tag_and_no_header_breaks(version: int, header: str) -> None:
    assert is_not_modified(format_etag(version), version=version)
    is_not_modified(header, version=version)
