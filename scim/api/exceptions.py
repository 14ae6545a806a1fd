"""Every refusal leaves as a SCIM error (RFC 7644 section 3.12), also the ones of Django and REST framework."""

import logging
from typing import Any

from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.status import HTTP_503_SERVICE_UNAVAILABLE

from labsninja.kernel.secrets import SecretError
from scim.protocol.errors import ScimError, error_body

logger = logging.getLogger(__name__)

RETRY_SECONDS = "5"
KNOWN = (
    (Http404, 404, "There is nothing at this address."),
    (RequestDataTooBig, 413, "The body is too large."),
    (UnreadablePostError, 400, "The body ended early."),
    (DisallowedHost, 400, "The host is not known here."),
    (OperationalError, 503, "The directory cannot be reached at the moment."),
    (SecretError, 503, "The keys of this directory cannot be opened at the moment."),
    (InterfaceError, 503, "The directory cannot be reached at the moment."),
)


def answer_with_scim_error(error: Exception, _context: Any) -> Response:
    """REST framework's exception handler: an answer for every exception; what nobody foresaw is logged, too."""
    refusal = error if isinstance(error, ScimError) else _translate(error)
    return Response(error_body(refusal), status=refusal.status, headers=_headers(refusal))


def _translate(error: Exception) -> ScimError:
    if isinstance(error, APIException):
        return ScimError(str(error.detail), status=error.status_code)
    for kind, status, detail in KNOWN:
        if isinstance(error, kind):
            if kind is SecretError:
                logger.error("a key of the tenant does not open: %s", error)
            return ScimError(detail, status=status)
    logger.error("unforeseen error in a SCIM request", exc_info=error)
    return ScimError("The server met an error that it did not foresee.", status=500)


def _headers(refusal: ScimError) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    challenge = getattr(refusal, "challenge", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    retry_after = getattr(
        refusal, "retry_after", RETRY_SECONDS if refusal.status == HTTP_503_SERVICE_UNAVAILABLE else None
    )
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return headers
