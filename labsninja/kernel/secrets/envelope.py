"""Sealing and opening secrets of the bound tenant. The plaintext stays bytes and goes into no message."""

from uuid import UUID

from labsninja.kernel.secrets.data_keys import find_active_key, find_key
from labsninja.kernel.secrets.sealing import Place, read_key_id, seal, unseal


def encrypt_secret(*, tenant_id: UUID, table: str, column: str, row: UUID | str, plaintext: bytes) -> bytes:
    """`plaintext` sealed for this one place, under the tenant's active data key.

    Opens a scope of its own when the key is not at hand; inside the tenant's open scope it joins that one.
    Raises NoEncryptionKeyError, UnknownKeyError, OtherTenantBoundError.
    """
    key = find_active_key(tenant_id=tenant_id)
    return seal(key=key.key, key_id=key.id, place=Place(tenant_id, table, column, str(row)), plaintext=plaintext)


def decrypt_secret(*, tenant_id: UUID, table: str, column: str, row: UUID | str, ciphertext: bytes) -> bytes:
    """The plaintext of a secret that was sealed for this place.

    Raises SecretDamagedError when it was changed or sealed for another place, UnknownKeyError, OtherTenantBoundError.
    """
    key = find_key(tenant_id=tenant_id, key_id=read_key_id(ciphertext=ciphertext))
    return unseal(key=key.key, place=Place(tenant_id, table, column, str(row)), ciphertext=ciphertext)


def needs_reencryption(*, tenant_id: UUID, ciphertext: bytes) -> bool:
    """Whether a retired data key sealed `ciphertext`: whoever reads such a secret writes it back encrypted anew."""
    return read_key_id(ciphertext=ciphertext) != find_active_key(tenant_id=tenant_id).id
