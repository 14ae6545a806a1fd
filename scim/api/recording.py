"""Every request below /scim/v2 and to the token endpoint leaves an entry for the request log, whatever became of it."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from time import perf_counter_ns
from typing import IO, Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_401_UNAUTHORIZED, HTTP_403_FORBIDDEN, HTTP_404_NOT_FOUND
from rest_framework.views import APIView

from labsninja.kernel.edge import client_address, client_agent
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID
from scim.api.authentication import Caller
from scim.api.parsers import ScimParser
from scim.protocol.json_input import JsonObject
from scim.services.request_entries import RequestEntry
from scim.services.request_log import note_request
from scim.services.trials import TRIAL
from tenants.services.authentication import Grant, TokenRefusedError
from tenants.services.credentials import find_prefix

UNKNOWN_ID = "unknown id"
DENIED = {HTTP_401_UNAUTHORIZED, HTTP_403_FORBIDDEN}
logger = logging.getLogger(__name__)


class KeepingParser(ScimParser):
    """Parses a body and leaves its bytes with the view."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> JsonObject:
        """As ScimParser."""
        kept = KeptStream(stream)
        try:
            return super().parse(kept, media_type, parser_context)  # type: ignore[arg-type]  # read() is all it needs
        finally:
            parser_context["view"].request_body = kept.data


class KeptStream:
    """Keeps what is read through it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.data = b""

    def read(self, size: int = -1) -> bytes:
        """As of a file."""
        data = self._stream.read(size)
        self.data += data
        return data


class RecordedView(APIView):
    """A view that answers with a REST framework Response; its requests are logged once that is complete.

    A view may say what a request was about: `subject` is the name a person knows the resource by. One whose bodies
    hold secrets does not keep them.
    """

    parser_classes: Sequence[type[BaseParser]] = (KeepingParser,)
    resource_type_name = ""
    subject = ""
    keeps_bodies = True
    request_body = b""
    error: Exception | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take the time from here."""
        self.began_at, self.began = datetime.now(UTC), perf_counter_ns()
        return super().dispatch(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        """Remember why the request was refused."""
        self.error = exc
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        """Log the answer when its bytes are there."""
        final = super().finalize_response(request, response, *args, **kwargs)
        if TRIAL not in self.request.META:
            final.add_post_render_callback(self._note)
        return final

    def find_prefix(self) -> str:
        """Public part of what was shown, genuine or not."""
        return find_prefix(text=self.request.META.get("HTTP_AUTHORIZATION", ""))

    def find_denial(self, status: int) -> str:
        """Why the request is a denied attempt; nothing for one that is none.

        Another tenant's id is one that nobody knows: whoever tries ids leaves an event, whosever they are.
        """
        if status == HTTP_404_NOT_FOUND and self.kwargs.get("resource_id"):
            return UNKNOWN_ID
        return _find_reason(self.error) if status in DENIED else ""

    def _note(self, response: Any) -> None:
        try:
            note_request(entry=self._entry(response))
        except Exception:  # whatever fails here, the answer to the client does not
            logger.exception("a request could not be logged")
        # View, request and answer name each other: a large body would wait for the collector of cycles.
        response.renderer_context = {}
        vars(self).pop("response", None)

    def _entry(self, response: Any) -> RequestEntry:
        request, data = self.request._request, response.data
        grant = _find_grant(self.request, self.error)
        told = data if isinstance(data, dict) and self.error is not None else {}
        reading = getattr(self, "reading", None)
        return RequestEntry(
            at=self.began_at,
            tenant_id=grant.tenant_id if grant else DEPLOYMENT_TENANT_ID,
            request_id=request.META.get("labsninja.request_id", ""),
            method=request.method or "",
            path=request.path,
            status=response.status_code,
            duration_us=(perf_counter_ns() - self.began) // 1_000,
            query=request.META.get("QUERY_STRING", ""),
            scim_client_id=grant.scim_client_id if grant else None,
            client_name=grant.client_name if grant else "",
            token_prefix=grant.prefix if grant else self.find_prefix(),
            address=client_address(request),
            user_agent=client_agent(request),
            scim_type=told.get("scimType") or told.get("error", ""),
            detail=told.get("detail") or told.get("error_description", ""),
            denied=self.find_denial(response.status_code),
            resource_type=self.resource_type_name,
            resource_id=self.kwargs.get("resource_id", ""),
            subject=self.subject,
            warnings=tuple(reading.codes) if reading else (),
            request_body=self.request_body if self.keeps_bodies else b"",
            response_body=response.content if self.keeps_bodies else b"",
        )


def _find_grant(request: Request, error: Exception | None) -> Grant | None:
    """What a genuine token stands for, also of a request that was refused for it."""
    caller = vars(request).get("_user")  # asking for `user` would authenticate a second time
    if isinstance(caller, Caller):
        return caller.grant
    told = error.__cause__ if error is not None and isinstance(error.__cause__, TokenRefusedError) else error
    found = getattr(told, "grant", None)
    return found if isinstance(found, Grant) else None


def _find_reason(error: Exception | None) -> str:
    cause = error.__cause__ if error is not None else None
    return cause.refusal.value if isinstance(cause, TokenRefusedError) else str(getattr(error, "detail", "refused"))
