"""Attribute notation (RFC 7644 section 3.10)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim.protocol import urns
from scim.protocol.paths import AttributePath, SchemaPath, Spelling
from scim.protocol.schemas import BUILT_IN, USER
from tests.protocol.shapes import BADGE, BADGED_USER

DEPARTMENT = f"{urns.ENTERPRISE_USER}:department"
MANAGER = f"{urns.ENTERPRISE_USER}:manager"


@pytest.mark.parametrize(
    ("text", "path", "spelling"),
    [
        ("userName", "userName", Spelling.PLAIN),
        ("USERNAME", "userName", Spelling.PLAIN),
        ("Name.GivenName", "name.givenName", Spelling.PLAIN),
        ("meta.lastModified", "meta.lastModified", Spelling.PLAIN),
        ("groups.$ref", "groups.$ref", Spelling.PLAIN),
        (f"{urns.USER}:userName", "userName", Spelling.QUALIFIED),
        (f"{urns.USER.upper()}:NAME.givenname", "name.givenName", Spelling.QUALIFIED),
        (DEPARTMENT, DEPARTMENT, Spelling.QUALIFIED),
        (f"{MANAGER}.value", f"{MANAGER}.value", Spelling.QUALIFIED),
        ("department", DEPARTMENT, Spelling.BARE_EXTENSION),
        ("manager.displayName", f"{MANAGER}.displayName", Spelling.BARE_EXTENSION),
        (f"{urns.ENTERPRISE_USER}.department", DEPARTMENT, Spelling.LEGACY_DOT),
    ],
)
def test_a_path_is_found_by_each_of_its_spellings(text: str, path: str, spelling: Spelling) -> None:
    found = USER.namespace.resolve(text)
    assert found
    assert (str(found.target), found.spelling) == (path, spelling)


@pytest.mark.parametrize(
    "text",
    ["", "shoeSize", "name.", "name.nick", ".value", "user name", "userName ", "nic\u212aName", "urn:x:userName"],
)
def test_what_no_schema_defines_is_unknown(text: str) -> None:
    assert USER.namespace.resolve(text) is None


@given(st.text(max_size=30))
def test_any_text_can_be_looked_up(text: str) -> None:
    USER.namespace.resolve(text)


@pytest.mark.parametrize(("text", "container"), [(urns.USER, None), (urns.ENTERPRISE_USER, urns.ENTERPRISE_USER)])
def test_the_urn_alone_names_the_container(text: str, container: str | None) -> None:
    found = USER.namespace.resolve(text)
    assert found
    assert found.target == SchemaPath(container)


@pytest.mark.parametrize("path", BADGED_USER.paths)
def test_the_text_of_a_path_leads_back_to_it(path: AttributePath) -> None:
    found = BADGED_USER.namespace.resolve(str(path))
    assert found
    assert found.target == path


def test_a_path_knows_its_way_through_a_document() -> None:
    found = USER.namespace.resolve(f"{MANAGER}.value")
    assert found
    assert isinstance(found.target, AttributePath)
    assert found.target.keys == (urns.ENTERPRISE_USER, "manager", "value")


def test_a_bare_name_that_two_extensions_define_is_unknown() -> None:
    twin = replace(BADGE, id="urn:example:twin:2.0:Badge")
    twins = BADGED_USER.with_extension(twin)
    assert twins.namespace.resolve("doors") is None
    assert twins.namespace.resolve("urn:example:twin:2.0:Badge:doors")
    assert twins.namespace.resolve("department")


def test_the_core_attribute_wins_over_a_bare_one_of_an_extension() -> None:
    found = USER.namespace.resolve("displayName")
    assert found
    assert str(found.target) == "displayName"


def test_the_root_knows_the_names_of_all_types() -> None:
    for text in ("userName", "members.value", "department", f"{urns.GROUP}:displayName", "displayName"):
        assert BUILT_IN.namespace.resolve(text)
