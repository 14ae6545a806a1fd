"""`members[condition]` removes whom the pure evaluator picks, by SQL."""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scim.protocol.dialects.base import Reading
from scim.protocol.filter.evaluate import matches
from scim.protocol.filter.nodes import Node, ValuePath
from scim.protocol.filter.parser import parse_filter
from scim.protocol.json_input import JsonObject
from scim.protocol.schemas import GROUP
from scim.store.members import list_members, remove_members_where
from scim.store.members.conditions import compile_condition
from scim.store.members.removing import REMOVE_WHERE
from scim.store.pipeline import pipelined_scope
from tests.store.groups import LOCATIONS, add, ids_of, insert_groups, insert_users, pending_of, rows_of, scope

NAMES = ("Ada", "ada lovelace", "B%b", "\u00c9ve", "x_\\")
OPERATORS = ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le")


def _parse(text: str) -> Node:
    node = parse_filter(f"members[{text}]", namespace=GROUP.namespace, reading=Reading())
    assert isinstance(node, ValuePath)
    return node.condition


def _remove(group: UUID, text: str) -> tuple[UUID, ...]:
    return remove_members_where(group_id=group, condition=_parse(text), locations=LOCATIONS).removed


def test_condition_on_the_value_removes_that_member(tenant: UUID) -> None:
    with scope():
        (group,), (ada, bob) = insert_groups("lab"), insert_users("ada", "bob")
        add(group, ada, bob, "later")
        assert _remove(group, f'value eq "{ada}"') == (ada,)
        assert _remove(group, 'value eq "later"') == ()
        assert (ids_of(group), pending_of(group)) == ([bob], [])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('type eq "group"', ["Ada", "Bob"]),
        ('type eq "User" and display sw "a"', ["Bob", "Choir"]),
        ('not (display eq "ADA")', ["Ada"]),
        (f'$ref sw "{LOCATIONS["Group"]}"', ["Ada", "Bob"]),
        ('value eq "x" or display co "o"', ["Ada"]),
        ("display pr", []),
        ("display eq null", ["Ada", "Bob", "Choir"]),
        ('display eq "x\' OR TRUE --"', ["Ada", "Bob", "Choir"]),
    ],
)
def test_condition_leaves_those_who_do_not_meet_it(tenant: UUID, text: str, left: list[str]) -> None:
    with scope():
        (group, choir), users = insert_groups("lab", "Choir"), insert_users("Ada", "Bob")
        add(group, choir, *users)
        _remove(group, text)
        assert sorted(member.display or "" for member in list_members(group_id=group, limit=9)) == left


def _literals(members: list[JsonObject]) -> st.SearchStrategy[str]:
    known = [str(text) for member in members for text in member.values()]
    return st.sampled_from([*known, *(text[3:9] for text in known), *NAMES, "", "%", "user", "GROUP", "zzz"])


def _terms(members: list[JsonObject]) -> st.SearchStrategy[str]:
    path = st.sampled_from(["value", "type", "display", "$ref"])
    escaped = _literals(members).map(lambda text: '"' + text.replace("\\", "\\\\") + '"')
    compared = st.tuples(path, st.sampled_from(OPERATORS), escaped).map(" ".join)
    leaf = st.one_of(compared, path.map("{} pr".format), path.map("{} eq null".format), path.map("{} ne null".format))
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            inner.map("not ({})".format),
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: "({}) {} ({})".format(*parts)),
        ),
        max_leaves=5,
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_sql_and_the_evaluator_pick_the_same_members(tenant: UUID, data: st.DataObject) -> None:
    with scope() as opened:
        (group, choir), users = insert_groups("lab", "Choir"), insert_users(*NAMES)
        add(group, choir, *users, "later")
        members: list[JsonObject] = [
            {"value": str(m.id), "type": m.type, "display": m.display, "$ref": f"{LOCATIONS[m.type]}{m.id}"}
            for m in list_members(group_id=group, limit=99)
        ]
        members.append({"value": "later"})
        text = data.draw(_terms(members))
        _remove(group, text)
        left = {value for value, *_ in rows_of(group)}
        wanted = {member["value"] for member in members if not matches(_parse(text), member)}
        opened.execute("DELETE FROM scim_member WHERE group_id = %s", [group])
        opened.execute("UPDATE scim_resource SET deleted_at = now() WHERE id = ANY(%s)", [[group, choir, *users]])
    assert left == wanted


def test_condition_on_the_value_is_looked_up_by_key(tenant: UUID) -> None:
    text, params = compile_condition(_parse('value eq "x"'), locations=LOCATIONS)
    with pipelined_scope() as opened:
        opened.execute("SET LOCAL enable_seqscan = off", None)
        (group,) = insert_groups("lab")
        statement = "EXPLAIN " + REMOVE_WHERE.format(condition=text)
        plan = opened.execute(statement, {"tenant": tenant, "group": group, **params}).fetchall()
    conditions = [line for (line,) in plan if "Index Cond" in line and "value = 'x'" in line]
    assert conditions, plan
