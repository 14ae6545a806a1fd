"""What a tenant chooses for people who leave: kept within bounds, by admins alone, audited."""

from uuid import UUID

import pytest

from audit.actors import system_origin
from audit.queries import list_events_of
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_context
from tenants.models import Role
from tenants.models.tenant import LIFECYCLE_BOUNDS
from tenants.queries import get_tenant
from tenants.realms import CONSOLE
from tenants.services.lifecycle import LifecycleRefusedError, change_lifecycle
from tenants.services.roles import RoleRefusedError
from tenants.services.tenants import ReservedTenantError
from tests.portal.signing_in import make_member
from tests.tenants.people import origin_of


def test_what_is_chosen_is_kept_and_told_once(tenant: UUID) -> None:
    chosen = {"trash_days": 7, "breaker_on": False}
    with tenant_context(tenant):
        change_lifecycle(values=chosen, origin=system_origin("test"))
        change_lifecycle(values=chosen, origin=system_origin("test"))
        events = [one for one in list_events_of(target_id=tenant) if one.action == "tenants.options.changed"]
    found = get_tenant(tenant_id=tenant)
    assert (found.trash_days, found.breaker_on, len(events)) == (7, False, 1)


@pytest.mark.parametrize("name", LIFECYCLE_BOUNDS)
def test_value_out_of_bounds_is_refused_with_its_field(tenant: UUID, name: str) -> None:
    for wrong in (LIFECYCLE_BOUNDS[name][0] - 1, LIFECYCLE_BOUNDS[name][1] + 1):
        with tenant_context(tenant), pytest.raises(LifecycleRefusedError) as refused:
            change_lifecycle(values={name: wrong}, origin=system_origin("test"))
        assert refused.value.field == name


def test_viewer_may_not_choose(tenant: UUID) -> None:
    viewer = make_member(CONSOLE, tenant, role=Role.VIEWER)
    with tenant_context(tenant), pytest.raises(RoleRefusedError):
        change_lifecycle(values={"trash_days": 7}, origin=origin_of(CONSOLE, viewer))


def test_unknown_setting_and_the_deployment_are_refused(tenant: UUID) -> None:
    with tenant_context(tenant), pytest.raises(LifecycleRefusedError, match="no setting"):
        change_lifecycle(values={"slug": 7}, origin=system_origin("test"))
    with tenant_context(DEPLOYMENT_TENANT_ID), pytest.raises(ReservedTenantError):
        change_lifecycle(values={"trash_days": 7}, origin=system_origin("test"))
