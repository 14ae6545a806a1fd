"""What the bound tenant chooses where the RFC leaves room, together with what the choice asks of stored resources."""

from collections.abc import Mapping

from audit.actors import Origin
from labsninja.kernel.isolation import tenant_scope
from scim.store.group_names import claim_group_names
from scim.store.schemas import exclude_writers
from tenants.models import Tenant
from tenants.services.authentication import forget_grants
from tenants.services.client_options import change_own_options

UNIQUE = "unique_group_names"


def change_directory_options(*, options: Mapping[str, bool], origin: Origin) -> Tenant:
    """Set some of TENANT_OPTIONS of the bound tenant: in force in this process at once, in all others within 5 s.

    Where names of groups are to be unique again, one group of each name holds it from now on, and the others that share
    it stay as they are. Raises RoleRefusedError, ReservedTenantError, UnknownOptionError.
    """
    with tenant_scope():
        tenant = change_own_options(options=options, origin=origin)
        if options.get(UNIQUE):
            exclude_writers()
            claim_group_names()
    forget_grants()
    return tenant
