"""The table of capabilities claims nothing that no test shows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from labsninja.capabilities_doc import PAGE, render_capabilities
from scim.api.views.discovery import CONFIG
from scim.capabilities import BY_KEY, CAPABILITIES, Capability, Status
from tests.conformance.marks import MarkedTest, find_unknown_section, marked_tests
from tests.house.test_rules import refuse

BULK = Capability("bulk", "SCIM protocol", "Bulk", Status.SUPPORTED, ("7644#3.7",), ("scim/test_bulk.py",))
PROOF = MarkedTest("scim/test_bulk.py", "test_it", frozenset({"7644#3.7.2-1"}), frozenset(), is_long=False)


def _proves(test: MarkedTest, capability: Capability) -> bool:
    """By its key, or by one of its sections or a subsection."""
    below = tuple(f"{section}." for section in capability.sections)
    is_named = any(named in capability.sections or named.startswith(below) for named in test.sections)
    return not test.is_long and (capability.key in test.capability or is_named)


def _find_unproved(capabilities: Sequence[Capability], tests: Sequence[MarkedTest]) -> Iterator[str]:
    for row in capabilities:
        if row.status is Status.SUPPORTED and not row.tests:
            yield f"{row.key} is supported and names no test"
        for path in row.tests:
            if not any(test.path == path and _proves(test, row) for test in tests):
                yield f"{row.key}: tests/{path} holds no test marked with the key or a section of it"


@pytest.mark.parametrize("key", ["bulk", "other"])
def test_test_proves_a_capability_by_its_key_or_a_section_below(key: str) -> None:
    by_key = replace(PROOF, rfc=frozenset(), capability=frozenset({"bulk"}))
    assert list(_find_unproved([BULK], [PROOF])) == list(_find_unproved([BULK], [by_key])) == []
    assert list(_find_unproved([replace(BULK, key=key, sections=())], [by_key])) == (
        [] if key == "bulk" else ["other: tests/scim/test_bulk.py holds no test marked with the key or a section of it"]
    )


@pytest.mark.parametrize(
    "tests",
    [
        [],
        [replace(PROOF, is_long=True)],
        [replace(PROOF, path="scim/test_me.py")],
        [replace(PROOF, rfc=frozenset({"7644#3.70"}))],
    ],
)
def test_capability_without_proof_is_found(tests: list[MarkedTest]) -> None:
    assert len(list(_find_unproved([BULK], tests))) == 1


def test_capability_without_tests_is_found() -> None:
    assert len(list(_find_unproved([replace(BULK, tests=())], [PROOF]))) == 1


def test_every_supported_capability_is_proved() -> None:
    refuse(_find_unproved(CAPABILITIES, marked_tests()))


def test_every_mark_names_a_capability_that_exists() -> None:
    named = [(test, key) for test in marked_tests() for key in sorted(test.capability)]
    refuse(f"tests/{test.path}::{test.name}: there is no capability {key}" for test, key in named if key not in BY_KEY)


def test_keys_stand_once_and_sections_exist() -> None:
    assert len(BY_KEY) == len(CAPABILITIES)
    refuse(wrong for row in CAPABILITIES for section in row.sections if (wrong := find_unknown_section(section)))


def test_rows_of_one_area_stand_together() -> None:
    areas = [row.area for row in CAPABILITIES]
    assert sorted(areas, key=areas.index) == areas


def test_page_of_capabilities_is_current() -> None:
    assert PAGE.read_text() == render_capabilities(), "run manage.py capabilities_doc"


@pytest.mark.parametrize(
    ("member", "key"),
    [
        ("patch", "patch"),
        ("bulk", "bulk"),
        ("filter", "filter"),
        ("changePassword", "change-password"),
        ("sort", "sort"),
        ("etag", "etag"),
    ],
)
def test_configuration_tells_what_the_table_tells(member: str, key: str) -> None:
    assert CONFIG[member]["supported"] is (BY_KEY[key].status is Status.SUPPORTED)
