"""Which documents a filter matches (RFC 7644 section 3.4.2.2, tables 3 to 5)."""

from typing import Any

import pytest

from scim.protocol import urns
from tests.protocol.shapes import LAB, finds

BARBARA: dict[str, Any] = {
    "schemas": [urns.USER, urns.ENTERPRISE_USER, LAB],
    "id": "2819c223",
    "externalId": "Ext-1",
    "userName": "BJensen",
    "name": {"givenName": "Barbara", "familyName": "Straße"},
    "active": True,
    "emails": [
        {"value": "bjensen@Example.com", "type": "work", "primary": True},
        {"value": "babs@example.org", "type": "home"},
    ],
    "roles": [{"value": "Admin"}],
    "meta": {"resourceType": "User", "created": "2011-05-13T04:42:34Z", "lastModified": "2012-05-13T04:42:34+02:00"},
    urns.ENTERPRISE_USER: {"department": "R&D", "manager": {"value": "26118915"}},
    LAB: {
        "number": 42,
        "height": 1.5,
        "issued": "2020-01-01T00:00:00Z",
        "valid": False,
        "chip": "AAEC",
        "doors": ["north", "South"],
        "page": "https://x.test/A",
    },
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # caseExact decides
        ('userName eq "bjensen"', True),
        ('userName eq "bjense"', False),
        ('externalId eq "Ext-1"', True),
        ('externalId eq "ext-1"', False),
        ('name.familyName eq "STRASSE"', True),
        (f'{LAB}:chip eq "AAEC"', True),
        (f'{LAB}:chip eq "aaec"', False),
        (f'{LAB}:page ew "/a"', False),
        (f'{LAB}:page ew "/A"', True),
        ('schemas eq "URN:ietf:params:scim:schemas:extension:enterprise:2.0:User"', True),
        # substrings
        ('userName co "JENS"', True),
        ('userName sw "bj"', True),
        ('userName sw "jensen"', False),
        ('userName ew "SEN"', True),
        ('userName ew "bj"', False),
        ('userName co ""', True),
        # order
        ('userName gt "bi"', True),
        ('userName lt "BK"', True),
        ('userName ge "bjensen"', True),
        ('userName gt "bjensen"', False),
        (f"{LAB}:number gt 41", True),
        (f"{LAB}:number gt 5", True),
        (f"{LAB}:number le 42.0", True),
        (f"{LAB}:number lt 42", False),
        (f"{LAB}:height ge 1.5", True),
        # times
        ('meta.created eq "2011-05-13T06:42:34+02:00"', True),
        ('meta.created lt "2011-05-13T04:42:34.001Z"', True),
        ('meta.lastModified lt "2012-05-13T02:42:34Z"', False),
        ('meta.lastModified ge "2012-05-13T02:42:34Z"', True),
        (f'{LAB}:issued ne "2020-01-01T00:00:00"', False),
        # booleans
        ("active eq true", True),
        ("active ne true", False),
        (f"{LAB}:valid eq false", True),
        # presence
        ("title pr", False),
        ("name pr", True),
        ("name.middleName pr", False),
        ("emails pr", True),
        ("emails.primary pr", True),
        ("photos pr", False),
        (f"{LAB}:valid pr", True),
        (f"{LAB}:doors pr", True),
        # null and what is unassigned
        ("title eq null", True),
        ("title ne null", False),
        ("userName ne null", True),
        ('title eq "x"', False),
        ('title ne "x"', True),
        ('title co ""', False),
        ('title lt "x"', False),
        ('name.middleName ne "x"', True),
        # multi-valued
        ('emails eq "BABS@example.org"', True),
        ('emails.type eq "home"', True),
        ('emails.type ne "home"', True),
        ('roles ne "admin"', False),
        (f'{LAB}:doors eq "south"', True),
        (f'{LAB}:doors[value eq "south"]', True),
        (f'{LAB}:doors[value eq "west"]', False),
        # one element has to meet the whole condition
        ('emails[type eq "work" and value co "@example.com"]', True),
        ('emails[type eq "home" and value co "@example.com"]', False),
        ('emails.type eq "home" and emails.value co "@example.com"', True),
        ('emails[type eq "work"].value eq "bjensen@example.com"', True),
        ('emails[type eq "home"].value eq "bjensen@example.com"', False),
        ('emails[not (type eq "work")]', True),
        ("emails[primary ne true]", True),
        ("photos[value pr]", False),
        ('name[givenName eq "barbara"].familyName pr', True),
        # extensions
        ('department eq "r&d"', True),
        (f'{urns.ENTERPRISE_USER}:manager.value eq "26118915"', True),
        ('manager eq "26118915" and id eq "2819c223"', True),
        # logic
        ("not (active eq true)", False),
        ('not (title eq "x")', True),
        ("active eq false or title pr", False),
        ("active eq false or name pr", True),
        ("active eq true and title pr", False),
        ('title pr or active eq true and userName eq "bjensen"', True),
        ('(title pr or active eq true) and userName eq "x"', False),
    ],
)
def test_a_filter_finds_whom_it_describes(text: str, *, found: bool) -> None:
    assert finds(text, BARBARA) is found


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("number", f"{LAB}:number gt 1", "text"),
        ("number", f"{LAB}:number gt 0", True),
        ("number", f"{LAB}:number gt 1", {"value": 2}),
        ("issued", f'{LAB}:issued gt "2020-01-01T00:00:00Z"', "yesterday"),
        ("issued", f'{LAB}:issued gt "2020-01-01T00:00:00Z"', 1_900_000_000),
        ("valid", f"{LAB}:valid eq true", 1),
        ("valid", f"{LAB}:valid eq true", "true"),
        ("page", f'{LAB}:page co "1"', 1),
        ("office", f'{LAB}:office.site eq "HQ"', "HQ"),
    ],
)
def test_a_value_of_a_type_its_attribute_no_longer_has_never_matches(name: str, text: str, value: Any) -> None:
    assert not finds(text, {LAB: {name: value}})


@pytest.mark.parametrize("text", ["userName pr", 'emails[type eq "x"]', 'department eq "x"', 'schemas eq "x"'])
def test_an_empty_document_is_not_found(text: str) -> None:
    assert not finds(text, {})
