"""Deleting a tenant: after an export, after days of grace, everything but its history; and never another's rows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from audit.actions import Action
from audit.actors import Actor, ActorKind, Origin, system_origin
from audit.queries import list_events
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import tenant_context, tenant_scope
from labsninja.kernel.isolation.managers import list_tenant_tables
from labsninja.ledger import delete_due_tenants
from tenants.models import Role, ScimClient
from tenants.queries import get_tenant
from tenants.realms import CONSOLE
from tenants.services.accounts.memberships import add_member
from tenants.services.deletion import (
    KEPT,
    DeletionRefusedError,
    cancel_deletion,
    delete_tenant,
    list_tenants_to_delete,
    purge_some,
)
from tenants.services.scim_clients import create_scim_client
from tenants.services.tenants import ReservedTenantError, resume_tenant
from tenants.services.tokens import issue_secret, issue_token
from tests.audit.histories import as_platform
from tests.tenants.people import make_person

WHO = Actor(ActorKind.ADMINISTRATOR, id="someone", label="someone")


def origin_at(at: datetime | None = None, who: Actor = WHO) -> Origin:
    return replace(Origin(who, "admin"), at=at or datetime.now(UTC))


def export(tenant_id: UUID, *, who: Actor = WHO, at: datetime | None = None) -> None:
    """The event that an export leaves."""
    with tenant_context(tenant_id), tenant_scope():
        record_event(event=Event(Action.BUNDLE_EXPORTED, Target("Checkpoint", "1")), origin=origin_at(at, who))


def fill(tenant_id: UUID) -> None:
    """Rows of several kinds, some of which refer to others."""
    origin = system_origin("test")
    with tenant_context(tenant_id):
        client = create_scim_client(name="Okta", kind=ScimClient.Kind.OKTA, origin=origin)
        issue_token(scim_client=client, scopes=["scim:read"], origin=origin)
        issue_secret(scim_client=client, scopes=["scim:read"], origin=origin)
        person = make_person(CONSOLE)
        add_member(realm=CONSOLE, person=person, role=Role.OWNER, origin=origin, is_accepted=True)


def plan(tenant_id: UUID, **options: Any) -> None:
    with as_platform(None):
        slug = get_tenant(tenant_id=tenant_id).slug
        delete_tenant(slug=slug, reason="they left", origin=origin_at(), **options)


def count_rows(tenant_id: UUID) -> dict[str, int]:
    """Of the tables that are emptied, those with rows."""
    with tenant_context(tenant_id), tenant_scope() as scope:
        tables = [table for table in list_tenant_tables() if not table.startswith(KEPT)]
        counts = {
            table: scope.execute(f"SELECT count(*) FROM {table}", None).fetchone()[0] for table in tables
        }  # our own names
    return {table: count for table, count in counts.items() if count}


def set_due(tenant_id: UUID) -> None:
    with as_platform(None):
        tenant = get_tenant(tenant_id=tenant_id)
        tenant.deletes_at = datetime.now(UTC) - timedelta(seconds=1)
        tenant.save(update_fields=["deletes_at"])


def test_tenant_is_emptied_when_its_grace_is_over_and_no_other(make_tenant: Any) -> None:
    gone, other = make_tenant(), make_tenant()
    for tenant_id in (gone, other):
        fill(tenant_id)
    before = count_rows(other)
    export(gone)
    plan(gone)
    assert gone not in list_tenants_to_delete(now=datetime.now(UTC))
    set_due(gone)
    while gone in list_tenants_to_delete(now=datetime.now(UTC)):
        delete_due_tenants()
    assert count_rows(gone) == {}
    assert count_rows(other) == before
    left = get_tenant(tenant_id=gone)
    assert (left.state, left.deletes_at) == ("suspended", None)
    assert left.deleted_at is not None
    with tenant_context(gone):
        told = [event.action for event in list_events(newest=100)]
    assert told[0] == Action.TENANT_CREATED
    assert told[-1] == Action.TENANT_DELETED


def test_rows_go_in_batches_each_a_transaction(make_tenant: Any) -> None:
    tenant_id = make_tenant()
    fill(tenant_id)
    export(tenant_id)
    plan(tenant_id)
    set_due(tenant_id)
    with as_platform(tenant_id):
        assert purge_some(origin=origin_at(), batch=1) == 1


@pytest.mark.parametrize(
    ("who", "ago"),
    [(WHO, timedelta(hours=2)), (replace(WHO, id="somebody else"), timedelta(0))],
    ids=["old", "foreign"],
)
def test_deletion_needs_a_fresh_export_by_the_same_person(make_tenant: Any, who: Actor, ago: timedelta) -> None:
    tenant_id = make_tenant()
    with pytest.raises(DeletionRefusedError, match="Export"):
        plan(tenant_id)
    export(tenant_id, who=who, at=datetime.now(UTC) - ago)
    with pytest.raises(DeletionRefusedError, match="Export"):
        plan(tenant_id)
    assert get_tenant(tenant_id=tenant_id).state == "active"


@pytest.mark.parametrize("days", [0, 91])
def test_grace_is_1_to_90_days(make_tenant: Any, days: int) -> None:
    with pytest.raises(DeletionRefusedError, match="1 to 90 days"):
        plan(make_tenant(), grace=timedelta(days=days))


def test_deletion_is_taken_back_until_it_is_due(make_tenant: Any) -> None:
    tenant_id = make_tenant()
    export(tenant_id)
    plan(tenant_id)
    slug = get_tenant(tenant_id=tenant_id).slug
    with as_platform(None):
        with pytest.raises(DeletionRefusedError, match="already"):
            delete_tenant(slug=slug, reason="again", origin=origin_at())
        with pytest.raises(ReservedTenantError):
            resume_tenant(slug=slug, origin=origin_at())
        cancel_deletion(slug=slug, origin=origin_at())
        resume_tenant(slug=slug, origin=origin_at())
        with pytest.raises(DeletionRefusedError):
            cancel_deletion(slug=slug, origin=origin_at())
    assert get_tenant(tenant_id=tenant_id).state == "active"


def test_tenant_that_is_not_due_loses_nothing(make_tenant: Any) -> None:
    tenant_id = make_tenant()
    fill(tenant_id)
    export(tenant_id)
    plan(tenant_id)
    before = count_rows(tenant_id)
    with as_platform(tenant_id), pytest.raises(DeletionRefusedError):
        purge_some(origin=origin_at())
    assert count_rows(tenant_id) == before


def test_deployments_own_tenant_is_not_deleted(database: None) -> None:
    with as_platform(None), pytest.raises(DeletionRefusedError):
        delete_tenant(slug="deployment", reason="x", origin=origin_at())
