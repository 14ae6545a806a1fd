"""The request inspector: requests that were really sent, found again, told in sentences, with what they changed."""

import html
import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from portal.shared.summaries import explain_warning, summarize_request
from scim.protocol.dialects.tolerances import WarningCode
from scim.queries.requests import RequestFilter, list_requests
from scim.services.request_log import flush_requests
from tenants.models import ScimClient
from tenants.realms import CONSOLE
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token
from tests.portal.signing_in import make_member, open_session

pytestmark = pytest.mark.usefixtures("database")
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@pytest.fixture
def send(tenant_id: UUID) -> Callable[..., Any]:
    """Sends a SCIM request of the tenant's own Okta."""
    with tenant_context(tenant_id):
        okta = create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=system_origin("test"))
        token = issue_token(scim_client=okta, scopes=SCOPES, origin=system_origin("test")).text
    headers = {"authorization": f"Bearer {token}"}

    def send(method: str, path: str, body: Any = None) -> Any:
        data = json.dumps(body) if body is not None else ""
        given = {"data": data, "content_type": "application/scim+json"} if body is not None else {}
        return getattr(Client(), method)(f"/scim/v2{path}", headers=headers, **given)

    return send


@pytest.fixture
def operator(client: Client, tenant_id: UUID) -> Client:
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id))
    client.get("/console/", follow=True)
    return client


def _text(answer: Any) -> str:
    return str(answer.content.decode())


def _rows(tenant_id: UUID) -> list[Any]:
    flush_requests(at_once=True)
    with tenant_context(tenant_id):
        return list(list_requests(wanted=RequestFilter()).rows)


def test_requests_appear_as_sentences_newest_first(operator: Client, send: Callable[..., Any], tenant_id: UUID) -> None:
    made = send("post", "/Users", {"schemas": [USER], "userName": "ada@example.test"}).json()
    off = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": "False"}]}
    send("patch", f"/Users/{made['id']}", off)
    send("post", "/Users", {"schemas": [USER], "userName": "ada@example.test"})
    told = [summarize_request(row=row) for row in _rows(tenant_id)]
    assert told[0].startswith("Tried to create ada@example.test: ")
    assert told[1:] == ["Changed ada@example.test", "Created ada@example.test"]
    page = _text(operator.get("/console/requests"))
    assert page.index("Tried to create") < page.index("Changed ada") < page.index("Created ada")


def test_one_request_shows_what_it_changed_and_what_was_tolerated(
    operator: Client, send: Callable[..., Any], tenant_id: UUID
) -> None:
    made = send("post", "/Users", {"schemas": [USER], "userName": "ada@example.test", "active": True}).json()
    off = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": "False"}]}
    send("patch", f"/Users/{made['id']}", off)
    newest = _rows(tenant_id)[0]
    page = _text(operator.get(f"/console/requests/{newest.id}"))
    assert page.index("This request") < page.index("Created ada@example.test")
    assert "/console/audit/" in page
    assert "A boolean came as text" in page
    assert "What changed" in page
    assert "<code>active</code>" in page
    assert "Created ada@example.test" in page  # among the others about the same
    assert "Bearer $TOKEN" in page
    assert "lnj_ls_" in page


def test_search_narrows_and_says_when_nothing_is_found(
    operator: Client, send: Callable[..., Any], tenant_id: UUID
) -> None:
    send("get", "/Users")
    send("get", "/Groups")
    _rows(tenant_id)
    assert _text(operator.get("/console/requests", {"text": "Groups"})).count("<time") == 1
    assert "Nothing like this" in _text(operator.get("/console/requests", {"text": "nowhere"}))
    assert "cannot be read" in _text(operator.get("/console/requests", {"status": "many"}))
    assert operator.get("/console/requests", {"from": "nonsense"}).status_code == 200


def test_qualifiers_narrow_beside_the_other_fields_and_a_mistake_stands_at_the_line(
    operator: Client, send: Callable[..., Any], tenant_id: UUID
) -> None:
    send("post", "/Users", {"schemas": [USER], "userName": "ada@example.test"})
    send("post", "/Users", {"schemas": [USER], "userName": "ada@example.test"})
    send("get", "/Users")
    _rows(tenant_id)
    page = _text(operator.get("/console/requests", {"q": "user:ada@example.test -status:201", "status": "409"}))
    assert page.count("<time") == 1
    assert "Narrowed also by status <code>409</code>" in page
    assert 'value="user:ada@example.test -status:201"' in page
    refused = operator.get("/console/requests", {"q": "metod:GET"})
    assert refused.status_code == 422
    assert 'id="q-error"' in _text(refused)
    assert "no qualifier is named metod; did you mean method?" in _text(refused)


def test_list_renews_itself_only_where_it_differs_and_stands_at_the_newest(
    operator: Client, send: Callable[..., Any], tenant_id: UUID
) -> None:
    again = re.search(r'hx-get="([^"]+)"', _text(operator.get("/console/requests?method=GET")))
    assert again
    part = {"HX-Request": "true"}
    assert operator.get(html.unescape(again.group(1)), headers=part).status_code == 204
    send("get", "/Users")
    row = _rows(tenant_id)[0]
    answer = operator.get(html.unescape(again.group(1)), headers=part)
    assert _text(answer).lstrip().startswith("<div")
    assert f'data-row="{row.id}"' in _text(answer)
    older = f"/console/requests?from={row.at.isoformat().replace('+', '%2B')}%20{row.id}"
    assert "hx-get" not in _text(operator.get(older))


def test_request_of_another_tenant_is_not_there(
    operator: Client, send: Callable[..., Any], make_tenant: Callable[[], UUID], tenant_id: UUID
) -> None:
    send("get", "/Users")
    row = _rows(tenant_id)[0]
    assert operator.get(f"/console/requests/{row.id}").status_code == 200
    stranger = Client()
    open_session(stranger, CONSOLE, make_member(CONSOLE, make_tenant()))
    stranger.get("/console/", follow=True)
    assert stranger.get(f"/console/requests/{row.id}").status_code == 404


@pytest.mark.parametrize("code", WarningCode)
def test_every_warning_is_explained(code: WarningCode) -> None:
    assert len(explain_warning(code=code)) > 10
