"""Rates by plan (tolerance T53): 429 (RFC 6585 section 4) with whole seconds to wait."""

from typing import Any, cast

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from scim.protocol.errors import ScimError
from scim.services.trials import TRIAL
from tenants.services.authentication import Grant
from tenants.services.rate_limits import RateLimitedError, take_request


class TooManyRequestsError(ScimError):
    """429; `retry_after` are the seconds of the Retry-After header."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many requests: try again in {retry_after} s.", status=429)
        self.retry_after = retry_after


class PlanThrottle(BaseThrottle):
    """Counts a request of a token; one without a token, or that is only tried, by nobody here."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Raises TooManyRequestsError."""
        grant = cast("Grant | None", request.auth)
        if grant is not None and TRIAL not in request.META:
            try:
                take_request(grant=grant)
            except RateLimitedError as error:
                raise TooManyRequestsError(error.retry_after) from error
        return True
