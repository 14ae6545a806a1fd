"""Every value has the text of RFC 8785, whichever encoder writes it."""

import math
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit.canonical import write_canonical

EXACT = st.integers(-(2**53) + 1, 2**53 - 1)
SCALARS = st.none() | st.booleans() | EXACT | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


@given(VALUES)
def test_text_is_that_of_the_reference(value: Any) -> None:
    assert write_canonical(value) == rfc8785.dumps(value).decode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None, "é"]}, '{"a":[true,null,"é"],"b":1}'),
        # U+1F600 is D83D DE00 in UTF-16, and so before U+FB33.
        ({"\ufb33": 1, "\U0001f600": 2}, '{"\U0001f600":2,"\ufb33":1}'),
        ({"n": 1.0, "m": 1e21, "l": 1e-7, "k": 1e16}, '{"k":10000000000000000,"l":1e-7,"m":1e+21,"n":1}'),
        ({"n": 2**53, "m": [-(2**53)]}, '{"m":["-9007199254740992"],"n":"9007199254740992"}'),
        ('\x00\x1f\x7f\u2028/\\"\b\f\n\r\t', '"\\u0000\\u001f\x7f\u2028/\\\\\\"\\b\\f\\n\\r\\t"'),
    ],
)
def test_text_is_as_the_standard_spells_it(value: Any, text: str) -> None:
    assert write_canonical(value) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud800"])
def test_value_without_a_text_is_refused(value: Any) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        write_canonical({"held": value})
