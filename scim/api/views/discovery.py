"""What the server can do (RFC 7644 section 4): readable without a token, since clients look before they have one."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from labsninja.kernel.edge import public_base_url
from scim.api.authentication import Caller, SuspendedTenantError, TokenAuthentication, UnauthenticatedError
from scim.api.recording import RecordedView
from scim.api.throttling import PlanThrottle
from scim.capabilities import is_supported
from scim.protocol import bounds
from scim.protocol.cursors import CURSOR_SECONDS
from scim.protocol.errors import ScimError
from scim.protocol.folding import fold_name
from scim.protocol.messages import list_response
from scim.protocol.schemas import BUILT_IN
from scim.protocol.schemas.definitions import SchemaSet
from scim.protocol.schemas.discovery import DISCOVERY_SCHEMAS, SERVICE_PROVIDER_CONFIG_SCHEMA
from scim.protocol.schemas.representation import resource_type_representation, schema_representation
from scim.queries import find_present_schemas
from tenants.services.authentication import Grant

# Ways to authenticate: capability, what is told of it.
SCHEMES: Sequence[tuple[str, Mapping[str, Any]]] = (
    (
        "bearer-tokens",
        {
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token of the SCIM client in the Authorization header, or an access token",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": True,
        },
    ),
    (
        "oauth-client-credentials",
        {
            "type": "oauth2",
            "name": "OAuth 2.0 client credentials",
            "description": "An access token of one hour, fetched from /oauth2/token with the id and secret of the SCIM "
            "client (grant type client_credentials)",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6749#section-4.4",
        },
    ),
)


def _supported(capability: str) -> Mapping[str, bool]:
    return {"supported": is_supported(capability)}


CONFIG: Mapping[str, Any] = {
    "schemas": [SERVICE_PROVIDER_CONFIG_SCHEMA.id],
    "patch": _supported("patch"),
    "bulk": {**_supported("bulk"), "maxOperations": bounds.BULK_OPERATIONS, "maxPayloadSize": bounds.BODY_BYTES},
    "filter": {**_supported("filter"), "maxResults": bounds.PAGE_MAX},
    "changePassword": _supported("change-password"),
    "sort": _supported("sort"),
    "etag": _supported("etag"),
    "pagination": {
        "cursor": is_supported("cursor-pagination"),
        "index": is_supported("index-pagination"),
        "defaultPaginationMethod": "index",
        "defaultPageSize": bounds.PAGE_DEFAULT,
        "maxPageSize": bounds.PAGE_MAX,
        "cursorTimeout": CURSOR_SECONDS,
    },
    "authenticationSchemes": [scheme for capability, scheme in SCHEMES if is_supported(capability)],
}


class TokenIfAny(TokenAuthentication):
    """The caller where the token is good; whoever has none, or no good one, is a stranger and no less welcome."""

    def authenticate(self, request: Request) -> tuple[Caller, Grant] | None:
        """None for a stranger."""
        try:
            return super().authenticate(request)
        except (UnauthenticatedError, SuspendedTenantError):
            return None


class DiscoveryView(RecordedView):
    """What is built in, and what the token's tenant has defined; a filter is refused with 403 (section 4)."""

    authentication_classes = (TokenIfAny,)
    permission_classes = ()
    throttle_classes = (PlanThrottle,)

    @property
    def default_response_headers(self) -> dict[str, str]:
        """The answer depends on the token."""
        return {**super().default_response_headers, "Cache-Control": "no-store", "Vary": "Authorization"}

    @property
    def schemas(self) -> SchemaSet:
        """The present ones, whatever this process remembers."""
        if self.request.auth is None:
            return BUILT_IN
        return find_present_schemas()

    def resources(self, base_url: str) -> Sequence[Mapping[str, Any]]:
        """All resources of the endpoint."""
        raise LookupError(self)

    def get(self, request: Request, name: str | None = None) -> Response:
        """The list, or one by its id. Raises ScimError 403 for a filter, 404 for an unknown id."""
        if "filter" in request.query_params:
            raise ScimError("Discovery endpoints take no filter.", status=403)
        found = self.resources(f"{public_base_url(request._request)}/scim/v2")
        if name is None:
            return Response(list_response([dict(one) for one in found], total_results=len(found), start_index=1))
        one = next((one for one in found if fold_name(str(one["id"])) == fold_name(name)), None)
        if one is None:
            raise ScimError("There is nothing of this name.", status=404)
        return Response(one)


class SchemasView(DiscoveryView):
    """/Schemas"""

    def resources(self, base_url: str) -> Sequence[Mapping[str, Any]]:
        """Schemas of resources, then those of discovery itself."""
        return [
            schema_representation(schema, base_url=base_url) for schema in (*self.schemas.schemas, *DISCOVERY_SCHEMAS)
        ]


class ResourceTypesView(DiscoveryView):
    """/ResourceTypes"""

    def resources(self, base_url: str) -> Sequence[Mapping[str, Any]]:
        """The resource types there are."""
        return [resource_type_representation(known, base_url=base_url) for known in self.schemas.resource_types]


class ServiceProviderConfigView(DiscoveryView):
    """/ServiceProviderConfig: one resource and no list."""

    def get(self, request: Request, name: str | None = None) -> Response:
        """What is supported."""
        location = f"{public_base_url(request._request)}/scim/v2/ServiceProviderConfig"
        return Response({**CONFIG, "meta": {"resourceType": "ServiceProviderConfig", "location": location}})
