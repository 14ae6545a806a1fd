"""One sealed secret: AES-256-GCM (NIST SP 800-38D) bound to its place, so that a moved ciphertext does not open.

Format 1: version (1 byte), id of the data key (16), nonce (12), ciphertext with tag. The first two and the place
`tenant|table|column|row` are authenticated with it.
"""

import os
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
HEADER_BYTES = 17
NONCE_BYTES = 12
TAG_BYTES = 16
KEY_BYTES = 32


class SecretError(Exception):
    """Base of everything that keeps a secret from being sealed or opened."""


class SecretDamagedError(SecretError):
    """The ciphertext was changed, cut, or moved from where it was sealed."""


@dataclass(frozen=True)
class Place:
    """Where a secret stands. Only `row`, the last, may hold the separator, so that no two places read the same."""

    tenant_id: UUID
    table: str
    column: str
    row: str

    def encode(self) -> bytes:
        if "|" in self.table + self.column:
            raise ValueError("a table's or column's name cannot hold |")
        return f"{self.tenant_id}|{self.table}|{self.column}|{self.row}".encode()


def seal(*, key: bytes, key_id: UUID, place: Place, plaintext: bytes) -> bytes:
    """`plaintext` in format 1."""
    header, nonce = VERSION + key_id.bytes, os.urandom(NONCE_BYTES)
    return header + nonce + AESGCM(key).encrypt(nonce, plaintext, header + place.encode())


def read_key_id(*, ciphertext: bytes) -> UUID:
    """Id of the data key that opens `ciphertext`. Raises SecretDamagedError."""
    if ciphertext[:1] != VERSION or len(ciphertext) < HEADER_BYTES + NONCE_BYTES + TAG_BYTES:
        raise SecretDamagedError("not a sealed secret of a known format")
    return UUID(bytes=ciphertext[1:HEADER_BYTES])


def unseal(*, key: bytes, place: Place, ciphertext: bytes) -> bytes:
    """The plaintext. Raises SecretDamagedError."""
    header, rest = ciphertext[:HEADER_BYTES], ciphertext[HEADER_BYTES:]
    try:
        return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], header + place.encode())
    except InvalidTag:
        raise SecretDamagedError(f"the secret in {place.table}.{place.column} does not belong there") from None
