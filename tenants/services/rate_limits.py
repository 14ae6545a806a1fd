"""How fast a tenant and a token may call, and a SCIM client fetch access tokens: token buckets in PostgreSQL, of which
each process takes shares.

A process takes up to 10 requests of a bucket at once and spends them without asking again; what it has not spent within
a second it brings back with its next visit. So several processes share one budget, most requests cost nothing, and a
bucket gives `burst` after a pause and `per_second` in the long run (protocol bounds, T53).
"""

import logging
import math
import threading
import time
from dataclasses import dataclass
from uuid import UUID

from django.db import Error

from labsninja.kernel.isolation import tenant_context, tenant_scope
from tenants import TenantsError
from tenants.plans import RATES, Rate
from tenants.services.authentication import Grant

SHARE, SHARE_SECONDS = 10, 1.0
# A process that met an empty bucket asks again after this long, so that a flood does not become one of statements.
PAUSE_SECONDS = 0.1
MOST_BUCKETS = 10_000
logger = logging.getLogger(__name__)

# What the bucket holds at this moment. Statements of other processes may have come in between since this one began:
# time never runs backwards.
LEVEL = """least(%(burst)s::float8, b.tokens + %(returned)s + %(rate)s::float8
           * greatest(0, extract(epoch FROM statement_timestamp() - b.refilled_at)::float8))"""
TAKE = f"""
INSERT INTO tenants_rate_bucket AS b (tenant_id, bucket, tokens, granted, refilled_at)
VALUES (%(tenant)s, %(bucket)s, %(burst)s::float8 - %(share)s, %(share)s, statement_timestamp())
ON CONFLICT (tenant_id, bucket) DO UPDATE SET
    granted = least(%(share)s, floor({LEVEL}))::integer,
    tokens = {LEVEL} - least(%(share)s, floor({LEVEL})),
    refilled_at = greatest(b.refilled_at, statement_timestamp())
RETURNING granted, tokens
"""  # noqa: S608  # put together from constants


class RateLimitedError(TenantsError):
    """Too many requests; `retry_after` are whole seconds, at least one."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many requests")
        self.retry_after = retry_after


@dataclass
class Share:
    """What this process holds of a bucket: `left` requests until `ends`, or none before `empty_until`."""

    left: int = 0
    ends: float = 0.0
    empty_until: float = 0.0
    retry_after: int = 1


_shares: dict[tuple[UUID, str], Share] = {}
_lock = threading.Lock()


def take_request(*, grant: Grant) -> None:
    """Count one request of the token and its tenant. Raises RateLimitedError.

    Opens a short transaction of its own now and then. When the database cannot be asked the request passes.
    """
    rates = RATES[grant.plan]
    for bucket, rate in ((f"token:{grant.budget_id}", rates.token), ("tenant", rates.tenant)):
        if rate is not None:
            _take(grant.tenant_id, bucket, rate)


def take_access_token(*, grant: Grant) -> None:
    """Count one access token of the SCIM client. Raises RateLimitedError; otherwise as take_request."""
    rate = RATES[grant.plan].access_tokens
    if rate is not None:
        _take(grant.tenant_id, f"access:{grant.scim_client_id}", rate)


def forget_shares() -> None:
    """Drop what this process holds."""
    with _lock:
        _shares.clear()


def _take(tenant_id: UUID, bucket: str, rate: Rate) -> None:
    now = time.monotonic()
    with _lock:
        share = _find_share((tenant_id, bucket))
        if now < share.empty_until:
            raise RateLimitedError(share.retry_after)
        if share.left and now < share.ends:
            share.left -= 1
            return
        returned, share.left = share.left, 0
    try:
        granted, tokens = _visit(tenant_id, bucket, rate, returned)
    except Error as error:
        logger.warning("a rate limit could not be asked, the request passes: %s", error)
        granted, tokens = SHARE, 0.0
    with _lock:
        _keep(share, granted, tokens, rate)


def _find_share(key: tuple[UUID, str]) -> Share:
    share = _shares.get(key)
    if share is None:
        if len(_shares) >= MOST_BUCKETS:
            _shares.clear()
        share = _shares[key] = Share()
    return share


def _visit(tenant_id: UUID, bucket: str, rate: Rate, returned: int) -> tuple[int, float]:
    values = {"tenant": tenant_id, "bucket": bucket, "share": min(SHARE, rate.burst), "returned": returned}
    with tenant_context(tenant_id), tenant_scope() as scope:
        cursor = scope.execute(TAKE, {**values, "burst": rate.burst, "rate": rate.per_second})
        granted, tokens = cursor.fetchone()
    return int(granted), float(tokens)


def _keep(share: Share, granted: int, tokens: float, rate: Rate) -> None:
    now = time.monotonic()
    if not granted:
        missing = (1 - tokens) / rate.per_second
        share.empty_until, share.retry_after = now + PAUSE_SECONDS, max(1, math.ceil(missing))
        raise RateLimitedError(share.retry_after)
    share.left += granted - 1
    share.ends = now + SHARE_SECONDS
