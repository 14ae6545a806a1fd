"""Options of SCIM clients and tenants: set by service or command, audited, and read with the token."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from audit.actors import Origin, system_origin
from audit.queries import list_events
from labsninja.kernel.isolation import cross_tenant, tenant_context
from tenants.models import ScimClient, Tenant
from tenants.services.authentication import Grant, authenticate_token, forget_grants
from tenants.services.client_options import (
    CLIENT_OPTIONS,
    TENANT_OPTIONS,
    UnknownClientError,
    UnknownOptionError,
    change_client_options,
    change_tenant_options,
)
from tenants.services.scim_clients import create_scim_client
from tenants.services.tenants import ReservedTenantError
from tenants.services.tokens import rotate_token
from tests.tenants.conftest import Issue

DEFAULTS = {
    "strict": False,
    "groups_enabled": True,
    "unique_group_names": True,
    "keep_members": False,
    "strict_members": False,
    "revive_deleted": False,
}


def _origin() -> Origin:
    return system_origin("test")


def _grant(text: str) -> Grant:
    forget_grants()
    return authenticate_token(text=text, address="192.0.2.1", now=datetime.now(UTC))


def _change(slug: str, **options: bool) -> Tenant:
    with cross_tenant(reason="options for a test", actor=_origin()):
        return change_tenant_options(slug=slug, options=options, origin=_origin())


def _slug(tenant: UUID) -> str:
    return Tenant.objects.get(id=tenant).slug


def _newest_changes() -> list[Any]:
    changes: list[Any] = json.loads(list_events(newest=1)[0].canonical)["changes"]
    return changes


def test_new_client_and_tenant_have_the_defaults(issue: Issue) -> None:
    grant = _grant(issue().text)
    assert {name: getattr(grant, name) for name in DEFAULTS} == DEFAULTS
    assert set(DEFAULTS) == {*CLIENT_OPTIONS, *TENANT_OPTIONS}


def test_grant_tells_the_kind_of_the_client(issue: Issue) -> None:
    assert _grant(issue().text).client_kind == "okta"


@pytest.mark.parametrize("name", CLIENT_OPTIONS)
def test_option_of_a_client_reaches_its_living_tokens(issue: Issue, name: str) -> None:
    text, wanted = issue().text, not DEFAULTS[name]
    change_client_options(client_name="Okta", options={name: wanted}, origin=_origin())
    grant = _grant(text)
    assert {each: getattr(grant, each) for each in CLIENT_OPTIONS} == {
        **{each: DEFAULTS[each] for each in CLIENT_OPTIONS},
        name: wanted,
    }


def test_new_and_rotated_tokens_have_the_options_of_their_client(issue: Issue) -> None:
    old = issue()  # its SCIM client was read before the change
    change_client_options(client_name="Okta", options={"strict": True, "groups_enabled": False}, origin=_origin())
    for text in (issue().text, rotate_token(prefix=old.token.prefix, origin=_origin()).text):
        grant = _grant(text)
        assert (grant.strict, grant.groups_enabled, grant.client_kind) == (True, False, "okta")


def test_options_of_one_client_leave_the_others(issue: Issue) -> None:
    text = issue().text
    create_scim_client(name="Entra", kind=ScimClient.Kind.ENTRA, origin=_origin())
    change_client_options(client_name="Entra", options={"strict": True}, origin=_origin())
    assert not _grant(text).strict


@pytest.mark.parametrize("name", TENANT_OPTIONS)
def test_option_of_a_tenant_reaches_its_tokens(tenant: UUID, issue: Issue, name: str) -> None:
    text, wanted = issue().text, not DEFAULTS[name]
    _change(_slug(tenant), **{name: wanted})
    grant = _grant(text)
    assert {each: getattr(grant, each) for each in TENANT_OPTIONS} == {
        **{each: DEFAULTS[each] for each in TENANT_OPTIONS},
        name: wanted,
    }


def test_change_of_a_client_is_audited_with_before_and_after(scim_client: ScimClient) -> None:
    change_client_options(client_name="Okta", options={"strict": True, "groups_enabled": True}, origin=_origin())
    assert list_events(newest=1)[0].action == "tenants.scim_client.changed"
    assert _newest_changes() == [{"path": "strict", "before": False, "after": True}]


def test_change_of_a_tenant_is_audited_with_before_and_after(tenant: UUID) -> None:
    _change(_slug(tenant), keep_members=True, unique_group_names=True)
    assert list_events(newest=1)[0].action == "tenants.options.changed"
    assert _newest_changes() == [{"path": "keep_members", "before": False, "after": True}]


def test_option_that_stands_already_leaves_no_event(tenant: UUID, scim_client: ScimClient) -> None:
    before = len(list_events(newest=100))
    change_client_options(client_name="Okta", options={"strict": False}, origin=_origin())
    _change(_slug(tenant), keep_members=False)
    assert len(list_events(newest=100)) == before


def test_unknown_names_are_refused(tenant: UUID, make_tenant: Callable[[], UUID], scim_client: ScimClient) -> None:
    with pytest.raises(UnknownOptionError, match="'plan'"):
        change_client_options(client_name="Okta", options={"plan": True}, origin=_origin())
    with pytest.raises(UnknownOptionError):
        _change(_slug(tenant), state=True)
    with tenant_context(make_tenant()), pytest.raises(UnknownClientError):  # a client of another tenant
        change_client_options(client_name="Okta", options={"strict": True}, origin=_origin())


def test_deployment_has_no_options(database: None) -> None:
    with pytest.raises(ReservedTenantError):
        _change("deployment", keep_members=True)


def _run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return " ".join(out.getvalue().split())


def test_commands_set_what_they_name_and_show_all(tenant: UUID, issue: Issue) -> None:
    text, slug = issue().text, _slug(tenant)
    assert _run("client_options", slug, "Okta", "--strict", "--no-groups") == "strict on groups_enabled off user none"
    assert _run("client_options", slug, "Okta", "--no-strict") == "strict off groups_enabled off user none"
    told = _run("tenant_options", slug, "--revive-deleted", "--no-unique-group-names", "--trash-days=7")
    assert told == (
        "unique_group_names off keep_members off strict_members off revive_deleted on"
        " trash_days 7 breaker_count 20 breaker_percent 20 breaker_minutes 60 breaker_on on"
    )
    grant = _grant(text)
    assert (grant.strict, grant.groups_enabled, grant.unique_group_names, grant.revive_deleted) == (
        *(False, False),
        *(False, True),
    )


def test_command_refuses_an_unknown_client_in_a_sentence(tenant: UUID) -> None:
    with pytest.raises(CommandError, match="no SCIM client named 'Entra'"):
        call_command("client_options", _slug(tenant), "Entra", "--strict")
