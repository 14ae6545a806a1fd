"""Bodies as JSON (RFC 7644 section 3.1, RFC 8259)."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.protocol.errors import ScimError
from scim.protocol.json_input import parse_json, parse_json_object

NAMES = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(-1e18, 1e18) | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


def refuse(data: bytes) -> str:
    """The keyword of the refusal."""
    with pytest.raises(ScimError) as caught:
        parse_json(data)
    assert caught.value.status == 400
    assert caught.value.scim_type
    return caught.value.scim_type.value


@given(VALUES)
def test_what_is_within_bounds_is_read_as_it_is(value: object) -> None:
    assert parse_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=60) | NAMES.map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(ScimError):
        parse_json(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b'{"userName": ', b"[1,]", b"{} x", b"NaN", b"[Infinity]", b"1e400", b'"\xff"', b'"\\ud800"', b"'a'"],
)
def test_what_is_not_json_is_refused_as_invalid_syntax(data: bytes) -> None:
    assert refuse(data) == "invalidSyntax"


@pytest.mark.parametrize("data", [b'"\\u0000"', b'{"\\u0000": 1}', b'[["a\\u0000b"]]', b'{"a": {"b\\u0000": 1}}'])
def test_the_character_nul_is_refused_wherever_it_stands(data: bytes) -> None:
    assert refuse(data) == "invalidValue"


@pytest.mark.parametrize(
    "number", ["9223372036854775808", "-9223372036854775809", "18446744073709551616", "1" * 300, "1e300"]
)
def test_a_number_beyond_64_bits_is_refused(number: str) -> None:
    assert refuse(f'{{"a": [{number}]}}'.encode()) == "invalidValue"


def test_the_ends_of_the_64_bit_range_are_read_exactly() -> None:
    assert parse_json(b"[9223372036854775807, -9223372036854775808]") == [2**63 - 1, -(2**63)]


@pytest.mark.parametrize("inner", [b"", b"1", b'"a"'])
def test_32_levels_of_nesting_are_read(inner: bytes) -> None:
    assert parse_json(b"[" * 32 + inner + b"]" * 32)


@pytest.mark.parametrize("depth", [33, 1000, 100_000])
def test_deeper_nesting_is_refused(depth: int) -> None:
    assert refuse(b"[" * depth + b"]" * depth) == "invalidSyntax"
    assert refuse(b'{"a":' * depth + b"1" + b"}" * depth) == "invalidSyntax"


@pytest.mark.parametrize(
    "data",
    [b'{"a":1,"a":2}', b'{"a":1, "\\u0061" : 1}', b'[{"b":{"a":null,\n"a"\t:null}}]', b'{"a:":1,"b":":","a:":2}'],
)
def test_a_member_named_twice_is_refused(data: bytes) -> None:
    assert refuse(data) == "invalidSyntax"


@pytest.mark.parametrize("data", [b'{"a":"x\\":","b":":"}', b'[{"a":1},{"a":2}]', b'{"a":{"a":1}}', b'{"\\"a\\":": 1}'])
def test_equal_names_in_different_objects_and_colons_in_text_are_no_duplicates(data: bytes) -> None:
    assert parse_json(data) == json.loads(data)


@pytest.mark.parametrize("data", [b"[]", b'"a"', b"null", b"1"])
def test_a_body_that_is_no_object_is_refused(data: bytes) -> None:
    with pytest.raises(ScimError, match="JSON object"):
        parse_json_object(data)


def test_the_refusal_of_broken_json_repeats_nothing_of_the_body() -> None:
    with pytest.raises(ScimError) as caught:
        parse_json(b'{"password": "secret')
    assert "secret" not in caught.value.detail
    assert "column" in caught.value.detail
