"""Secrets of set-up links and of the sessions behind them: 256 random bits, of which digests are kept."""

import hmac
import secrets
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from labsninja.kernel.isolation import tenant_context, tenant_scope
from tenants.models import SetupLink

SECRET_BYTES: Final = 32


def generate_secret() -> str:
    """A new one, for an address or a cookie."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest_secret(*, secret: str) -> bytes:
    """What is kept of it."""
    return sha256(secret.encode()).digest()


def matches_secret(*, secret: str, digest: bytes | memoryview | None) -> bool:
    """Whether the digest was made of this secret; there may be none."""
    return digest is not None and hmac.compare_digest(digest_secret(secret=secret), bytes(digest))


def renew_secret(*, tenant_id: UUID, link_id: UUID, now: datetime) -> str | None:
    """A secret for the e-mail that is about to go out, so that none waits in the outbox; that of an attempt before is
    good no more. None for a link that was opened, revoked or has expired meanwhile.
    """
    secret = generate_secret()
    with tenant_context(tenant_id), tenant_scope():
        unopened = SetupLink.objects.filter(id=link_id, opened_at=None, revoked_at=None, expires_at__gt=now)
        is_renewed = unopened.update(digest=digest_secret(secret=secret))
    return secret if is_renewed else None
