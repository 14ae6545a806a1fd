"""Tables of the tenants app, a module per noun."""

from tenants.models.scim_client import ClientToken, ScimClient
from tenants.models.tenant import Tenant

__all__ = ["ClientToken", "ScimClient", "Tenant"]
