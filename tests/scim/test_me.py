"""/Me (RFC 7644 section 3.11): the User that a SCIM client is bound to."""

from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.http import HttpResponse

from audit.actors import system_origin
from audit.queries import list_events
from labsninja.kernel.isolation import tenant_context
from tenants.models import Tenant
from tenants.services.authentication import forget_grants
from tenants.services.client_options import UnknownClientError, bind_client_user
from tests.scim.answers import body_of, changes_of, operation, patch, refusal
from tests.scim.conftest import USER, Provider
from tests.scim.recorded import rows_of

HERE = "http://testserver/scim/v2"


@pytest.fixture(name="ada")
def _ada(provider: Provider) -> dict[str, Any]:
    """The User that the provider's SCIM client is bound to."""
    ada = provider.create("ada")
    _bind(provider, ada["id"])
    return ada


def _bind(provider: Provider, user_id: str | None) -> None:
    with tenant_context(provider.tenant_id):
        bind_client_user(
            client_name=provider.scim_client.name,
            user_id=UUID(user_id) if user_id else None,
            origin=system_origin("test"),
        )
    forget_grants()


def _located(answer: HttpResponse, user: dict[str, Any]) -> HttpResponse:
    """The answer, which names the permanent location."""
    assert answer.headers["Location"] == f"{HERE}/Users/{user['id']}"
    return answer


@pytest.mark.rfc("7644#3.11")
@pytest.mark.parametrize("path", ["/Me", "/Me/"])
def test_me_is_the_user_as_at_its_own_address(provider: Provider, ada: dict[str, Any], path: str) -> None:
    mine, own = provider.send("GET", path), provider.send("GET", f"/Users/{ada['id']}")
    assert body_of(_located(mine, ada)) == body_of(own)
    assert mine.headers["Content-Location"] == ada["meta"]["location"]
    assert mine.headers["ETag"] == own.headers["ETag"]


def test_me_takes_projection_and_preconditions(provider: Provider, ada: dict[str, Any]) -> None:
    assert body_of(provider.send("GET", "/Me?attributes=userName")) == {
        "schemas": [USER],
        "id": ada["id"],
        "userName": "ada",
    }
    unchanged = provider.send("GET", "/Me", **{"If-None-Match": ada["meta"]["version"]})
    assert _located(unchanged, ada).status_code == 304
    refusal(_located(provider.send("DELETE", "/Me", **{"If-Match": 'W/"9"'}), ada), 412)


def test_me_is_replaced_patched_and_deleted_as_the_user(provider: Provider, ada: dict[str, Any]) -> None:
    put = provider.send("PUT", "/Me", {"schemas": [USER], "userName": "ada", "title": "Countess"})
    assert body_of(_located(put, ada))["title"] == "Countess"
    patched = patch(provider, "/Me", operation("replace", "title", value="Analyst"))
    assert body_of(_located(patched, ada))["title"] == "Analyst"
    assert _located(provider.send("DELETE", "/Me"), ada).status_code == 204
    assert [change.kind for change in changes_of(provider, ada["id"])] == ["created", "replaced", "patched", "deleted"]


def test_me_is_nobody_once_the_user_is_deleted(provider: Provider, ada: dict[str, Any]) -> None:
    provider.send("DELETE", f"/Users/{ada['id']}")
    for method in ("GET", "PUT", "DELETE"):
        body = {"schemas": [USER], "userName": "ada"}
        refusal(_located(provider.send(method, "/Me", body if method == "PUT" else None), ada), 404)
    refusal(patch(provider, "/Me", operation("replace", "title", value="x")), 404)


def test_nobody_is_created_at_me(provider: Provider, ada: dict[str, Any]) -> None:
    answer = _located(provider.send("POST", "/Me", {"schemas": [USER], "userName": "another"}), ada)
    refusal(answer, 405)
    assert "POST" not in answer.headers["Allow"]


def test_client_that_is_bound_to_nobody_has_no_me(provider: Provider, ada: dict[str, Any]) -> None:
    _bind(provider, None)
    answer = provider.send("GET", "/Me")
    refusal(answer, 501)
    assert "Location" not in answer.headers


def test_user_of_another_tenant_is_nobody_at_me(provider: Provider, make_provider: Callable[[], Provider]) -> None:
    foreign = make_provider().create("ada")["id"]
    answers = []
    for wanted in (foreign, str(uuid4())):
        _bind(provider, wanted)
        answers.append(provider.send("GET", "/Me"))
    assert refusal(answers[0], 404) == refusal(answers[1], 404)


def test_scopes_hold_at_me(provider: Provider, ada: dict[str, Any]) -> None:
    reader = provider.holds(scopes=["scim:read"])
    assert reader.send("GET", "/Me").status_code == 200
    assert reader.send("DELETE", "/Me").status_code == 403


def test_request_log_knows_whom_me_stood_for(provider: Provider, ada: dict[str, Any]) -> None:
    provider.send("GET", "/Me")
    row = rows_of(provider.tenant_id)[-1]
    assert (row["path"], row["resource_type"], row["resource_id"]) == ("/scim/v2/Me", "User", ada["id"])


def test_tokens_of_a_bound_client_know_the_user_when_they_are_made_later(
    provider: Provider, ada: dict[str, Any]
) -> None:
    assert provider.holds().send("GET", "/Me").status_code == 200


def test_binding_is_audited_once_with_before_and_after(provider: Provider, ada: dict[str, Any]) -> None:
    _bind(provider, ada["id"])
    with tenant_context(provider.tenant_id):
        told = [event for event in list_events(newest=100) if event.action == "tenants.scim_client.changed"]
    assert len(told) == 1
    assert f'"changes":[{{"after":"{ada["id"]}","before":null,"path":"user_id"}}]' in told[0].canonical


def test_unknown_client_is_bound_to_nobody(tenant: UUID) -> None:
    with pytest.raises(UnknownClientError):
        bind_client_user(client_name="Nobody", user_id=None, origin=system_origin("test"))


def test_command_binds_a_user_that_there_is(provider: Provider) -> None:
    slug, out = Tenant.objects.get(id=provider.tenant_id).slug, StringIO()
    ada = provider.create("ada")["id"]
    call_command("client_options", slug, "Okta", "--user", ada, stdout=out)
    assert out.getvalue().split()[-2:] == ["user", ada]
    for unknown in (str(uuid4()), "ada"):
        with pytest.raises(CommandError, match="no User"):
            call_command("client_options", slug, "Okta", "--user", unknown)
    call_command("client_options", slug, "Okta", "--user", "none", stdout=out)
    assert out.getvalue().split()[-2:] == ["user", "none"]
