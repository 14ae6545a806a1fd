"""Secrets at rest: envelope encryption. A key encryption key of the deployment wraps each tenant's data keys, and a
data key seals the tenant's secrets, each bound to the very row and column it stands in.
"""

from labsninja.kernel.secrets.envelope import decrypt_secret, encrypt_secret, needs_reencryption
from labsninja.kernel.secrets.rotation import RewrapReport, rewrap_keys, rotate_data_key
from labsninja.kernel.secrets.sealing import SecretDamagedError, SecretError
from labsninja.kernel.secrets.wrapping import NoEncryptionKeyError, UnknownKeyError

__all__ = [
    "NoEncryptionKeyError",
    "RewrapReport",
    "SecretDamagedError",
    "SecretError",
    "UnknownKeyError",
    "decrypt_secret",
    "encrypt_secret",
    "needs_reencryption",
    "rewrap_keys",
    "rotate_data_key",
]
