"""/openapi.json: the API as OpenAPI tells it, with the resource types and schemas of the token's tenant."""

from hashlib import sha256

from rest_framework.request import Request
from rest_framework.response import Response

from labsninja.kernel.edge import public_base_url
from scim.api.views.discovery import DiscoveryView
from scim.description import describe_api


class DescriptionView(DiscoveryView):
    """Readable without a token, then with what is built in."""

    @property
    def default_response_headers(self) -> dict[str, str]:
        """A stranger's answer is the same for all and may be kept for five minutes."""
        kept = "public, max-age=300" if self.request.auth is None else "private, no-cache"
        return {**super().default_response_headers, "Cache-Control": kept}

    def get(self, request: Request, name: str | None = None) -> Response:
        """The document, or 304 for who has it."""
        described = describe_api(schemas=self.schemas, base_url=f"{public_base_url(request._request)}/scim/v2")
        etag = f'"{sha256(repr(described).encode()).hexdigest()[:32]}"'
        if request.META.get("HTTP_IF_NONE_MATCH") == etag:
            return Response(status=304, headers={"ETag": etag})
        return Response(described, headers={"ETag": etag}, content_type="application/json")
