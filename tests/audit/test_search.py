"""What searches find, page by page, and how many of it there is."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from audit.actions import Action, Outcome
from audit.actors import Actor, ActorKind
from audit.reading import conditions
from audit.reading.conditions import SearchTooSlowError, search_scope
from audit.reading.pages import CursorError, read_page, walk_contents
from audit.reading.summaries import build_histogram, count_events, list_facets
from audit.reading.syntax import Query, parse_query
from labsninja.kernel.isolation import tenant_context
from tests.audit.histories import as_platform
from tests.audit.telling import NOON, settle, tell

ENTRA = Actor(ActorKind.SCIM_CLIENT, "c2", "Entra", "lnj_ls_000000000002")
COMMAND = Actor(ActorKind.ADMINISTRATOR, label="manage.py rotate_token")


@pytest.fixture(name="told")
def _told(tenant: UUID) -> UUID:
    """Six events, a minute apart, known by the ids a to f of what they are about."""
    tell(Action.USER_CREATED, id="a", display="Ada@example.com", at=NOON, request="r-a")
    tell(id="b", display="Ada Lovelace", at=NOON + timedelta(minutes=1), actor=ENTRA, address="192.0.2.200")
    tell(
        Action.ACCESS_DENIED,
        Outcome.DENIED,
        id="c",
        display="GET /Users",
        type="Endpoint",
        at=NOON + timedelta(minutes=2),
        details={"reason": "expired token"},
        address="2001:db8::1",
    )
    changes = [{"path": "title", "before": "Countess", "after": "Engineer"}]
    tell(id="d", display="grace", at=NOON + timedelta(minutes=3), changes=changes)
    tell(
        Action.TOKEN_ROTATED,
        id="e",
        display="lnj",
        type="Token",
        at=NOON + timedelta(minutes=4),
        actor=COMMAND,
        surface="command",
        address="",
    )
    tell(
        Action.GROUP_CREATED,
        Outcome.UNCHANGED,
        id="f",
        display="\uff21da fans",
        type="Group",
        at=NOON + timedelta(days=1),
    )
    settle()
    return tenant


def _find(text: str) -> str:
    """Ids of what is found, the oldest first; events of the deployment have longer ones."""
    found = read_page(query=parse_query(text)).events[::-1]
    return "".join(event.target_id for event in found if len(event.target_id) == 1)


@pytest.mark.capability("audit-search")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("request:r-a", "a"),
        ("actor:entra", "b"),
        ("actor:c1 type:user", ""),
        ("actor:c1 type:User", "ad"),
        ('actor:"OKTA prod"', "acdf"),
        ("actor:okta*", "acdf"),
        ('-actor:"okta prod" surface:scim', "b"),
        ("actor:administrator", "e"),
        ("actor:nobody", ""),
        ("action:scim.user.*", "abd"),
        ("action:scim.user.created action:tenants.*", "ae"),
        ("-action:scim.user.* -action:audit.*", "cef"),
        ("outcome:denied outcome:unchanged", "cf"),
        ("-outcome:done", "cf"),
        ("target:a", "a"),
        ("target:ada@EXAMPLE.com", "a"),
        ('target:"ada lovelace"', "b"),
        ("target:ada", ""),
        ("-target:a type:User", "bd"),
        ("address:192.0.2.1", "adf"),
        ("address:192.0.2.*", "abdf"),
        ("address:2001:db8::1", "c"),
        ("-address:192.0.2.* surface:scim", "c"),
        ("surface:command", "e"),
        ("token:lnj_ls_000000000002", "b"),
        ("from:2026-11-05T12:03Z to:2026-11-05", "de"),
        ("from:2026-11-06", "f"),
        ("ada", "abf"),
        ("ADA lovelace", "b"),
        ('"lovelace ada"', "b"),
        ("lovel*", "b"),
        ("-ada surface:scim", "cd"),
        ("ada -lovel*", "af"),
        ("example", "a"),
        ("ada@example.com", "a"),
        ("engineer title", "d"),
        ("countess", "d"),
        ('"expired token"', "c"),
        ("ada outcome:unchanged", "f"),
        ('"..."', ""),
    ],
)
def test_search_finds(told: UUID, text: str, found: str) -> None:
    assert _find(text) == found
    assert count_events(query=parse_query(text)).number >= len(found)
    walked = [content.target["id"] for batch in walk_contents(query=parse_query(text)) for content in batch]
    assert "".join(target for target in walked if len(target) == 1) == found


def test_person_is_found_by_a_former_name(tenant: UUID) -> None:
    tell(id="a", display="ada")
    tell(id="a", display="countess", at=NOON + timedelta(minutes=1))
    settle()
    assert _find("target:ada") == "aa"


def test_actor_beyond_those_that_are_looked_through_is_found_by_its_id(
    told: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conditions, "MOST_ACTORS", 1)
    assert (_find("actor:c2"), _find("actor:entra"), _find("-actor:c2 surface:scim")) == ("b", "", "acdf")


def test_other_tenants_events_are_not_found(told: UUID, make_tenant: Callable[[], UUID]) -> None:
    with tenant_context(None), tenant_context(make_tenant()):
        assert _find("ada") == _find("target:a") == _find("actor:okta*") == _find("request:r-a") == ""


@pytest.mark.parametrize(
    "text",
    ["", "ada", "ada*", "-xyz", "target:a", "target:ada@example.com", "actor:okta*", "-actor:entra", "type:User"],
)
def test_search_names_its_tenant_even_where_no_policy_holds(
    told: UUID, make_tenant: Callable[[], UUID], text: str
) -> None:
    """The platform role sees every tenant: what it finds here is the work of the statement alone."""
    with tenant_context(None), tenant_context(make_tenant()):
        tell(id="a", display="Ada@example.com")
        tell(id="z", display="ada xyz", actor=COMMAND)
        settle()
    query = parse_query(text)
    with as_platform(told):
        page, count = read_page(query=query), count_events(query=query)
        buckets = build_histogram(query=query, bucket=timedelta(days=1)).buckets
        facets = list_facets(query=query)
    assert {event.tenant_id for event in page.events} == {told}
    assert count.number == len(page.events) == sum(buckets.values()) == sum(facets.values["outcome"].values())


def test_pages_lead_there_and_back_whatever_is_told_meanwhile(tenant: UUID) -> None:
    for number in range(9):
        tell(id=str(number), at=NOON + timedelta(seconds=number // 2))
    query = parse_query("target:0 " + " ".join(f"target:{number}" for number in range(1, 10)))
    first = read_page(query=query, limit=4)
    tell(id="9", at=NOON + timedelta(minutes=1))
    second = read_page(query=query, limit=4, after=first.older)
    third = read_page(query=query, limit=4, after=second.older)
    seen = [event.id for page in (first, second, third) for event in page.events]
    assert [len(page.events) for page in (first, second, third)] == [4, 4, 1]
    assert len({*seen}) == 9
    assert (first.newer, third.older) == (None, None)
    back = read_page(query=query, limit=4, before=third.newer)
    assert [event.id for event in back.events] == [event.id for event in second.events]
    again = read_page(query=query, limit=4, before=back.newer)
    assert [event.id for event in again.events] == [event.id for event in first.events]
    newest = read_page(query=query, limit=4, before=again.newer)
    assert [event.target_id for event in newest.events] == ["9"]
    assert newest.newer is None


@pytest.mark.parametrize("spoil", [lambda text: text[:-1], lambda text: "x" + text, lambda _: "nonsense", lambda _: ""])
def test_cursor_that_was_not_given_out_is_refused(told: UUID, spoil: Callable[[str], str]) -> None:
    cursor = read_page(query=Query(), limit=1).older
    assert cursor is not None
    spoiled = spoil(cursor)
    if spoiled:
        with pytest.raises(CursorError):
            read_page(query=Query(), after=spoiled)


def test_search_that_takes_too_long_is_told_so(tenant: UUID) -> None:
    def search() -> None:
        with search_scope() as scope:
            scope.execute("SET LOCAL statement_timeout = '20ms'", None)
            scope.execute("SELECT pg_sleep(1)", None)

    with pytest.raises(SearchTooSlowError, match="time range"):
        search()


def test_cursor_of_another_query_or_tenant_is_refused(told: UUID, make_tenant: Callable[[], UUID]) -> None:
    cursor = read_page(query=Query(), limit=1).older
    with pytest.raises(CursorError):
        read_page(query=parse_query("outcome:denied"), after=cursor)
    with tenant_context(None), tenant_context(make_tenant()), pytest.raises(CursorError):
        read_page(query=Query(), after=cursor)


def test_count_is_exact_up_to_its_bound(told: UUID) -> None:
    query = parse_query("action:scim.user.*")
    exact, bounded = count_events(query=query), count_events(query=query, most=2)
    assert (exact.number, exact.is_more) == (3, False)
    assert (bounded.number, bounded.is_more) == (2, True)


def test_facets_tell_what_was_found(told: UUID) -> None:
    facets = list_facets(query=parse_query("from:2026-11-05T12:00Z to:2026-11-06"))
    assert facets.values["outcome"] == {"done": 4, "denied": 1, "unchanged": 1}
    assert facets.values["action"]["scim.user.updated"] == 2
    assert facets.values["actor"] == {"Okta prod": 4, "Entra": 1, "manage.py rotate_token": 1}
    for field in ("type", "surface"):  # each number is that of the term which the value makes
        assert facets.values[field]
        for value, number in facets.values[field].items():
            narrowed = parse_query(f'{field}:"{value}" from:2026-11-05T12:00Z to:2026-11-06')
            assert count_events(query=narrowed).number == number
    assert facets.is_whole
    assert not list_facets(query=Query(), most=2).is_whole


def test_histogram_counts_by_bucket_and_says_from_when_on(told: UUID) -> None:
    query = parse_query("from:2026-11-05T12:00Z to:2026-11-06")
    whole = build_histogram(query=query, bucket=timedelta(days=1))
    midnight = NOON.replace(hour=0)
    assert (whole.buckets, whole.since) == ({midnight: 5, midnight + timedelta(days=1): 1}, None)
    assert build_histogram(query=query, bucket=timedelta(days=1), most=2).since == NOON + timedelta(minutes=4)
