"""Values of simple types (RFC 7643 section 2.3)."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.protocol.attributes import Attribute, AttributeType
from scim.protocol.dialects.base import Reading
from scim.protocol.errors import ScimError
from scim.protocol.scalars import comparison_key, parse_date_time, read_scalar

TYPES = [kind for kind in AttributeType if kind is not AttributeType.COMPLEX]


def read(kind: AttributeType, raw: Any, **characteristics: Any) -> Any:
    return read_scalar(Attribute("a", type=kind, **characteristics), raw, where="a", reading=Reading())


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (AttributeType.STRING, " text, as it is "),
        (AttributeType.BOOLEAN, False),
        (AttributeType.DECIMAL, 1.5),
        (AttributeType.DECIMAL, 2),
        (AttributeType.INTEGER, -7),
        (AttributeType.DATE_TIME, "2011-05-13T04:42:34.123456789+05:30"),
        (AttributeType.BINARY, "AAEC"),
        (AttributeType.BINARY, "AA=="),
        (AttributeType.REFERENCE, "../Users/1"),
    ],
)
def test_a_value_of_its_type_stays_as_it_is(kind: AttributeType, raw: Any) -> None:
    assert read(kind, raw) == raw


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (AttributeType.STRING, 1),
        (AttributeType.STRING, True),
        (AttributeType.STRING, ["a"]),
        (AttributeType.BOOLEAN, "yes"),
        (AttributeType.BOOLEAN, "TRUE "),
        (AttributeType.BOOLEAN, 1),
        (AttributeType.DECIMAL, "1.5"),
        (AttributeType.DECIMAL, True),
        (AttributeType.INTEGER, 1.0),
        (AttributeType.INTEGER, True),
        (AttributeType.INTEGER, "1"),
        (AttributeType.DATE_TIME, "2011-05-13"),
        (AttributeType.DATE_TIME, "20110513T044234Z"),
        (AttributeType.DATE_TIME, "2011-13-13T04:42:34Z"),
        (AttributeType.DATE_TIME, "2011-05-13T04:42:34Z\n"),
        (AttributeType.DATE_TIME, 1305261754),
        (AttributeType.BINARY, "AAE!"),
        (AttributeType.BINARY, "AAEC A"),
        (AttributeType.BINARY, "A"),
        (AttributeType.BINARY, "é==="),
        (AttributeType.REFERENCE, 5),
    ],
)
def test_a_value_of_another_type_is_refused_as_invalid_value(kind: AttributeType, raw: Any) -> None:
    with pytest.raises(ScimError, match=r"^a has to be") as caught:
        read(kind, raw)
    assert caught.value.scim_type == "invalidValue"


@given(
    st.sampled_from(TYPES), st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.none())
)
def test_any_value_is_read_or_refused(kind: AttributeType, raw: Any) -> None:
    with suppress(ScimError):
        value = read(kind, raw)
        assert repr(read(kind, value)) == repr(value)  # NaN is not equal to itself


@pytest.mark.parametrize(("raw", "padded"), [("AA", "AA=="), ("AAE", "AAE="), ("AAEC", "AAEC"), ("AAECAw", "AAECAw==")])
def test_base64_gets_the_padding_it_may_lack(raw: str, padded: str) -> None:
    assert read(AttributeType.BINARY, raw) == padded


@pytest.mark.parametrize(("length", "passes"), [(1024, True), (1025, False)])
def test_indexed_text_is_bounded_by_1024_characters(length: int, *, passes: bool) -> None:
    check_bound("x" * length, passes=passes, indexed=True)


def test_indexed_text_is_bounded_by_what_an_index_row_holds() -> None:
    check_bound("\u6f22" * 800, passes=True, indexed=True)
    check_bound("\u6f22" * 801, passes=False, indexed=True)
    check_bound("\ufdfa" * 200, passes=False, indexed=True)  # one character, which folds to eighteen
    check_bound("\ufdfa" * 200, passes=True, indexed=True, case_exact=True)


@pytest.mark.parametrize(("text", "passes"), [("x" * 65_536, True), ("x" * 65_537, False), ("é" * 32_769, False)])
def test_other_text_is_bounded_by_64_kib(text: str, *, passes: bool) -> None:
    check_bound(text, passes=passes)


def check_bound(text: str, *, passes: bool, **characteristics: Any) -> None:
    if passes:
        assert read(AttributeType.STRING, text, **characteristics) == text
    else:
        with pytest.raises(ScimError, match=r"^a is longer than"):
            read(AttributeType.STRING, text, **characteristics)


def test_a_time_without_a_zone_is_utc() -> None:
    assert parse_date_time("2011-05-13T04:42:34") == parse_date_time("2011-05-13T04:42:34Z")


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        (AttributeType.DATE_TIME, "2011-05-13T04:42:34Z", "2011-05-13T06:42:34+02:00"),
        (AttributeType.DECIMAL, 1, 1.0),
        (AttributeType.STRING, "Anna", "ANNA"),
    ],
)
def test_equal_values_have_equal_keys(kind: AttributeType, first: Any, second: Any) -> None:
    item = Attribute("a", type=kind)
    assert comparison_key(item, first) == comparison_key(item, second)


@pytest.mark.parametrize("kind", [AttributeType.STRING, AttributeType.REFERENCE, AttributeType.BINARY])
def test_case_matters_where_the_attribute_or_its_type_says_so(kind: AttributeType) -> None:
    item = Attribute("a", type=kind, case_exact=kind is AttributeType.STRING)
    assert comparison_key(item, "Anna") != comparison_key(item, "ANNA")


@given(st.sampled_from(TYPES), st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.none()))
def test_a_key_is_made_of_any_value(kind: AttributeType, value: Any) -> None:
    comparison_key(Attribute("a", type=kind), value)


def test_times_at_the_ends_of_the_calendar_compare() -> None:
    first = parse_date_time("0001-01-01T00:00:00+14:00")
    last = parse_date_time("9999-12-31T23:59:59-14:00")
    assert first
    assert last
    assert first < last
