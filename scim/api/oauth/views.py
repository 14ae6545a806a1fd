"""`POST /oauth2/token` for client credentials, and `/.well-known/oauth-authorization-server`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from labsninja.kernel.edge import client_address, public_base_url
from labsninja.kernel.isolation import bind_tenant
from scim.api.authentication import Caller, make_origin
from scim.api.oauth.errors import OAuthError, OAuthErrorCode, answer_with_oauth_error, invalid_client, invalid_request
from scim.api.oauth.token_requests import (
    GRANT_TYPE,
    TOKEN_PATH,
    ClientCredentials,
    FormParser,
    check_grant_type,
    read_credentials,
    read_scopes,
)
from scim.api.recording import RecordedView
from tenants.services.access_tokens import ScopeRefusedError, issue_access_token
from tenants.services.authentication import TokenRefusedError, authenticate_client
from tenants.services.credentials import find_prefix
from tenants.services.last_use import note_use
from tenants.services.rate_limits import RateLimitedError, take_access_token
from tenants.services.token_rows import IssuedToken, UnknownTokenError
from tenants.services.tokens import SCOPES

METADATA_SECONDS: Final = 3600


class OAuthView(APIView):
    """Answers are plain JSON whatever Accept says, and errors those of OAuth."""

    authentication_classes = ()
    permission_classes = ()
    renderer_classes = (JSONRenderer,)
    metadata_class = None  # OPTIONS is a method like another

    def get_exception_handler(self) -> Any:
        return answer_with_oauth_error

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse an unknown host before anything is done. Raises DisallowedHost."""
        public_base_url(request._request)
        super().initial(request, *args, **kwargs)


class TokenView(OAuthView, RecordedView):
    """The token endpoint. Its bodies hold secrets: of a request no more is logged than who sent it and what became of
    it. Every refusal counts as a denied attempt.
    """

    parser_classes = (FormParser,)
    keeps_bodies = False
    secret_prefix = ""

    @property
    def default_response_headers(self) -> dict[str, str]:
        """No cache may keep a token (RFC 6749 section 5.1)."""
        return {"Allow": "POST", "Cache-Control": "no-store", "Pragma": "no-cache"}

    def post(self, request: Request) -> Response:
        """An access token for a client secret (RFC 6749 section 4.4). Raises OAuthError."""
        if request.META.get("QUERY_STRING"):
            raise invalid_request("Parameters belong into the body.")
        form: Mapping[str, str] = request.data
        check_grant_type(form)
        shown = read_credentials(request.META.get("HTTP_AUTHORIZATION", "").strip(), form)
        self.secret_prefix = find_prefix(text=shown.secret)
        caller = self._authenticate(request, shown)
        issued = _issue(caller, read_scopes(form))
        origin = caller.origin
        note_use(grant=caller.grant, at=origin.at, address=origin.address, user_agent=origin.user_agent)
        return Response(_represent(issued, origin.at))

    def find_prefix(self) -> str:
        return self.secret_prefix

    def find_denial(self, status: int) -> str:
        refused = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
        return str(getattr(self.error, "reason", self.error)) if refused else ""

    def _authenticate(self, request: Request, shown: ClientCredentials) -> Caller:
        """The client that shows its secret; its tenant is bound. Raises OAuthError."""
        address = client_address(request._request)
        try:
            grant = authenticate_client(
                client_id=shown.client_id, secret=shown.secret, address=address, now=self.began_at
            )
        except TokenRefusedError as error:
            raise invalid_client(error.refusal.value) from error
        caller = Caller(grant, make_origin(request, grant, self.began_at))
        request.user = caller  # type: ignore[assignment]  # REST framework takes anybody
        if grant.is_suspended:
            raise OAuthError(OAuthErrorCode.UNAUTHORIZED_CLIENT, "The tenant of this client is suspended.")
        bind_tenant(grant.tenant_id)
        return caller


class MetadataView(OAuthView):
    """What a client needs to know (RFC 8414). There is one issuer for all tenants: a client's id tells its tenant."""

    http_method_names = ("get", "head")

    def get(self, request: Request) -> Response:
        """The metadata; cached for an hour."""
        issuer = public_base_url(request._request)
        return Response(
            {
                "issuer": issuer,
                "token_endpoint": f"{issuer}{TOKEN_PATH}",
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "grant_types_supported": [GRANT_TYPE],
                "response_types_supported": [],  # required, though there is none without an authorization endpoint
                "scopes_supported": list(SCOPES),
            },
            headers={"Cache-Control": f"public, max-age={METADATA_SECONDS}"},
        )


def _issue(caller: Caller, scopes: Sequence[str] | None) -> IssuedToken:
    try:
        take_access_token(grant=caller.grant)
        return issue_access_token(grant=caller.grant, scopes=scopes, origin=caller.origin)
    except RateLimitedError as error:
        raise OAuthError(
            OAuthErrorCode.TEMPORARILY_UNAVAILABLE,
            f"Too many access tokens: use the last one, or try again in {error.retry_after} s.",
            status=HTTPStatus.TOO_MANY_REQUESTS,
            reason="too many access tokens",
            retry_after=error.retry_after,
        ) from error
    except ScopeRefusedError as error:
        detail = "The client secret does not hold every scope that was asked for."
        raise OAuthError(OAuthErrorCode.INVALID_SCOPE, detail) from error
    except UnknownTokenError as error:
        raise invalid_client("ended meanwhile") from error


def _represent(issued: IssuedToken, now: datetime) -> dict[str, Any]:
    """Section 5.1; the rest of a second is not promised."""
    return {
        "access_token": issued.text,
        "token_type": "Bearer",
        "expires_in": int((issued.token.expires_at - now).total_seconds()),
        "scope": " ".join(issued.token.scopes),
    }
