"""The one place that speaks HTTP with a target: over the guarded client, with the token, one request at a time.

What it returns is an answer of any status; whoever asked judges it. Threads may share a wire.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from labsninja.kernel.outbound import (
    OutboundClient,
    OutboundError,
    OutboundFailedError,
    OutboundRefusedError,
    OutboundResponse,
    OutboundTooLargeError,
)
from labsninja.kernel.outbound.waits import read_retry_after
from scim.redaction import HIDDEN
from scim.targets.errors import ErrorClass, TargetError
from scim.targets.exchanges import Exchange, keep_content, keep_place
from scim.targets.profile import JSON, SCIM_JSON

UNSUPPORTED_MEDIA_TYPE: Final = 415
FIRST_REFUSAL: Final = 300
# Options of the outbound policy for targets: a group with all its members is large, and a slow one takes its time.
BOUNDS: Final[Mapping[str, Any]] = {"response_bytes": 16 * 1024 * 1024, "total_seconds": 30.0}
BEARER: Final = "bearer "


@dataclass(frozen=True)
class Request:
    """`place` is the address behind the base, already quoted."""

    method: str
    place: str
    document: Any = None
    etag: str | None = None
    content_type: str = SCIM_JSON


@dataclass(frozen=True)
class Answer:
    """`headers` have lower-case names. `seconds` is the Retry-After; `exchanges` what was said, for the log."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    seconds: float | None
    exchanges: tuple[Exchange, ...]

    @property
    def is_done(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004  # the class of success, RFC 9110 section 15.3


@dataclass(frozen=True)
class Wire:
    """A target's address and token over a client of the tenant."""

    base_url: str
    token: str = field(repr=False)
    client: OutboundClient = field(repr=False)

    def send(self, request: Request) -> Answer:
        """Raises TargetError when there is no answer. What only reads is sent once more when the connection broke."""
        try:
            answer = self._send_once(request)
        except TargetError as error:
            if request.method != "GET" or not isinstance(error.__cause__, OutboundFailedError):
                raise
            answer = self._send_once(request, error.exchanges)
        if answer.status == UNSUPPORTED_MEDIA_TYPE and request.document is not None and request.content_type != JSON:
            plain = Request(request.method, request.place, request.document, request.etag, JSON)
            return self._send_once(plain, answer.exchanges)
        return answer

    def _send_once(self, request: Request, before: tuple[Exchange, ...] = ()) -> Answer:
        content = b"" if request.document is None else orjson.dumps(request.document)
        began = time.monotonic()
        try:
            answer = self.client.send(
                method=request.method,
                url=self.base_url + request.place,
                headers=self._headers(request),
                content=content,
            )
        except OutboundError as error:
            told = (*before, self._digest(request, content, began, None, str(error)))
            raise _no_answer(error, request, told) from error
        text = keep_content(answer.body, token=self.token)
        told = (*before, self._digest(request, content, began, answer, text))
        wait = read_retry_after(text=answer.headers.get("retry-after", ""), now=datetime.now(UTC))
        return Answer(answer.status, answer.headers, self._hide_token(answer), wait, told)

    def _hide_token(self, answer: OutboundResponse) -> bytes:
        """The body, without the token that a refusal may repeat: its words are shown to people."""
        is_refusal = answer.status >= FIRST_REFUSAL and self.token
        return answer.body.replace(self.token.encode(), HIDDEN.encode()) if is_refusal else answer.body

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {"authorization": f"Bearer {self.token}", "accept": f"{SCIM_JSON}, {JSON};q=0.9"}
        if request.document is not None:
            headers["content-type"] = request.content_type
        if request.etag:
            headers["if-match"] = request.etag
        return headers

    def _digest(
        self, request: Request, content: bytes, began: float, answer: OutboundResponse | None, text: str
    ) -> Exchange:
        milliseconds = round((time.monotonic() - began) * 1000)
        sent = keep_content(content, token=self.token)
        status = answer.status if answer else None
        return Exchange(request.method, keep_place(request.place), status, milliseconds, sent, text)


def clean_token(text: str) -> str:
    """A token as people paste it: with blanks around it, or with the word that comes before it in the header."""
    token = text.strip()
    return token[len(BEARER) :].strip() if token.casefold().startswith(BEARER) else token


def add_query(place: str, query: Mapping[str, str | int]) -> str:
    """An address with its query; without one as it is."""
    return f"{place}?{urlencode(query)}" if query else place


def _no_answer(error: OutboundError, request: Request, told: tuple[Exchange, ...]) -> TargetError:
    """A target that the guard refuses will not be allowed by waiting; everything else may pass."""
    is_lasting = isinstance(error, OutboundRefusedError | OutboundTooLargeError)
    return TargetError(
        str(error),
        error_class=ErrorClass.PERMANENT if is_lasting else ErrorClass.TRANSIENT,
        may_have_arrived=error.sent and request.method != "GET",
        exchanges=told,
    )
