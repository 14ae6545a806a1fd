"""What expressions mean, and how they say what is wrong with them."""

from typing import Any

import orjson
import pytest

from scim.mapping.errors import ExpressionError, UnresolvedReferenceError
from scim.mapping.expressions import compile_expression
from scim.mapping.functions.table import FUNCTIONS
from scim.mapping.limits import INT_MAX, INT_MIN
from scim.mapping.run import NOWHERE
from scim.protocol.schemas import GROUP, USER
from tests.mapping.samples import ZOE, evaluate

EXAMPLES = [example for function in FUNCTIONS.values() for example in function.examples]

# Version 1 of the language: these stay what they are as long as it can be read.
GOLDEN: list[tuple[str, Any]] = [
    ("user.userName", "Zoë.Müller@example.com"),
    ("user.username", "Zoë.Müller@example.com"),
    ("user.name.givenName + ' ' + user.name.familyName", "Zoë Müller"),
    ("user.department", "Research"),
    ("user['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'].department", "Research"),
    ("user['userName'].size()", 22),
    ("user.emails[0].value", "zoe@home.example"),
    ("user.emails[9].value", None),
    ("user.emails[-1]", None),
    ("user.phoneNumbers[0].value", None),
    ("user.nickName", None),
    ("user.nickName.lower().before('x')", None),
    ("user.emails.filter(e, e.type == 'work')[0].value", "zoe.mueller@example.com"),
    ("user.emails.map(e, e.VALUE.after('@'))", ["home.example", "example.com"]),
    ("user.emails.exists(e, e.primary == true)", True),
    ("user.emails.all(e, e.value.contains('@'))", True),
    ("user.phoneNumbers.map(p, p.value)", []),
    ("user.phoneNumbers.exists(p, true) || user.phoneNumbers.all(p, false)", True),
    ("user.active ? 'on' : 'off'", "on"),
    ("iif(user.active, 1, 1/0)", 1),
    ("[1, 2].map(a, [3, 4].map(b, a * b))", [[3, 4], [6, 8]]),
    ("{'type': 'work', 'value': user.userName.lower()}", {"type": "work", "value": "zoë.müller@example.com"}),
    ("{'a': 1}.a + {'a': 1}['a']", 2),
    ("'b' in ['a', 'b'] && 'a' in {'a': 1} && !(1 in [2])", True),
    ("'x' in user.phoneNumbers", False),
    ("1 == 1.0 && 1 != true && [1] != [true] && 'a' != null && null == null", True),
    ("[1, [2.0, {'a': null}]] == [1.0, [2, {'a': null}]]", True),
    ("-7 / 2 * 10 + -7 % 2", -31),
    ("7 % -2", 1),
    ("1.5 + .5", 2.0),
    ("0x1F", 31),
    ("1 < 2.5 && 'a' < 'b' && false < true", True),
    ("true || 1 / 0 == 1", True),
    ("1 / 0 == 1 || true", True),
    ("!(1 / 0 == 1 && false)", True),
    ("false ? 1 : true ? 2 : 3", 2),
    ("1 - 2 - 3", -4),
    ("2 + 3 * 4 == 14 && (2 + 3) * 4 == 20", True),
    ("--1 + (!!true ? 1 : 0)", 2),
    (r"""'\u00e4\x41\101\n\'' + r'\n' + "\U0001F600" """, "äAA\n'\\n😀"),
    ("1 // a comment\n + 2", 3),
    ("-9223372036854775808", INT_MIN),
    ("9223372036854775807", INT_MAX),
    ("coalesce(user.nickName, '', 'x')", "x"),
    ("switch('b', 'z', 'a', 1, 'b', 2)", 2),
    ("switch('q', 'z', 'a', 1)", "z"),
    ("user.nickName.contains('a') || user.nickName.size() == 0", True),
    ("'a' + toText(1.0) + toText(true)", "a1true"),
    ("lookup('costCenters', 'CC-9', '0000')", "0000"),
    ("memberOf('engineering') && !memberOf('Sales')", True),
    ("'x1y22'.extract('y([0-9])')", "2"),
    ("'abc'.extract('z')", None),
    ("['b', 'a', 'c'].sort().join('-')", "a-b-c"),
    ("'abc'.substring(2) + 'abc'.substring(5)", "c"),
]

REFUSED: list[tuple[str, str]] = [
    ("user.userNam", "there is no attribute 'userNam' (column 6) - did you mean 'userName'?"),
    ("user.name.givenNam", "name has no attribute 'givenNam' (column 11) - did you mean 'givenName'?"),
    ("user.emails.filter(e, e.typ == 'x')",
     "emails has no attribute 'typ' (column 25) - did you mean 'type'?"),
    ("user.emails.value", "cannot read 'value' of a list (column 13) - use .filter(e, ...) or [0] first"),
    ("user.userName.value", "cannot read 'value' of text (column 15)"),
    ("lowr(user.userName)", "unknown function 'lowr' (column 1) - did you mean 'lower'?"),
    ("user.emails.lower()",
     "lower takes text as its text, not a list (column 13) - use .filter(e, ...) or [0] first"),
    ("user.nickName + 'a'",
     "cannot add empty and text (column 15) - wrap a value that may be empty in coalesce(value, '')"),
    ("1 + 'a'",
     "cannot add a whole number and text (column 3) - make both the same with toText(value) or toInt(value)"),
    ("'a' < 1",
     "cannot compare text with a whole number (column 5) - make both the same with toText(value) or toInt(value)"),
    ("usr.userName", "there is no variable 'usr' (column 1) - did you mean 'user'?"),
    ("user.password", "password is never kept, so no mapping can read it (column 6)"),
    ("user.\n  userNme", "there is no attribute 'userNme' (line 2, column 3) - did you mean 'userName'?"),
    ("'a'.matches('(')",
     "the pattern is no regular expression of RE2 (column 5) - RE2 knows neither look-around nor references back"),
    ("'a'.matches(user.userName)", "the pattern of matches is written as text in quotes (column 5)"),
    ("'a'.replace('b')", "replace is called as replace(text, old, new) (column 5)"),
    ("switch('a', 'b', 'c')", "switch needs a value after each key (column 1)"),
    ("map(user.emails, e)", "unknown function 'map' (column 1) - it stands behind a list: list.map(e, ...)"),
    ("user.emails.map(user, 1)", "there is a variable 'user' already (column 13)"),
    ("user.active = true", "there is no operator = (column 13) - did you mean '=='?"),
    ("'a", "text has no closing quotation mark on its line (column 1)"),
    ("user.title ? 1 : 2", "? asks for true or false, not text (column 6)"),
    ("9223372036854775808", "the whole number does not fit into 64 bits (column 1)"),
    ("9223372036854775807 + 1", "the result does not fit into 64 bits (column 21)"),
    ("-9223372036854775808 / -1", "the result does not fit into 64 bits (column 22)"),
    ("-(-9223372036854775808)", "the result does not fit into 64 bits (column 1)"),
    ("1 / 0", "cannot divide by zero (column 3)"),
    ("1e300 * 1e300", "the result is too large for a number (column 7)"),
    ("1 +", "a value is expected, and the expression ends (column 4)"),
    ("[1", "',' is expected, and the end was found (column 3)"),
    ("1 2", "'2' is not expected here (column 3)"),
    ("user[1]", "an attribute is named by text in quotes, so that it can be checked (column 6)"),
    ("user['userNam']", "there is no attribute 'userNam' (column 6) - did you mean 'userName'?"),
    ("{1: 2}", "the name of a member is expected, as text in quotes (column 2)"),
    ("{'a': 1, 'a': 2}", "a member is named twice (column 10)"),
    ("user.for", "'for' is a word of the language and no name (column 6)"),
    ("''", ""),
    (" ", "the expression is empty (column 1)"),
    ("ref(user.manager)", "the resource that ref names is not at the target yet (column 1)"),
    ("lookup('costs', 'a')", "there is no table 'costs' (column 1)"),
    ("'30.02.2026'.parseDate('dd.MM.yyyy')", "there is no such date (column 14)"),
    ("'x'.parseDate('dd.mm')", "the text is no date of that format (column 5)"),
    ("'x'.formatDate('YYYY')", "a format of dates knows yyyy, MM, dd, HH, mm and ss (column 5)"),
    ("'2026-01-31T00:00:00Z'.addDays(99999999)", "the date is out of range (column 24)"),
    ("'4.5'.toInt()", "toInt finds no whole number in the text (column 7)"),
    ("1 ? 2 : 3", "? asks for true or false, not a whole number (column 1)"),
    ("user.nickName || true == true", ""),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), EXAMPLES)
def test_example_of_the_documentation_gives_what_it_says(source: str, expected: str) -> None:
    assert evaluate(source) == orjson.loads(expected)


@pytest.mark.parametrize(("source", "expected"), GOLDEN)
def test_expression_of_version_1_means_what_it_always_meant(source: str, expected: object) -> None:
    result = evaluate(source)
    assert (result, type(result)) == (expected, type(expected))


@pytest.mark.parametrize(("source", "expected"), [case for case in REFUSED if case[1]])
def test_mistake_is_told_with_its_place(source: str, expected: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(source, surroundings=NOWHERE)
    assert str(caught.value) == expected


def test_unknown_version_is_refused() -> None:
    with pytest.raises(ExpressionError, match="version 2"):
        compile_expression("1", resource_type=USER, version=2)


def test_expression_names_the_attributes_it_reads() -> None:
    source = "user.emails.map(e, e.value).join() + user.department + user.name.givenName"
    found = compile_expression(source, resource_type=USER).references
    urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    assert found == ("emails", "emails.value", "name", "name.givenName", f"{urn}:department")


def test_members_of_a_group_are_not_for_mappings() -> None:
    with pytest.raises(ExpressionError, match="member by member"):
        compile_expression("group.members", resource_type=GROUP)


def test_resource_that_waits_for_another_says_for_which() -> None:
    with pytest.raises(UnresolvedReferenceError) as caught:
        evaluate("ref(user.manager)", surroundings=NOWHERE)
    assert caught.value.resource_id == "0197-max"


def test_evaluation_changes_nothing_in_the_document() -> None:
    before = orjson.dumps(ZOE)
    for source, _ in [*GOLDEN, *EXAMPLES]:
        evaluate(source)
    assert orjson.dumps(ZOE) == before
