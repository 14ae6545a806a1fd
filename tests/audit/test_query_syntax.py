"""What a person types becomes a query, or an error that says where and what to do."""

from datetime import UTC, datetime

import pytest

from audit.actions import Action
from audit.reading.syntax import Field, Query, QuerySyntaxError, Term, parse_query


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("ada", Term(Field.TEXT, ("ada",))),
        ('"ada lovelace"', Term(Field.TEXT, ("ada lovelace",))),
        ("-ada", Term(Field.TEXT, ("ada",), is_negated=True)),
        ("lovel*", Term(Field.TEXT, ("lovel",), is_prefix=True)),
        ('"lovel*"', Term(Field.TEXT, ("lovel*",))),
        ("actor:okta", Term(Field.ACTOR, ("okta",))),
        ('actor:"Okta prod"', Term(Field.ACTOR, ("Okta prod",))),
        ("ACTOR:Okta*", Term(Field.ACTOR, ("Okta",), is_prefix=True)),
        ("action:scim.user.created", Term(Field.ACTION, ("scim.user.created",))),
        ("-outcome:Denied", Term(Field.OUTCOME, ("denied",), is_negated=True)),
        ("address:2001:db8::1", Term(Field.ADDRESS, ("2001:db8::1",))),
        ("address:192.0.2.*", Term(Field.ADDRESS, ("192.0.2.",), is_prefix=True)),
        ("target:a-b", Term(Field.TARGET, ("a-b",))),
        ("type:User", Term(Field.TYPE, ("User",))),
        ("request:r*", Term(Field.REQUEST, ("r*",))),
        ("token:lnj_ls_abc", Term(Field.TOKEN, ("lnj_ls_abc",))),
        ('"http://x"', Term(Field.TEXT, ("http://x",))),
    ],
)
def test_term_is_read(text: str, term: Term) -> None:
    assert parse_query(text) == Query((term,))


def test_wildcard_stands_for_all_actions_of_its_area() -> None:
    wanted = {str(action) for action in Action if action.startswith("scim.user.")}
    assert set(parse_query("action:scim.user.*").terms[0].values) == wanted
    assert len(wanted) > 2


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("from:2026-11-01", datetime(2026, 11, 1, tzinfo=UTC), None),
        ("to:2026-11-01", None, datetime(2026, 11, 2, tzinfo=UTC)),
        ("to:2026-11-01T12:00Z", None, datetime(2026, 11, 1, 12, tzinfo=UTC)),
        ("from:2026-11-01T02:00+02:00", datetime(2026, 11, 1, tzinfo=UTC), None),
    ],
)
def test_times_are_read_and_a_day_as_an_end_is_whole(text: str, since: datetime, until: datetime) -> None:
    assert parse_query(text) == Query((), since, until)


def test_terms_stand_side_by_side() -> None:
    query = parse_query('  actor:okta  -outcome:denied "ada lovelace" from:2026-11-01 ')
    assert [term.field for term in query.terms] == [Field.ACTOR, Field.OUTCOME, Field.TEXT]
    assert parse_query("") == parse_query("   ") == Query()


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("actr:okta", 1, "did you mean actor?"),
        ("ok x:y", 4, "there are actor"),
        ("ok -actr:okta", 5, "did you mean actor?"),
        ("action:scim.user.create", 1, "did you mean scim.user.created?"),
        ("a action:scim.usr.*", 3, "did you mean scim.user.*?"),
        ("outcome:deny", 1, "denied"),
        ('ok "ada', 4, "not closed"),
        ('ok "ada"x', 4, "within a word"),
        ("ok actor:", 4, "actor: wants a value"),
        ("ok -", 4, "nothing"),
        ('ok ""', 4, "nothing"),
        ("ad*", 1, "at least 3"),
        ("x from:yesterday", 3, "no time"),
        ("from:2026-02-30", 1, "no time"),
        ("to:9999-12-31", 1, "no time"),
        ("-from:2026-11-01", 1, "without a minus"),
        ("from:2026-11-01 from:2026-11-02", 17, "once"),
        ("ada\x00", 4, "no text has"),
        ("x" * 1025, 1025, "1024"),
        (" ".join(["x"] * 33), 65, "32"),
    ],
)
def test_mistake_is_told_with_its_position(text: str, position: int, said: str) -> None:
    with pytest.raises(QuerySyntaxError) as error:
        parse_query(text)
    assert error.value.position == position
    assert said in error.value.reason
    assert str(position) in str(error.value)
