"""Which scope a method asks for. A method that is not in the table is refused."""

from typing import Any, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from scim.api.authentication import REALM
from scim.protocol.errors import ScimError
from tenants.services.authentication import Grant

SCOPE_BY_METHOD = {
    "GET": "scim:read",
    "HEAD": "scim:read",
    "OPTIONS": "scim:read",
    "POST": "scim:write",
    "PUT": "scim:write",
    "PATCH": "scim:write",
    "DELETE": "scim:write",
}

# A search changes nothing, though it is a POST (RFC 7644 section 3.4.3).
SCOPE_OF_SEARCHES = {**SCOPE_BY_METHOD, "POST": "scim:read"}


class InsufficientScopeError(ScimError):
    """403 with the challenge of RFC 6750 section 3.1."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"The token lacks the scope {scope}.", status=403)
        self.challenge = f'Bearer realm="{REALM}", error="insufficient_scope", scope="{scope}"'


class HasScope(BasePermission):
    """The token's scopes hold what the method asks for."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raises InsufficientScopeError."""
        wanted = getattr(view, "scope_by_method", SCOPE_BY_METHOD).get(request.method or "", "")
        if wanted not in cast("Grant", request.auth).scopes:
            raise InsufficientScopeError(wanted or "of no known method")
        return True
