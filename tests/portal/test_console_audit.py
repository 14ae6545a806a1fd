"""The audit explorer: what is searched, counted, clicked, shown of one event, and downloaded."""

import html
import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from audit.queries import list_events
from audit.reading.syntax import Field, parse_query
from labsninja.env import PROJECT_ROOT
from labsninja.kernel.isolation import tenant_context
from portal.console.audit_terms import add_term, make_term, remove_term
from tenants.models import Role
from tenants.realms import CONSOLE
from tests.audit.histories import record, seal
from tests.portal.provisioning import Provider
from tests.portal.signing_in import make_member, open_session

pytestmark = pytest.mark.usefixtures("database")
AUDIT = "/console/audit"


def _enter(tenant_id: UUID, role: Role) -> Client:
    client = Client()
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id, role))
    client.get("/console/", follow=True)
    return client


@pytest.fixture
def operator(tenant_id: UUID) -> Client:
    return _enter(tenant_id, Role.OWNER)


def _read(client: Client, query: str = "", path: str = AUDIT) -> str:
    answer = client.get(path, {"q": query} if query else {})
    assert answer.status_code == 200, answer.content
    return " ".join(html.unescape(answer.content.decode()).split())


def _links(page: str, part: str) -> list[str]:
    return [found for found in re.findall(r'href="(\?[^"]+)"', page) if part in found]


@pytest.mark.capability("audit-search")
def test_search_finds_what_its_qualifiers_say(operator: Client, okta: Provider) -> None:
    ada = okta.add_user("ada@example.test")
    okta.replace(ada, "title", "Dr")
    okta.add_user("bob@example.test")
    page = _read(operator, "action:scim.user.* actor:Okta")
    assert '<h2 id="found" class="font-semibold">3 events</h2>' in page
    assert "Okta changed the user ada@example.test" in page
    assert "2 events" in _read(operator, f"target:{ada}")
    assert "Nothing like this has happened." in _read(operator, "action:scim.group.deleted")


def test_facet_adds_its_term_and_takes_it_away(operator: Client, okta: Provider) -> None:
    okta.add_user("ada@example.test")
    page = _read(operator, "actor:Okta")
    [address] = _links(page, "action%3Ascim.user.created")
    assert address == "?q=actor%3AOkta+action%3Ascim.user.created"
    narrowed = " ".join(html.unescape(operator.get(AUDIT + address).content.decode()).split())
    assert re.search(r'href="\?q=actor%3AOkta" aria-current="true"><span[^>]*>scim.user.created</span>', narrowed)


def test_bar_of_the_histogram_leads_to_its_events(operator: Client, okta: Provider) -> None:
    okta.add_user("ada@example.test")
    page = _read(operator, "action:scim.user.created")
    [*_, bar] = _links(page, "from%3A")
    assert "1 event<" in " ".join(operator.get(AUDIT + bar).content.decode().split())


def test_pages_lead_to_older_events_and_back(operator: Client, tenant_id: UUID) -> None:
    record(tenant_id, 60)
    page = _read(operator, "action:scim.group.created")
    assert "60 events" in page
    [older] = re.findall(r'href="([^"]+)" rel="next"', page)
    behind = operator.get(AUDIT + older).content.decode()
    assert behind.count("Gr\u00fcn</a>") == 10
    [newer] = re.findall(r'href="([^"]+)" rel="prev"', html.unescape(behind))
    assert operator.get(AUDIT + newer).content.decode().count("Gr\u00fcn</a>") == 50


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("aktion:x", "no qualifier is named aktion"),
        ("outcome:lost", "no outcome is named 'lost'"),
        ('"open', "a quote is not closed"),
        ("from:yesterday", "'yesterday' is no time"),
        ("x" * 1025, "at most 1024 characters"),
        ("\x00", "a character that no text has"),
    ],
)
def test_search_that_cannot_be_read_says_where_and_keeps_what_was_typed(
    operator: Client, query: str, told: str
) -> None:
    answer = operator.get(AUDIT, {"q": query})
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert told in page
    assert query.strip() in page


def test_cursor_that_was_not_given_out_leads_to_the_first_page(operator: Client) -> None:
    answer = operator.get(AUDIT, {"q": "actor:okta", "after": "nonsense"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{AUDIT}?q=actor%3Aokta")


def _event(operator: Client, tenant_id: UUID, action: str) -> tuple[UUID, str]:
    with tenant_context(tenant_id):
        found = next(event for event in list_events(newest=50)[::-1] if event.action == action)
    return found.id, _read(operator, path=f"{AUDIT}/events/{found.id}")


@pytest.mark.capability("console")
def test_event_shows_who_what_when_and_its_changes(operator: Client, okta: Provider, tenant_id: UUID) -> None:
    ada = okta.add_user("ada@example.test", title="Miss")
    okta.replace(ada, "title", "Dr <b>")
    event_id, page = _event(operator, tenant_id, "scim.user.updated")
    assert "Okta changed the user ada@example.test" in page
    assert re.search(r"title</th><td[^>]*>Miss</td><td[^>]*>Dr <b></td>", page)
    assert "Recorded and not sealed yet" in page
    seal()
    assert "Proved: this text is leaf" in _read(operator, path=f"{AUDIT}/events/{event_id}")


@pytest.mark.parametrize("name", ["this actor", "this object", "this request", "this action"])
def test_event_leads_to_others_that_share_something(
    operator: Client, okta: Provider, tenant_id: UUID, name: str
) -> None:
    okta.add_user("ada@example.test")
    _, page = _event(operator, tenant_id, "scim.user.created")
    [address] = re.findall(rf'href="([^"]+)">{name}</a>', page)
    found = operator.get(address)
    assert found.status_code == 200
    assert "created the user ada@example.test" in found.content.decode()


def test_event_of_another_tenant_is_not_there(operator: Client, make_tenant: Callable[[], UUID]) -> None:
    other = make_tenant()
    with tenant_context(other):
        event_id = list_events(newest=1)[0].id
    assert operator.get(f"{AUDIT}/events/{event_id}").status_code == 404
    for event_id in (uuid4(), UUID(int=0), UUID(int=2**128 - 1)):
        assert operator.get(f"{AUDIT}/events/{event_id}").status_code == 404


@pytest.mark.capability("audit-download")
@pytest.mark.parametrize("form", ["csv", "jsonl", "ocsf", "cloudevents"])
def test_what_was_found_is_downloaded_and_that_is_an_event(
    operator: Client, okta: Provider, tenant_id: UUID, form: str
) -> None:
    okta.add_user("=cmd()@example.test")
    answer: Any = operator.post(f"{AUDIT}/download", {"q": "action:scim.user.created", "form": form})
    content = b"".join(answer.streaming_content).decode()
    assert "attachment" in answer.headers["Content-Disposition"]
    assert len(content.splitlines()) == (2 if form == "csv" else 1)
    if form == "csv":
        assert "'=cmd()@example.test" in content
    else:
        assert "cmd()@example.test" in json.dumps(json.loads(content))
    with tenant_context(tenant_id):
        told = [event.action for event in list_events(newest=2)]
    assert told == ["audit.download.started", "audit.download.finished"]


def test_viewer_reads_and_downloads_nothing(okta: Provider, tenant_id: UUID) -> None:
    okta.add_user("ada@example.test")
    viewer = _enter(tenant_id, Role.VIEWER)
    assert "created the user ada@example.test" in _read(viewer)
    assert "audit/download" not in _read(viewer)
    assert viewer.post(f"{AUDIT}/download", {"q": "", "form": "csv"}).status_code == 403


@pytest.mark.parametrize(("given", "status"), [({"form": "pdf"}, 404), ({"form": "csv", "q": "x:"}, 302), ({}, 404)])
def test_download_of_nonsense_is_refused(operator: Client, given: dict[str, str], status: int) -> None:
    assert operator.post(f"{AUDIT}/download", given).status_code == status


@pytest.mark.parametrize("value", ["okta", "Ada Lovelace", 'a "b" c', "a:b", "wild*"])
def test_term_is_read_as_the_value_it_was_made_of(value: str) -> None:
    (term,) = parse_query(make_term(Field.TARGET, value)).terms
    assert (term.values[0], term.is_prefix) == (value.replace('"', " "), False)
    text = add_term("x", make_term(Field.TARGET, value))
    assert add_term(text, make_term(Field.TARGET, value)) == text
    assert remove_term(text, make_term(Field.TARGET, value)) == "x"


def _run(client: Client, query: str) -> str:
    """Every step of a check, as the page asks for them."""
    page = client.get(f"{AUDIT}/verify{query}").content.decode()
    for _ in range(50):
        found = re.search(r'hx-get="([^"]+)"', page)
        if not found:
            break
        page = client.get(html.unescape(found.group(1)), headers={"HX-Request": "true"}).content.decode()
    return " ".join(html.unescape(page).split())


def test_history_is_verified_step_by_step(tenant_id: UUID) -> None:
    record(tenant_id, 20)
    viewer = _enter(tenant_id, Role.VIEWER)
    seal()
    assert re.search(r"The history holds: \d\d events are as they were sealed", _run(viewer, "?begin=1"))
    assert "The history holds: 0 events" in _run(viewer, "?begin=1&since=2100-01-01")


def test_history_that_nobody_sealed_yet_says_so(tenant_id: UUID) -> None:
    assert "Nothing is sealed yet." in _run(_enter(tenant_id, Role.VIEWER), "?begin=1")


@pytest.mark.parametrize("state", ["x", "", "x" * 500])
def test_state_that_was_not_given_out_is_not_there(operator: Client, state: str) -> None:
    assert operator.get(f"{AUDIT}/verify", {"run": state}).status_code == 404


def test_state_of_another_tenant_is_not_there(operator: Client, make_tenant: Callable[[], UUID]) -> None:
    other = make_tenant()
    record(other, 3)
    seal()
    page = _enter(other, Role.OWNER).get(f"{AUDIT}/verify?begin=1").content.decode()
    [address] = re.findall(r'hx-get="([^"]+)"', page)
    assert operator.get(html.unescape(address)).status_code == 404


def test_day_that_is_none_is_told_beside_its_field(operator: Client) -> None:
    answer = operator.get(f"{AUDIT}/verify", {"begin": "1", "since": "yesterday"})
    assert (answer.status_code, "Enter a valid date" in answer.content.decode()) == (422, True)


def test_keys_and_verifier_are_there_to_be_taken(operator: Client, tenant_id: UUID) -> None:
    record(tenant_id, 1)
    seal()
    keys = operator.get(f"{AUDIT}/key").content.decode()
    assert f"/{tenant_id}+" in keys
    file = Client().get("/docs/audit/verify.py").content.decode()
    assert file == (PROJECT_ROOT / "audit" / "verify.py").read_text()
