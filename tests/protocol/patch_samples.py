"""Generated documents and operations: half of them mean something."""

from typing import Any

from hypothesis import strategies as st

from scim.protocol import urns
from scim.protocol.errors import ScimError
from tests.protocol.patching import ENTERPRISE, USER_ID, user
from tests.protocol.shapes import BADGED_USER, LAB

WORDS = st.sampled_from(["", "a", "A", "work", "home", "anna@x.test", "True", "{", '{"value":"R"}', "ß", "ﬁ"])
SCALARS = st.sampled_from([None, True, False, 0, -3, 1.5, "", "a", "A", "work", "True", "{", '{"value":"R"}', "ﬁ"])
PART_NAMES = st.sampled_from(["value", "VALUE", "type", "primary", "display", "$ref", "givenName", "site", "room", "x"])
OBJECTS = st.dictionaries(PART_NAMES, SCALARS, max_size=3)
VALUES = SCALARS | OBJECTS | st.lists(OBJECTS | SCALARS, max_size=3)

KNOWN_PATHS = st.sampled_from([path.text for path in BADGED_USER.paths])
CHOOSING_PATHS = st.builds(
    "{}[{} {} {}]{}".format,
    st.sampled_from(["emails", "roles", "addresses", "name", "members", "manager", f"{LAB}:doors", f"{LAB}:office"]),
    st.sampled_from(["value", "type", "primary", "display", "givenName", "site"]),
    st.sampled_from(["eq", "ne", "co", "gt"]),
    st.sampled_from(['"work"', '"a"', '""', "true", '"True"', "null"]),
    st.sampled_from(["", ".value", ".display", ".primary", ".type", ".x"]),
)
ODD_PATHS = st.sampled_from(
    [
        *("emails[", "emails[type]", "[", ".", ":", "", " title", "urn:", "urn:a:b", "urn:a:b:c", "urn:a:b:C.d"),
        *(urns.USER, ENTERPRISE, LAB, f"{ENTERPRISE}.department", f"{LAB}:", f"{LAB}:x", "department", "x", "schemas"),
    ],
)
PATHS = KNOWN_PATHS | CHOOSING_PATHS | ODD_PATHS
MEMBERS = st.dictionaries(PATHS, VALUES | st.just(USER_ID), max_size=4)
ANY_OPERATION = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "remove", "replace", "Add", "move"])},
    optional={"path": PATHS | st.none(), "value": VALUES | MEMBERS, "name": st.just("x")},
)
ONE_EMAIL: list[Any] = [
    "",
    None,
    {},
    {"type": "home"},
    {"value": "b", "primary": True},
    {"display": "D", "type": "work"},
]
# What may be said of a path so that it is understood.
SAYINGS: dict[str, list[Any]] = {
    "title": ["a", "A", "", None],
    "active": [True, False, "True", None],
    "name": [{"givenName": "b"}, {"familyName": None}, {"familyName": "", "givenName": "ﬁ"}, {}, None],
    "name.givenName": ["b", "", None],
    "emails": [
        [],
        [{"value": "a"}],
        [{"value": "c", "primary": True}, {"value": "c", "primary": True}],
        {"value": "b"},
    ],
    'emails[type eq "work"]': ONE_EMAIL[1:],
    'emails[value eq "A"]': ONE_EMAIL[1:],
    'emails[type eq "work" and primary eq true].value': ["a", "b", "", None],
    "emails.primary": [True, False, None],
    "roles": [["R"], "R", '{"value":"R"}', [{"value": "a"}, {"value": "A", "type": "work"}]],
    "roles[primary eq true].value": ["R", '{"value":"S","displayName":"T"}'],
    "manager": ["m", "", [{"value": "n"}], {"value": "m", "$ref": "s"}, None],
    f"{ENTERPRISE}:manager.value": ["m", "n", "", None],
    ENTERPRISE: [{"department": "b"}, {"manager": None}, {}, None],
    f"{LAB}:doors": ["a", ["b", "A"], [], None],
    f'{LAB}:doors[value eq "a"]': ["b", None],
    f"{LAB}:serial": ["a"],
    f"{LAB}:office": [{"site": "b", "room": "1"}],
    f"{LAB}:office.site": ["c"],
    f"{LAB}:pin": ["1"],
    LAB: [{"doors": ["b"], "number": 2}],
    "urn:a:b": [{"d": [1]}, {"c": None}, None],
    "urn:a:b:c": [[2], 3, None],
}
PLAIN_OPERATIONS: list[Any] = [
    {"op": op, "path": path, "value": value}
    for path, values in SAYINGS.items()
    for value in values
    for op in ("add", "replace")
]
PATHLESS_OPERATIONS: list[Any] = [
    {"op": operation["op"], "value": {operation["path"]: operation["value"], "nickName": "N"}}
    for operation in PLAIN_OPERATIONS
    if operation["path"] != "manager"
]
REMOVALS: list[Any] = [{"op": "remove", "path": path} for path in SAYINGS if path not in ("active", LAB)]
UNDERSTOOD = st.sampled_from([*PLAIN_OPERATIONS, *PATHLESS_OPERATIONS, *REMOVALS])
OPERATIONS = st.lists(UNDERSTOOD, min_size=1, max_size=5) | st.lists(UNDERSTOOD | ANY_OPERATION, min_size=1, max_size=2)
ELEMENTS = st.lists(
    st.dictionaries(
        st.sampled_from(["value", "type", "display"]), st.sampled_from(["a", "A", "work", "b"]), max_size=3
    ),
    max_size=3,
)
SOME_EMAILS: list[Any] = [
    [],
    [{"value": "a", "type": "work", "primary": True}],
    [{"value": "a"}, {"value": "b", "type": "work", "display": "b"}],
    [{"type": "work", "value": "b"}, {"type": "work", "value": "a"}, {"display": "A", "primary": False}],
]
DOCUMENTS = st.sampled_from(
    [
        user(emails=emails, name=name, roles=emails[:1], **extensions)
        for emails in SOME_EMAILS
        for name in ({}, {"givenName": "a", "familyName": "b"})
        for extensions in (
            {},
            {ENTERPRISE: {"manager": {"value": "m", "$ref": "r"}}},
            {LAB: {"doors": ["a", "work"], "serial": "a"}, "urn:a:b": {"c": [1]}},
            {LAB: {"office": {"site": "a"}}, ENTERPRISE: {"department": "a"}},
        )
    ],
)


def outcome(act: Any) -> Any:
    """What the act gives, or None when it is refused as a SCIM error; any other exception is a failure."""
    try:
        return act()
    except ScimError as error:
        assert error.status in (400, 413)  # noqa: PT017 - a refusal is one of two fair outcomes
        return None
