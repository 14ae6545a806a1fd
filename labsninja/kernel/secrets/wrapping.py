"""Data keys at rest: wrapped by a key encryption key of the deployment, which the database never sees.

`LABSNINJA_ENCRYPTION_KEYS` lists key encryption keys: the first wraps, all unwrap.
"""

import os
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from labsninja.kernel.secrets.sealing import NONCE_BYTES, SecretDamagedError, SecretError

TABLE = "kernel_data_key"


class NoEncryptionKeyError(SecretError):
    """The deployment has no key encryption key."""


class UnknownKeyError(SecretError):
    """A key that a secret needs is neither in the settings nor in the database."""


@dataclass(frozen=True)
class WrappedKey:
    """A row of the data key table, as far as unwrapping needs it."""

    id: UUID
    tenant_id: UUID
    kek_id: str
    wrapped: bytes


def active_kek_id() -> str:
    """Id of the key that wraps now. Raises NoEncryptionKeyError."""
    if not settings.LABSNINJA_ENCRYPTION_KEYS:
        raise NoEncryptionKeyError("LABSNINJA_ENCRYPTION_KEYS is empty")
    return str(next(iter(settings.LABSNINJA_ENCRYPTION_KEYS)))


def wrap_key(*, tenant_id: UUID, key_id: UUID, key: bytes) -> WrappedKey:
    """`key` under the active key encryption key. Raises NoEncryptionKeyError."""
    kek_id, nonce = active_kek_id(), os.urandom(NONCE_BYTES)
    sealed = AESGCM(_kek(kek_id)).encrypt(nonce, key, _place(tenant_id, key_id, kek_id))
    return WrappedKey(key_id, tenant_id, kek_id, nonce + sealed)


def unwrap_key(*, row: WrappedKey) -> bytes:
    """The data key itself. Raises UnknownKeyError without its key encryption key, SecretDamagedError."""
    nonce, sealed = row.wrapped[:NONCE_BYTES], row.wrapped[NONCE_BYTES:]
    try:
        return AESGCM(_kek(row.kek_id)).decrypt(nonce, sealed, _place(row.tenant_id, row.id, row.kek_id))
    except InvalidTag:
        raise SecretDamagedError(f"data key {row.id} does not open with key encryption key {row.kek_id}") from None


def _kek(kek_id: str) -> bytes:
    try:
        return bytes(settings.LABSNINJA_ENCRYPTION_KEYS[kek_id])
    except KeyError:
        raise UnknownKeyError(f"key encryption key {kek_id} is not in LABSNINJA_ENCRYPTION_KEYS") from None


def _place(tenant_id: UUID, key_id: UUID, kek_id: str) -> bytes:
    return f"{tenant_id}|{TABLE}|wrapped|{key_id}|{kek_id}".encode()
