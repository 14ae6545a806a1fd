"""Comparison without case (RFC 7643 section 2.1 for names, RFC 7644 section 3.4.2.2 for values)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.protocol.folding import fold_name, fold_text, is_same_name


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Anna@EXAMPLE.com", "anna@example.COM"),
        ("STRASSE", "straße"),
        ("\uff21\uff4e\uff4e\uff41", "anna"),
        ("Zoe\u0308", "ZOË"),
    ],
)
def test_spellings_of_one_name_fold_alike(first: str, second: str) -> None:
    assert fold_text(first) == fold_text(second)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold_text(fold_text(text)) == fold_text(text)


def test_a_letter_that_only_looks_like_ascii_makes_another_attribute_name() -> None:
    assert is_same_name("NickName", "nickname")
    assert fold_name("nic\u212aName") != fold_name("nickName")
