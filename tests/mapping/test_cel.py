"""A second opinion: programs that are CEL without our relaxations give what cel-python gives, and fail where it fails.

Left out is where we differ on purpose: what is missing is empty, numbers of two kinds compare by their amount (as CEL's
specification has it, and cel-python not yet), and fractions that JSON cannot hold are errors; and `contains` of joined
text, which cel-python does not know.
"""

import math
from typing import Any, Final

import celpy
import pytest
from celpy.adapter import json_to_cel
from celpy.celparser import CELParseError
from celpy.evaluation import CELEvalError
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from scim.mapping.errors import ExpressionError, LimitError
from tests.mapping.samples import ZOE, evaluate

ENVIRONMENT: Final = celpy.Environment()
ACTIVATION: Final = {"user": json_to_cel(ZOE)}
FAILED: Final = "failed"
TOO_LARGE: Final = "too large"
# Characters: what nests deeper takes cel-python minutes, for it has no bound on steps.
LONGEST: Final = 160
MANY: Final = ["exists", "all"]

Source = st.SearchStrategy[str]


def macro(call: str, inner: str, *others: str) -> str:
    """`call` with the variable V and the inner program put in; a variable never has the name of one around it."""
    return call.format(*others, inner=inner).replace("V", f"v{len(inner)}")


WHOLE: Final[Source] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["0", "1", "-1", "7", "-7", "9223372036854775807", "-9223372036854775808", "0x1f", "--5"]),
        st.integers(-1000, 1000).map(str),
        st.builds("({} {} {})".format, WHOLE, st.sampled_from(["+", "-", "*", "/", "%"]), WHOLE),
        st.builds("({} - {} - {})".format, WHOLE, WHOLE, WHOLE),
        st.builds("-({})".format, WHOLE),
        st.builds("({} ? {} : {})".format, TRUTH, WHOLE, WHOLE),
        st.builds("size({})".format, TEXT | WHOLES),
        st.builds("{{'a': {}, 'b': 2}}.a".format, WHOLE),
        st.builds(macro, st.just("[1, 2].map(V, {inner} + V)[0]"), WHOLE),
    )
)
FRACTION: Final[Source] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["0.5", "-2.0", "1e3", ".25", "1.5e-3"]),
        st.builds("({} {} {})".format, FRACTION, st.sampled_from(["+", "-", "*"]), FRACTION),
        st.builds("({} / {})".format, FRACTION, st.sampled_from(["0.5", "-3.0", "1e-3"])),
    )
)
TEXT: Final[Source] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["''", "'a'", '"Zoë"', "'ß'", "'😀'", r"r'\d'", r"'\u00e4\n\'\x41'", "'a' // b\n"]),
        st.sampled_from(["user.userName", "user.name.familyName", "user['displayName']", "user.emails[1].value"]),
        st.builds("({} + {})".format, TEXT, TEXT),
        st.builds("({} ? {} : {})".format, TRUTH, TEXT, TEXT),
    )
)
TRUTH: Final[Source] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["true", "false", "user.active", "!!true"]),
        st.builds("({} {} {})".format, TRUTH, st.sampled_from(["&&", "||", "==", "!="]), TRUTH),
        st.builds("({} || {} && {})".format, TRUTH, TRUTH, TRUTH),
        st.builds("({} {} {})".format, WHOLE, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), WHOLE),
        st.builds("({} {} {})".format, TEXT, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), TEXT),
        st.builds("({} {} {})".format, FRACTION, st.sampled_from(["==", "<", ">="]), FRACTION),
        st.builds("!{}".format, TRUTH),
        st.builds("({} in {})".format, WHOLE, WHOLES),
        st.builds("({} == {})".format, WHOLES, WHOLES),
        st.builds("({}).{}({})".format, TEXT, st.sampled_from(["startsWith", "endsWith"]), TEXT),
        st.builds("{}.contains({})".format, st.sampled_from(["user.userName", "'Zo\u00eb'", "''"]), TEXT),
        st.builds("({}).matches({})".format, TEXT, st.sampled_from(["'^[a-zë]+'", "'(?i)ZO'", "'.'", "r'\\d+$'"])),
        st.builds(
            macro, st.just("{}.{}(V, V {} {inner})"), WHOLE, WHOLES, st.sampled_from(MANY), st.sampled_from("<>")
        ),
        st.builds(macro, st.just("user.emails.{}(V, V.value == {inner})"), TEXT, st.sampled_from(MANY)),
    )
)
WHOLES: Final[Source] = st.deferred(
    lambda: st.one_of(
        st.builds("[{}]".format, st.lists(WHOLE, min_size=1, max_size=3).map(", ".join)),
        st.builds("{}.map(x, x * {})".format, st.just("[1, 2, 3]"), st.sampled_from(["2", "x", "0"])),
        st.builds(macro, st.just("[1, 2, 3].filter(V, V % 2 == {inner})"), WHOLE),
        st.builds("({} + {})".format, WHOLES, WHOLES),
    )
)
PROGRAM: Final[Source] = st.one_of(WHOLE, FRACTION, TEXT, TRUTH, WHOLES)


def ask_cel(source: str) -> Any:
    try:
        return as_json(ENVIRONMENT.program(ENVIRONMENT.compile(source)).evaluate(ACTIVATION))
    except (CELEvalError, CELParseError):
        return FAILED


def as_json(value: Any) -> Any:
    if isinstance(value, celpy.celtypes.BoolType):
        return bool(value)
    if isinstance(value, list):
        return [as_json(element) for element in value]
    plain = next(kind for kind in (str, float, int) if isinstance(value, kind))
    return plain(value)


def ask_us(source: str) -> Any:
    try:
        return evaluate(source)
    except LimitError:
        return TOO_LARGE
    except ExpressionError:
        return FAILED


def compare(source: str) -> None:
    if len(source) > LONGEST:
        return
    ours = ask_us(source)
    if ours == TOO_LARGE:
        return
    theirs = ask_cel(source)
    if isinstance(theirs, float) and not math.isfinite(theirs):
        theirs = FAILED
    assert (ours, type(ours)) == (theirs, type(theirs)), source


def compare_many(count: int) -> None:
    phases = (Phase.generate, Phase.shrink)
    settings(deadline=None, database=None, max_examples=count, phases=phases)(given(PROGRAM)(compare))()


def test_programs_give_what_cel_gives() -> None:
    compare_many(300)


@pytest.mark.long
def test_many_programs_give_what_cel_gives() -> None:
    compare_many(10_000)


@pytest.mark.parametrize(
    "source",
    ["1u", "b'a'", "'''a'''", "[1,]", "user.?name", "has(user.name)", "a.b{c: 1}", "1 = 1", "x", "'\\q'", "1 +", "for"],
)
def test_what_is_no_part_of_the_language_is_refused_and_never_read_in_another_sense(source: str) -> None:
    assert ask_us(source) == FAILED
