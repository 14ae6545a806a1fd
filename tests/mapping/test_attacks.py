"""What somebody writes who wants to stop the worker, read its memory or get out of the language."""

import sys
import time
import traceback
import tracemalloc
from typing import Any

import pytest

from scim.mapping import limits
from scim.mapping.errors import ExpressionError, LimitError
from scim.mapping.expressions import compile_expression
from scim.protocol.schemas import USER
from tests.mapping.samples import ZOE, evaluate

SECONDS = 1.0
MEMORY = 64 * 1024 * 1024

MANY = "[" + ",".join(["1"] * 60) + "]"
DOUBLED = "['" + "a" * 900 + "'].map(a, a + a)" + "".join(f".map(v{n}, v{n} + v{n})" for n in range(20))
BRANCHING = "[[1]]" + "".join(f".map(v{n}, [v{n}, v{n}])" for n in range(20))
LONG_LIST = "'" + "," * 1500 + "'.split(',')"

LIMITED: dict[str, str] = {
    "source of 40,000 characters": "1+" * 20_000 + "1",
    "brackets": "(" * 2000 + "1" + ")" * 2000,
    "lists": "[" * 2000 + "]" * 2000,
    "objects": "{'a':" * 800 + "1" + "}" * 800,
    "signs": "-" * 4000 + "1",
    "negations": "!" * 4000 + "true",
    "chain of additions": "+".join(["1"] * 2000),
    "chain of members": "user" + ".name" * 800,
    "chain of calls": "'a'" + ".lower()" * 500,
    "chain of indices": "[1]" + "[0]" * 1000,
    "chain of conditions": "true ? 1 : " * 300 + "1",
    "many arguments": "coalesce(" + ",".join(["1"] * 1500) + ")",
    "mixed brackets": "1||1&&1==1+1*(" * 200,
    "doubled text": DOUBLED,
    "text doubled by join": "['" + "a" * 1000 + "']" + "".join(f".map(v{n}, [v{n}, v{n}].join())" for n in range(12)),
    "text multiplied by replace": "'" + "a" * 300 + "'.replace('a', '" + "a" * 300 + "')",
    "lists within lists": BRANCHING,
    "lists compared": f"{BRANCHING} == {BRANCHING}",
    "list added to itself": f"[{LONG_LIST}]" + "".join(f".map(v{n}, v{n} + v{n})" for n in range(8)),
    "loops within loops": f"{MANY}.map(a, {MANY}.map(b, {MANY}.map(c, a + b + c)))",
    "loops over text": f"{LONG_LIST}.map(a, {LONG_LIST}.size())",
    "distinct of objects": f"'{','.join(map(str, range(700)))}'.split(',').map(a, {{'a': a}}).distinct()",
    "texts searched again and again": f"{LONG_LIST}.map(a, ('" + "ab" * 500 + "').matches('(a|b|ab)*c$'))",
    "characters that are spelled out": "['" + "﷽" * 2000 + "'].map(a, a + a + a + a).map(b, b.toAscii())",
}

GREEDY = [
    *("doubled text", "text doubled by join", "text multiplied by replace", "list added to itself"),
    "characters that are spelled out",
]

REGEX_BOMBS = [
    *("(a+)+$", "(a|aa)+$", "(a|a)*b", "(.*)*x", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y"),
    *("(?:a?){30}a{30}", "a{1000}", "(((a*)*)*)*b", "[^a]*[^b]*[^c]*$"),
]
REGEX_REFUSED = [
    "(?=a)",
    r"(a)\1",
    "(?<=a)b",
    "(a{1000}){1000}",
    "((a{100}){100}){100}",
    "(",
    "[",
    "*",
    r"\C\8",
    "a" * 257,
]

ESCAPES = [
    *(
        "user.__class__",
        "user.__dict__",
        "user.userName.__class__",
        "user['__class__']",
        "''.__class__",
        "[].append(1)",
    ),
    *("user.userName.format(user)", "'{0.__class__}'.format(user)", "user.name.update({'a': 1})", "user.emails.pop()"),
    *("__import__('os')", "open('/etc/passwd')", "eval('1')", "getattr(user, 'x')", "lambda: 1", "import os"),
    *("user.name.keys()", "user.emails.map(__class__, 1).x()", "globals()", "print(1)", "now()", "random()"),
    *(
        "user.userName.encode()",
        "compile('1')",
        "'%3000000000d'.format(1)",
        "9**9999999",
        "1 << 3",
        "[x for x in user]",
    ),
]


def attempt(source: str, document: dict[str, Any] | None = None) -> ExpressionError | None:
    """Within the seconds of the processor allowed, whatever it gives."""
    began = time.process_time()
    try:
        evaluate(source, document)
    except ExpressionError as error:
        return error
    finally:
        assert time.process_time() - began < SECONDS
    return None


@pytest.mark.parametrize("attack", LIMITED)
def test_attack_ends_at_a_limit(attack: str) -> None:
    assert isinstance(attempt(LIMITED[attack]), LimitError)


@pytest.mark.parametrize("attack", LIMITED)
def test_attack_ends_soon_also_without_the_limit_on_its_source(attack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SOURCE_CHARACTERS", 10**6)
    assert isinstance(attempt(LIMITED[attack]), LimitError)


def test_no_attack_takes_much_memory() -> None:
    tracemalloc.start()
    try:
        for attack in GREEDY:
            with pytest.raises(LimitError):
                evaluate(LIMITED[attack])
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("pattern", REGEX_BOMBS)
def test_pattern_takes_time_that_grows_with_the_text_alone(pattern: str) -> None:
    attempt(f"user.title.matches('{pattern}')", {**ZOE, "title": "a" * 60_000})


@pytest.mark.parametrize("pattern", REGEX_REFUSED)
def test_pattern_beyond_regular_languages_or_bounds_is_refused(pattern: str) -> None:
    with pytest.raises(ExpressionError, match="pattern"):
        compile_expression(f"'a'.matches(r'{pattern}')", resource_type=USER)


@pytest.mark.parametrize("source", ESCAPES)
def test_nothing_of_python_can_be_reached(source: str) -> None:
    with pytest.raises(ExpressionError):
        compile_expression(source, resource_type=USER)


def test_limit_is_not_swallowed_by_a_side_that_decides() -> None:
    endless = f"{MANY}.map(a, {MANY}.map(b, {MANY}.map(c, 1))).size() == 0"
    for source in (f"{endless} || true", f"!({endless} && false)", f"[1].exists(x, {endless} || true)"):
        with pytest.raises(LimitError):
            evaluate(source)


def test_longest_text_that_is_allowed_is_given() -> None:
    document = {**ZOE, "title": "a" * (limits.TEXT_CHARACTERS - 1)}
    assert len(evaluate("user.title + 'b'", document)) == limits.TEXT_CHARACTERS
    with pytest.raises(LimitError):
        evaluate("user.title + 'bc'", document)


@pytest.mark.parametrize("odd", [float("nan"), object(), b"x", (1,), {1, 2}, "\ud800", 10**30])
def test_document_that_is_none_of_ours_is_no_way_out_either(odd: object) -> None:
    sources = ["toText(user.title)", "user.title + user.title", "user.title.hash8()", "user.title == user.title",
               "user.title.matches('a')", "[user.title].sort()", "user.title.lower()", "user.title"]  # fmt: skip
    for source in sources:
        try:
            evaluate(source, {**ZOE, "title": odd})
        except ExpressionError:
            continue


def test_caller_who_is_deep_already_gets_an_expression_error() -> None:
    deep = "(" * 40 + "1" + ")" * 40

    def descend(levels: int) -> object:
        return descend(levels - 1) if levels else evaluate(deep)

    here = sum(1 for _ in traceback.walk_stack(None))
    with pytest.raises(ExpressionError, match="too deep"):
        descend(sys.getrecursionlimit() - here - 30)


def test_tree_at_the_bound_is_read_and_run() -> None:
    assert evaluate("(" * 46 + "1" + ")" * 46) == 1
    assert evaluate("+".join(["1"] * 47)) == 47
