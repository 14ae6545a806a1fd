"""What holds of every PATCH: it is refused as a SCIM error, or its result is canonical and repeating it is harmless."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scim.protocol.dialects.base import LENIENT, STRICT, Dialect
from scim.protocol.json_input import JsonObject
from scim.protocol.patch.rows import AddRows, RemoveRows, ReplaceRows
from scim.protocol.resource import Mode
from scim.protocol.schemas import GROUP
from tests.protocol.patch_samples import DOCUMENTS, ELEMENTS, OPERATIONS, PLAIN_OPERATIONS, WORDS, outcome
from tests.protocol.patching import add, member_changes, patch, patch_group, remove
from tests.protocol.shapes import read

DIALECTS = st.sampled_from([LENIENT, STRICT])
MANY = settings(max_examples=100_000, deadline=None)
SOME = settings(max_examples=2_000, deadline=None)
# A path that chooses by the very value it replaces finds nothing the second time.
REPEATABLE = [
    operation for operation in PLAIN_OPERATIONS if operation["op"] == "replace" and "[value eq" not in operation["path"]
]
FEW = settings(max_examples=250, deadline=None)


def check_any_patch(before: JsonObject, operations: list[Any], dialect: Dialect) -> None:
    """Refused, or canonical: replacing the result by itself gives the same bytes without a warning. (As a new resource
    it would get its defaults back.)
    """
    kept = deepcopy(before)
    found = outcome(lambda: patch(before, *operations, dialect=dialect))
    assert before == kept
    if found:
        document = found[0].document
        assert (document is before) is not found[0].changes_document
        again, warnings = read(document, mode=Mode.REPLACE, current=document)
        assert json.dumps(again.document) == json.dumps(document)
        assert not warnings
        assert again.secrets == {}


@SOME
@given(DOCUMENTS, OPERATIONS, DIALECTS)
def test_any_operations_give_a_canonical_document_or_a_scim_error(
    before: JsonObject, operations: list[Any], dialect: Dialect
) -> None:
    check_any_patch(before, operations, dialect)


@pytest.mark.long
@MANY
@given(DOCUMENTS, OPERATIONS, DIALECTS)
def test_any_of_very_many_operations_give_a_canonical_document_or_a_scim_error(
    before: JsonObject, operations: list[Any], dialect: Dialect
) -> None:
    check_any_patch(before, operations, dialect)


@FEW
@given(OPERATIONS, DIALECTS)
def test_any_operations_on_a_group_give_rows_or_a_scim_error(operations: list[Any], dialect: Dialect) -> None:
    found = outcome(lambda: patch_group(*operations, dialect=dialect))
    assert found is None or found[0].document == read(found[0].document, resource_type=GROUP)[0].document


@FEW
@given(DOCUMENTS, st.sampled_from(REPEATABLE))
def test_a_replace_done_twice_is_a_replace_done_once(before: JsonObject, operation: Any) -> None:
    once = outcome(lambda: patch(before, operation))
    if once:
        assert not patch(once[0].document, operation)[0].changes_document


@FEW
@given(DOCUMENTS, st.sampled_from(["value", "display"]), st.sampled_from(["add", "replace"]), WORDS)
def test_a_value_path_done_twice_is_a_value_path_done_once(before: JsonObject, part: str, op: str, word: str) -> None:
    operation = {"op": op, "path": f'emails[type eq "work"].{part}', "value": word}
    once = outcome(lambda: patch(before, operation))
    if once:
        assert not patch(once[0].document, operation)[0].changes_document


@FEW
@given(DOCUMENTS, ELEMENTS)
def test_an_add_done_twice_is_an_add_done_once(before: JsonObject, added: list[JsonObject]) -> None:
    once = patch(before, add("emails", added))[0].document
    assert not patch(once, add("emails", added))[0].changes_document


@FEW
@given(DOCUMENTS)
def test_what_is_added_and_removed_leaves_the_document_as_it_was(before: JsonObject) -> None:
    operations = [add("emails", [{"value": "new", "type": "x"}]), remove('emails[value eq "new"]')]
    assert patch(before, *operations)[0].document is before


@FEW
@given(
    st.lists(st.tuples(st.sampled_from(["add", "replace", "remove"]), st.lists(st.sampled_from("abc"))), max_size=6),
    st.sets(st.sampled_from("abcd")),
)
def test_folded_changes_of_members_do_what_the_operations_say(
    operations: list[tuple[str, list[str]]], before: set[str]
) -> None:
    wanted = set(before)
    for op, values in operations:
        wanted = {"add": wanted | set(values), "remove": wanted - set(values), "replace": set(values)}[op]
    made = [{"op": op, "path": "members", "value": values} for op, values in operations] or [add("members", [])]
    assert _carry_out(member_changes(*made), before) == wanted


def _carry_out(changes: tuple[Any, ...], members: set[str]) -> set[str]:
    for change in changes:
        if isinstance(change, RemoveRows):
            members = members - set(change.values)
        else:
            named = {element["value"] for element in change.elements}
            members = named if isinstance(change, ReplaceRows) else members | named
            assert isinstance(change, ReplaceRows | AddRows)
    return members
