"""Words of events: kept behind their back, bounded, and forgotten when they have to be."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from audit.actors import system_origin
from audit.erasure import erase_subject
from audit.reading.indexing import forget_words
from audit.reading.pages import read_page
from audit.reading.sealed import Batch, read_sealed
from audit.reading.syntax import parse_query
from audit.reading.words import MOST, list_words
from labsninja.kernel.isolation import Scope, tenant_context, tenant_scope
from tests.audit.histories import as_platform, record_person
from tests.audit.telling import settle, tell


def _find(text: str) -> str:
    """Ids of what is found, the oldest first; events of the deployment have longer ones."""
    found = read_page(query=parse_query(text)).events[::-1]
    return "".join(event.target_id for event in found if len(event.target_id) == 1)


def test_whatever_is_told_is_found_at_once_but_for_its_words(tenant: UUID) -> None:
    tell(id="a", display="ada")
    assert (_find("target:a"), _find("ada")) == ("a", "")
    settle()
    assert _find("ada") == "a"


def test_forgotten_event_is_no_longer_found_by_its_words(tenant: UUID) -> None:
    tell(id="a", display="Ada@example.com")
    tell(id="b", display="Ada Lovelace")
    settle()
    contents = read_page(query=parse_query("target:b")).contents
    with as_platform(tenant), tenant_scope() as scope:
        forget_words(scope=scope, contents=contents)
    assert (_find("ada"), _find("lovelace"), _find("target:b")) == ("a", "", "b")


def test_erased_person_is_no_longer_found_by_what_was_told_and_still_by_the_rest(tenant: UUID) -> None:
    for subject_id, name in (("a", "ada@example.com"), ("b", "bob@example.com")):
        record_person(tenant, subject_id, name)
    settle()
    assert (_find("ada"), _find("bob"), _find("target:ada@example.com")) == ("a", "b", "a")
    with as_platform(tenant):
        erase_subject(subject_id="a", origin=system_origin("test"))
    assert (_find("ada"), _find("bob"), _find("target:ada@example.com")) == ("", "b", "")
    assert _find("target:a action:scim.user.updated") == "a"
    with tenant_scope() as scope:
        words = scope.execute("SELECT word FROM audit_word WHERE tenant_id = %s", [tenant]).fetchall()
    assert {("ada",), ("ada@example.com",)} & {*words} == set()  # ids and keys may hold the three letters, too
    assert ("a",) in words


def test_words_of_an_erased_person_that_are_kept_late_hold_nothing_personal(tenant: UUID) -> None:
    record_person(tenant, "a", "ada@example.com")
    with as_platform(tenant):
        erase_subject(subject_id="a", origin=system_origin("test"))
    settle()
    assert _find("ada") == ""


def test_erasure_keeps_out_whoever_writes_the_first_words_of_a_tenant(tenant: UUID) -> None:
    """The mark that both lock is there from then on, although no word has been written."""
    with as_platform(tenant), tenant_scope() as scope:
        forget_words(scope=scope, contents=[])
        leaves = scope.execute("SELECT leaves FROM audit_word_progress WHERE tenant_id = %s", [tenant]).fetchall()
    assert leaves == [(0,)]


def test_words_go_on_where_numbers_of_leaves_grow_long(tenant: UUID) -> None:
    """PostgreSQL takes a small number for a smallint, and two of them add up to one."""
    for first in (32_700, 2**31 - 10, 2**40):
        with tenant_scope() as scope:
            assert read_sealed(scope=scope, first=first, most=500, most_bytes=1000).end == first


def test_tenant_whose_events_cannot_be_read_keeps_no_other_waiting(
    tenant: UUID, make_tenant: Callable[[], UUID], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tell(id="a", display="ada")
    with tenant_context(None):
        others = [make_tenant() for _ in range(2)]

    def read(*, scope: Scope, **given: Any) -> Batch:
        if scope.tenant_id == tenant:
            raise ValueError("nonsense")
        return read_sealed(scope=scope, **given)

    monkeypatch.setattr("audit.reading.indexing.read_sealed", read)
    settle()
    assert _find("ada") == ""
    assert str(tenant) in caplog.text
    for other in others:
        with tenant_context(None), tenant_context(other), tenant_scope() as scope:
            done = scope.execute("SELECT leaves FROM audit_word_progress WHERE tenant_id = %s", [other]).fetchone()
            assert done[0] > 0


def test_event_has_a_bounded_number_of_words_and_its_names_are_among_them(tenant: UUID) -> None:
    tell(id="a", display="ada", changes=[{"path": "x", "after": [" ".join(f"word{n}" for n in range(1000))]}])
    words = list_words(read_page(query=parse_query("target:a")).contents[0])
    assert len(words) == MOST
    assert {"ada", "a", "okta", "prod"} <= {*words}


def test_words_of_very_long_names_are_cut_alike_on_both_sides(tenant: UUID) -> None:
    tell(id="a", display="x" * 500)
    settle()
    assert _find("x" * 500) == "a"


def test_content_is_what_the_canonical_text_says(tenant: UUID) -> None:
    tell(id="d", changes=[{"path": "title", "before": "Countess", "after": "Engineer"}], details={"reason": "x"})
    page = read_page(query=parse_query("target:d"))
    assert page.contents[0].as_json() == json.loads(page.events[0].canonical)
