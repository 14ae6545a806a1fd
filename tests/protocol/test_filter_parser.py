"""The grammar of filters (RFC 7644 section 3.4.2.2, figure 1) and its bounds."""

import re

import pytest

from scim.protocol import urns
from scim.protocol.dialects.base import STRICT, Reading
from scim.protocol.filter.nodes import And, Comparison, Not, Operator, Or, Present, ValuePath
from scim.protocol.filter.parser import parse_filter
from scim.protocol.filter.tokens import InvalidFilterError
from scim.protocol.schemas import BUILT_IN, GROUP
from tests.protocol.shapes import LAB, filter_codes, filter_refusal, parse

# RFC 7644 figure 2, and what each reads as where that is spelled differently.
FIGURE_2 = [
    ('userName eq "bjensen"', ""),
    ('name.familyName co "O\'Malley"', ""),
    ('userName sw "J"', ""),
    ('urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"', 'userName sw "J"'),
    ("title pr", ""),
    ('meta.lastModified gt "2011-05-13T04:42:34Z"', ""),
    ('meta.lastModified ge "2011-05-13T04:42:34Z"', ""),
    ('meta.lastModified lt "2011-05-13T04:42:34Z"', ""),
    ('meta.lastModified le "2011-05-13T04:42:34Z"', ""),
    ('title pr and userType eq "Employee"', ""),
    ('title pr or userType eq "Intern"', ""),
    ('schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"', ""),
    (
        'userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")',
        'userType eq "Employee" and (emails.value co "example.com" or emails.value co "example.org")',
    ),
    (
        'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
        'userType ne "Employee" and not (emails.value co "example.com" or emails.value co "example.org")',
    ),
    ('userType eq "Employee" and (emails.type eq "work")', 'userType eq "Employee" and emails.type eq "work"'),
    ('userType eq "Employee" and emails[type eq "work" and value co "@example.com"]', ""),
    (
        'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
        "",
    ),
]
MANAGER = f"{urns.ENTERPRISE_USER}:manager.value"
# What clients send beside the examples; every one is accepted from a strict client too.
SPELLINGS = [
    ('USERNAME EQ "x"', 'userName eq "x"'),
    ('  userName\teq   "x"  ', 'userName eq "x"'),
    ('(userName eq "x")', 'userName eq "x"'),
    ("NOT (title PR) And active Eq TRUE", "not (title pr) and active eq true"),
    ("not(title pr)", "not (title pr)"),
    ('emails eq "x"', 'emails.value eq "x"'),
    ('emails[type eq "work"].value eq "x"', 'emails[type eq "work" and value eq "x"]'),
    (
        'emails[type eq "work" or type eq "home"].value ew "x"',
        'emails[(type eq "work" or type eq "home") and value ew "x"]',
    ),
    (
        'name[givenName eq "x"].familyName pr and active eq true',
        'name[givenName eq "x" and familyName pr] and active eq true',
    ),
    ('id eq "1" and manager eq "2"', f'id eq "1" and {MANAGER} eq "2"'),
    ('manager eq "2" and id eq "1"', f'{MANAGER} eq "2" and id eq "1"'),
    ("title eq null", ""),
    ("meta pr", ""),
    (f"{LAB}:number ge -1.5e2", f"{LAB}:number ge -150.0"),
    (f'{LAB}:doors[value sw "n"]', ""),
    (f'{LAB}:doors eq "north"', ""),
    (r'userName eq "a\"b\\c\u0041"', r'userName eq "a\"b\\cA"'),
    ('userName eq "(a] and ["', ""),
]


@pytest.mark.parametrize(("text", "read_as"), FIGURE_2 + SPELLINGS)
def test_a_filter_is_read_as_it_is_meant(text: str, read_as: str) -> None:
    node = parse(text, dialect=STRICT)
    assert str(node) == (read_as or text)
    assert parse(str(node), dialect=STRICT) == node


def test_not_binds_closer_than_and_and_and_closer_than_or() -> None:
    node = parse('title pr or not (nickName pr) and userName eq "x" or active pr')
    assert isinstance(node, Or)
    first, second, third = node.operands
    assert isinstance(first, Present)
    assert isinstance(second, And)
    assert [type(operand) for operand in second.operands] == [Not, Comparison]
    assert isinstance(third, Present)


def test_parentheses_change_the_order() -> None:
    node = parse("title pr and (nickName pr or active pr)")
    assert isinstance(node, And)
    assert isinstance(node.operands[1], Or)


def test_the_tree_names_attributes_with_their_characteristics() -> None:
    node = parse('emails[value eq "A@x.test"]')
    assert isinstance(node, ValuePath)
    assert node.path.attribute.multi_valued
    assert isinstance(node.condition, Comparison)
    assert (node.condition.path.keys, node.condition.operator) == (("value",), Operator.EQ)
    assert node.condition.path.leaf.indexed


REFUSED = [
    ("", 1),
    ("   ", 4),
    ("userName", 9),
    ("userName eq", 12),
    ("userName eq and", 13),
    ('userName is "x"', 10),
    ('userName "x"', 10),
    ("(userName pr", 13),
    ("userName pr)", 12),
    ("userName pr title pr", 13),
    ("userName pr and", 16),
    ("and userName pr", 1),
    ("not userName pr", 1),
    ("()", 2),
    ("userName eq 'x'", 13),
    ('userName eq "x', 12),
    ("userName eq x y", 15),
    ('userName eq "\\x"', 13),
    ('userName eq "\\u0000"', 13),
    ('userName eq "\\ud800"', 13),
    ("userName eq \ud800", 13),
    ("userName eq x\x00", 14),
    ("userName eq [", 13),
    ("shoeSize eq 42", 1),
    ('title pr and shoeSize eq "42"', 14),
    ("urn:ietf:params:scim:schemas:core:2.0:User pr", 1),
    ('emails[shoeSize eq "1"]', 8),
    ('emails[type eq "work"', 22),
    ('emails[type eq "work")', 22),
    ("emails[]", 8),
    ('emails[type eq "work"].size eq 1', 24),
    ('emails[type eq "work"].value', 29),
    ('emails[emails[type eq "x"]]', 8),
    ('name[givenName[x eq "y"]]', 15),
    ('userName[value eq "x"]', 1),
    ('emails.type[value eq "x"]', 1),
    ('name eq "x"', 1),
    ('addresses eq "x"', 1),
    ("active gt true", 8),
    ('active co "t"', 8),
    ("active eq 1", 11),
    ('active eq "maybe"', 11),
    (f'{LAB}:chip gt "AA"', len(LAB) + 7),
    (f'{LAB}:number co "1"', len(LAB) + 9),
    (f'{LAB}:number eq "1"', len(LAB) + 12),
    (f"{LAB}:number eq 1x", len(LAB) + 12),
    (f"{LAB}:number eq 9223372036854775808", len(LAB) + 12),
    (f"{LAB}:number eq 1e999", len(LAB) + 12),
    ('meta.created sw "2011"', 14),
    ('meta.created gt "yesterday"', 17),
    ("title gt null", 10),
    ('password eq "x"', 1),
    ("password pr", 1),
    (f'{LAB}:pin eq "x"', 1),
]


@pytest.mark.parametrize(("text", "character"), REFUSED)
def test_any_other_filter_is_refused_with_the_position(text: str, character: int) -> None:
    error = filter_refusal(text)
    assert error.status == 400
    assert isinstance(error, InvalidFilterError)
    assert error.position == character - 1
    assert re.search(rf"character {character} of the filter", error.detail)


def nest(levels: int) -> str:
    return "(" * levels + "title pr" + ")" * levels


@pytest.mark.parametrize("text", [nest(16), "not " + nest(16), "(" * 15 + "emails[type pr]" + ")" * 15])
def test_16_levels_are_read(text: str) -> None:
    assert str(parse(text))


@pytest.mark.parametrize("text", [nest(17), nest(4000), "(" * 16 + "emails[type pr]" + ")" * 16])
def test_deeper_filters_are_refused(text: str) -> None:
    assert "nests deeper than 16" in filter_refusal(text).detail


@pytest.mark.parametrize(
    ("term", "most", "complaint"),
    [
        ("title pr", 64, "64 terms"),
        ('title co "x"', 8, "8 terms with co or ew"),
        ('title ew "x"', 8, "8 terms with co"),
    ],
)
def test_the_number_of_terms_is_bounded(term: str, most: int, complaint: str) -> None:
    assert str(parse(" or ".join([term] * most)))
    assert complaint in filter_refusal(" or ".join([term] * (most + 1))).detail


def test_a_filter_is_bounded_by_8_kib() -> None:
    room = 8192 - len('title eq ""')
    assert str(parse(f'title eq "{"x" * room}"'))
    assert "longer than 8192 bytes" in filter_refusal(f'title eq "{"x" * (room + 1)}"').detail
    assert "longer than 8192 bytes" in filter_refusal(f'title eq "{"é" * (room // 2 + 1)}"').detail


def test_an_unknown_name_is_repeated_in_part_only() -> None:
    assert len(filter_refusal("x" * 5000 + " pr").detail) < 200


def test_a_number_for_text_is_read_as_text() -> None:
    node = parse("externalId eq 0123")
    assert isinstance(node, Comparison)
    assert node.value == "0123"
    assert filter_codes("externalId eq 0123") == ["W_UNQUOTED"]


def test_groups_are_filtered_by_their_members() -> None:
    text = 'id eq "1" and members eq "2"'
    assert str(parse(text, resource_type=GROUP)) == 'id eq "1" and members.value eq "2"'


def test_a_query_at_the_root_may_name_attributes_of_all_types() -> None:
    node = parse_filter('userName eq "a" or members eq "b"', namespace=BUILT_IN.namespace, reading=Reading())
    assert isinstance(node, Or)
