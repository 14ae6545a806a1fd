"""Errors of the token endpoint (RFC 6749 section 5.2): 400, or 401 with a challenge where the client is not known."""

import logging
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import UnreadablePostError
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.response import Response

logger = logging.getLogger(__name__)

CHALLENGE = 'Basic realm="LabsNinja OAuth", charset="UTF-8"'
RETRY_SECONDS = 5


class OAuthErrorCode(StrEnum):
    """Those of section 5.2, and two that RFC 6749 has for an authorization endpoint: nothing else says "later"."""

    INVALID_REQUEST = "invalid_request"
    INVALID_CLIENT = "invalid_client"
    UNAUTHORIZED_CLIENT = "unauthorized_client"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    INVALID_SCOPE = "invalid_scope"
    TEMPORARILY_UNAVAILABLE = "temporarily_unavailable"
    SERVER_ERROR = "server_error"


class OAuthError(Exception):
    """A refusal as the wire tells it. `reason` is for the tenant's history alone."""

    def __init__(
        self,
        code: OAuthErrorCode,
        detail: str,
        *,
        status: int = HTTPStatus.BAD_REQUEST,
        reason: str = "",
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.code, self.detail, self.status = code, detail, status
        self.reason = reason or detail
        self.retry_after = retry_after


def invalid_request(detail: str) -> OAuthError:
    return OAuthError(OAuthErrorCode.INVALID_REQUEST, detail)


def invalid_client(reason: str) -> OAuthError:
    """One answer for every reason: whoever guesses learns nothing."""
    detail = "The client id or the client secret is not valid."
    return OAuthError(OAuthErrorCode.INVALID_CLIENT, detail, status=HTTPStatus.UNAUTHORIZED, reason=reason)


def answer_with_oauth_error(error: Exception, _context: Any) -> Response:
    """REST framework's exception handler: an answer for every exception; what nobody foresaw is logged, too."""
    refusal = error if isinstance(error, OAuthError) else _translate(error)
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = CHALLENGE
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    return Response(
        {"error": refusal.code, "error_description": refusal.detail}, status=refusal.status, headers=headers
    )


def _translate(error: Exception) -> OAuthError:
    if isinstance(error, MethodNotAllowed):
        return OAuthError(OAuthErrorCode.INVALID_REQUEST, "The method is not allowed.", status=error.status_code)
    if isinstance(error, UnreadablePostError):
        return invalid_request("The body ended early.")
    if isinstance(error, DisallowedHost):
        return invalid_request("The host is not known here.")
    if isinstance(error, OperationalError | InterfaceError):
        return OAuthError(
            OAuthErrorCode.TEMPORARILY_UNAVAILABLE,
            "Tokens cannot be issued at the moment.",
            status=HTTPStatus.SERVICE_UNAVAILABLE,
            retry_after=RETRY_SECONDS,
        )
    logger.error("unforeseen error in a token request", exc_info=error)
    detail = "The server met an error that it did not foresee."
    return OAuthError(OAuthErrorCode.SERVER_ERROR, detail, status=HTTPStatus.INTERNAL_SERVER_ERROR)
