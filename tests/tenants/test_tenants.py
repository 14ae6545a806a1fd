"""Creating, suspending and resuming tenants, their plans, their SCIM clients; each with its event or not at all."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connections

from audit.queries import list_events_of
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, cross_tenant, tenant_context, tenant_scope
from tenants.models import ScimClient, Tenant
from tenants.plans import Plan
from tenants.queries import UnknownTenantError, find_scim_client, find_tenant
from tenants.services.scim_clients import ScimClientNameError, create_scim_client
from tenants.services.tenants import (
    ReservedTenantError,
    TenantNameError,
    change_plan,
    create_tenant,
    resume_tenant,
    suspend_tenant,
)
from tests.tenants.conftest import origin_at

ACTS: tuple[Callable[[str], Tenant], ...] = (
    lambda slug: suspend_tenant(slug=slug, reason="unpaid", origin=origin_at()),
    lambda slug: resume_tenant(slug=slug, origin=origin_at()),
    lambda slug: change_plan(slug=slug, plan=Plan.FREE, origin=origin_at()),
)


@pytest.fixture
def platform(database: None) -> Iterator[None]:
    """A stay on the platform role, as an administrator's command has it."""
    with cross_tenant(reason="test", actor=origin_at()):
        yield


@pytest.fixture
def acme(platform: None) -> Tenant:
    """A tenant on the free plan, not bound."""
    return create_tenant(slug=f"acme-{uuid4().hex}", plan=Plan.FREE, origin=origin_at())


@pytest.fixture
def refused_events(database: None) -> Iterator[None]:
    """PostgreSQL refuses every audit event that is about the tenant state or plan, for as long as the test runs."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "ALTER TABLE audit_event ADD CONSTRAINT audit_event_refused"
            " CHECK (action NOT IN ('tenants.tenant.created', 'tenants.tenant.suspended')) NOT VALID"
        )
    yield
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DROP CONSTRAINT audit_event_refused")


def _events(tenant_id: UUID) -> list[tuple[str, Any, Any]]:
    with tenant_context(tenant_id):
        found = list_events_of(target_id=tenant_id)
    told = [(event.action, json.loads(event.canonical)) for event in found]
    return [(action, whole["changes"], whole["details"]) for action, whole in told]


def test_created_tenant_is_active_and_has_one_event(acme: Tenant) -> None:
    assert find_tenant(slug=acme.slug).state == Tenant.State.ACTIVE
    assert _events(acme.id) == [("tenants.tenant.created", [], {"plan": "free"})]


@pytest.mark.parametrize("slug", ["a", "0", "a-b", "a1-2b-c3", "x" * 63])
def test_well_formed_name_is_taken(platform: None, slug: str) -> None:
    with cross_tenant(reason="test", actor=origin_at()):
        Tenant.objects.filter(slug=slug).delete()
    assert create_tenant(slug=slug, plan=Plan.FREE, origin=origin_at()).slug == slug


@pytest.mark.parametrize(
    "slug", ["", "A", "a b", "a_b", "-a", "a-", "a--b", "é", "a\n", "a/b", "..", "x" * 64, "a\x00"], ids=repr
)
def test_malformed_name_is_refused(platform: None, slug: str) -> None:
    with pytest.raises(TenantNameError):
        create_tenant(slug=slug, plan=Plan.FREE, origin=origin_at())


def test_taken_name_is_refused(acme: Tenant) -> None:
    with pytest.raises(TenantNameError, match="exists"):
        create_tenant(slug=acme.slug, plan=Plan.FREE, origin=origin_at())


def test_name_of_the_deployment_is_taken(platform: None) -> None:
    with pytest.raises(TenantNameError, match="exists"):
        create_tenant(slug="deployment", plan=Plan.FREE, origin=origin_at())


def test_suspension_and_resumption_tell_before_and_after(acme: Tenant) -> None:
    suspended = suspend_tenant(slug=acme.slug, reason="unpaid", origin=origin_at())
    resumed = resume_tenant(slug=acme.slug, origin=origin_at())
    assert (suspended.state, resumed.state) == ("suspended", "active")
    assert _events(acme.id)[1:] == [
        (
            "tenants.tenant.suspended",
            [
                {"path": "state", "before": "active", "after": "suspended"},
                {"path": "suspended_reason", "before": "", "after": "unpaid"},
            ],
            {},
        ),
        (
            "tenants.tenant.resumed",
            [
                {"path": "state", "before": "suspended", "after": "active"},
                {"path": "suspended_reason", "before": "unpaid", "after": ""},
            ],
            {},
        ),
    ]


def test_change_of_plan_tells_before_and_after(acme: Tenant) -> None:
    change_plan(slug=acme.slug, plan=Plan.UNLIMITED, origin=origin_at())
    assert find_tenant(slug=acme.slug).plan == Plan.UNLIMITED
    assert _events(acme.id)[1:] == [
        ("tenants.plan.changed", [{"path": "plan", "before": "free", "after": "unlimited"}], {})
    ]


def test_act_that_changes_nothing_leaves_no_event(acme: Tenant) -> None:
    resume_tenant(slug=acme.slug, origin=origin_at())
    change_plan(slug=acme.slug, plan=Plan.FREE, origin=origin_at())
    assert len(_events(acme.id)) == 1


@pytest.mark.parametrize("act", ACTS)
def test_unknown_tenant_is_refused(platform: None, act: Callable[[str], Tenant]) -> None:
    with pytest.raises(UnknownTenantError):
        act("nobody-has-this-name")


@pytest.mark.parametrize("act", ACTS)
def test_tenant_of_the_deployment_is_left_alone(platform: None, act: Callable[[str], Tenant]) -> None:
    with pytest.raises(ReservedTenantError):
        act("deployment")
    assert find_tenant(slug="deployment").id == DEPLOYMENT_TENANT_ID


def test_suspension_without_its_event_does_not_happen(acme: Tenant, refused_events: None) -> None:
    with pytest.raises(IntegrityError):
        suspend_tenant(slug=acme.slug, reason="unpaid", origin=origin_at())
    assert find_tenant(slug=acme.slug).state == Tenant.State.ACTIVE


def test_tenant_without_its_event_is_not_created(platform: None, refused_events: None) -> None:
    with pytest.raises(IntegrityError):
        create_tenant(slug="without-event", plan=Plan.FREE, origin=origin_at())
    with pytest.raises(UnknownTenantError):
        find_tenant(slug="without-event")


def test_app_role_may_not_write_tenants(acme: Tenant) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege('tenants_tenant', privilege) FROM unnest(%s::text[]) privilege",
            [["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"]],
        )
        assert [allowed for (allowed,) in cursor.fetchall()] == [True, False, False, False, False]


def test_scim_client_is_created_with_one_event(tenant: UUID) -> None:
    client = create_scim_client(name="Entra", kind=ScimClient.Kind.ENTRA, origin=origin_at())
    assert find_scim_client(name="Entra") == client
    assert [event.action for event in list_events_of(target_id=client.id)] == ["tenants.scim_client.created"]


def test_taken_name_of_a_scim_client_is_refused_and_leaves_no_event(tenant: UUID) -> None:
    create_scim_client(name="Entra", kind=ScimClient.Kind.ENTRA, origin=origin_at())
    with pytest.raises(ScimClientNameError):
        create_scim_client(name="Entra", kind=ScimClient.Kind.OKTA, origin=origin_at())
    with tenant_scope() as scope:
        told = scope.execute("SELECT count(*) FROM audit_event WHERE action = 'tenants.scim_client.created'", None)
        assert told.fetchone() == (1,)


def test_name_of_a_scim_client_may_be_another_tenants_too(tenant: UUID, make_tenant: Callable[[], UUID]) -> None:
    create_scim_client(name="Entra", kind=ScimClient.Kind.ENTRA, origin=origin_at())
    with tenant_context(make_tenant()):
        assert find_scim_client(name="Entra") is None
        create_scim_client(name="Entra", kind=ScimClient.Kind.ENTRA, origin=origin_at())
