"""Index rows: what a document has of them, and that what differs is what is written."""

from typing import Any
from uuid import UUID

import pytest
import uuid_utils.compat
from django.db import IntegrityError

from labsninja.kernel.isolation import current_scope
from scim.protocol import urns
from scim.protocol.attributes import Attribute, Schema
from scim.protocol.filter.nodes import Operator
from scim.protocol.schemas import GROUP, USER
from scim.store.index import cut_value, index_rows, insert_index_rows, is_whole_in_index, replace_index_rows
from scim.store.pipeline import pipelined_scope
from tests.protocol.shapes import document

MANAGER = f"{urns.ENTERPRISE_USER}:manager.value"
ADA = {"userName": "ada", "emails": [{"value": "Ada@Lab.test"}, {"value": "\u00c5@lab.test", "type": "home"}]}
STORED = "SELECT path, value FROM scim_resource_index WHERE tenant_id = %s AND resource_id = %s ORDER BY 1, 2"
PLACES = "SELECT ctid::text FROM scim_resource_index WHERE tenant_id = %s AND value = 'kept'"


def _stored(resource_id: UUID) -> list[tuple[str, str]]:
    with pipelined_scope() as scope:
        return list(scope.execute(STORED, [scope.tenant_id, resource_id]).fetchall())


def _replace(resource_id: UUID, before: Any, after: Any) -> None:
    with pipelined_scope():
        replace_index_rows(resource_type="User", resource_id=resource_id, before=before, after=after)


def test_rows_are_folded_values_of_indexed_attributes_that_are_no_columns() -> None:
    body = {**ADA, "externalId": "E", "displayName": "Ada", urns.ENTERPRISE_USER: {"manager": {"value": "Boss"}}}
    rows = index_rows(USER, document(body))
    assert rows == {("emails.value", "ada@lab.test"), ("emails.value", "\u00e5@lab.test"), (MANAGER, "Boss")}


def test_group_has_no_rows_of_its_members() -> None:
    assert index_rows(GROUP, {"displayName": "Lab", "members": [{"value": "x"}]}) == frozenset()


def test_indexed_attribute_of_an_extension_has_rows() -> None:
    badged = USER.with_extension(Schema("urn:example:badge", "Badge", "", (Attribute("number", indexed=True),)))
    rows = index_rows(badged, {"urn:example:badge": {"number": "B7"}})
    assert rows == {("urn:example:badge:number", "b7")}
    assert is_whole_in_index(badged, "urn:example:badge:number", Operator.EQ)


def test_long_value_is_cut_between_characters() -> None:
    cut = cut_value("emails.value", "\u20ac" * 1000)
    assert cut == "\u20ac" * 800


def test_value_that_no_schema_bounds_is_not_relied_on_as_a_whole() -> None:
    assert is_whole_in_index(USER, "emails.value", Operator.EQ)
    assert not is_whole_in_index(USER, MANAGER, Operator.EQ)


def test_longest_value_of_the_longest_path_fits_into_the_key(tenant: UUID) -> None:
    path = "urn:" + "x" * 700
    value = cut_value(path, "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(3000)))
    resource_id = uuid_utils.compat.uuid7()
    _replace(resource_id, (), [(path, value)])
    assert _stored(resource_id) == [(path, value)]


def test_rows_are_inserted_and_removed(tenant: UUID) -> None:
    resource_id, rows = uuid_utils.compat.uuid7(), index_rows(USER, document(ADA))
    with pipelined_scope():
        insert_index_rows(resource_type="User", resource_id=resource_id, rows=rows)
    assert _stored(resource_id) == sorted(rows)
    _replace(resource_id, rows, ())
    assert _stored(resource_id) == []


def test_row_that_stays_is_not_written_again(tenant: UUID) -> None:
    resource_id = uuid_utils.compat.uuid7()
    _replace(resource_id, (), [("p", "kept"), ("p", "old")])
    with pipelined_scope() as scope:
        before = scope.execute(PLACES, [tenant]).fetchall()
    _replace(resource_id, [("p", "kept"), ("p", "old")], [("p", "kept"), ("p", "new")])
    assert _stored(resource_id) == [("p", "kept"), ("p", "new")]
    with pipelined_scope() as scope:
        assert scope.execute(PLACES, [tenant]).fetchall() == before


def test_rows_of_another_resource_with_the_same_value_stay(tenant: UUID) -> None:
    one, other = uuid_utils.compat.uuid7(), uuid_utils.compat.uuid7()
    for resource_id in (one, other):
        _replace(resource_id, (), [("p", "shared")])
    _replace(one, [("p", "shared")], ())
    assert _stored(other) == [("p", "shared")]


def test_value_beyond_the_bound_is_refused_by_the_database(tenant: UUID) -> None:
    with pytest.raises(IntegrityError, match="scim_resource_index_value_bounded"):
        _replace(uuid_utils.compat.uuid7(), (), [("p", "x" * 2401)])


def test_nothing_is_sent_where_nothing_differs(tenant: UUID) -> None:
    # Outside a scope any statement would be refused.
    replace_index_rows(resource_type="User", resource_id=tenant, before=[("p", "v")], after=[("p", "v")])
    with pytest.raises(Exception, match="no tenant scope is open"):
        current_scope()
