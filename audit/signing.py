"""Keys that sign a tenant's checkpoints: Ed25519, one active at a time, all public halves published.

The private half is sealed by the kernel's envelope encryption and forgotten when the next key takes over. Only the
platform role can read it: call this inside cross_tenant.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import uuid_utils.compat
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from audit.verify import ED25519, make_key_id
from labsninja.kernel.isolation import tenant_scope
from labsninja.kernel.secrets import decrypt_secret, encrypt_secret

PLACE = {"table": "audit_signing_key", "column": "private_key"}
ACTIVE = "SELECT id, name, private_key FROM audit_signing_key WHERE tenant_id = %s AND active"
ALL = "SELECT name, public_key, active FROM audit_signing_key WHERE tenant_id = %s ORDER BY created_at DESC, id DESC"
RETIRE = "UPDATE audit_signing_key SET active = false, private_key = NULL WHERE tenant_id = %s AND active"
INSERT = """
INSERT INTO audit_signing_key (tenant_id, id, name, public_key, private_key, active, created_at)
VALUES (%s, %s, %s, %s, %s, true, %s)
"""


@dataclass(frozen=True)
class PublicKey:
    """A key as it is published. `text` is name, id and key (C2SP signed-note)."""

    text: str
    active: bool


@dataclass(frozen=True)
class Signer:
    """The active key of one tenant; `name` is the origin of its checkpoints too."""

    name: str
    key: Ed25519PrivateKey

    def sign(self, text: str) -> str:
        """`text`, which ends with a line end, as a signed note."""
        public = ED25519 + self.key.public_key().public_bytes_raw()
        signature = make_key_id(self.name, public) + self.key.sign(text.encode())
        return f"{text}\n\u2014 {self.name} {base64.b64encode(signature).decode()}\n"


def find_signer(*, origin: Origin) -> Signer:
    """The bound tenant's signer, made with an event of its own when there is none yet."""
    with tenant_scope() as scope:
        found = scope.execute(ACTIVE, [scope.tenant_id]).fetchone()
        if found is None:
            return _make(origin, Action.SIGNING_KEY_CREATED)
        private = decrypt_secret(tenant_id=scope.tenant_id, **PLACE, row=found[0], ciphertext=bytes(found[2]))
    return Signer(found[1], Ed25519PrivateKey.from_private_bytes(private))


def rotate_signing_key(*, origin: Origin) -> PublicKey:
    """Let a new key of the bound tenant sign from now on; the old one verifies what it has signed."""
    with tenant_scope() as scope:
        scope.execute(RETIRE, [scope.tenant_id])
        _make(origin, Action.SIGNING_KEY_ROTATED)
    return list_keys()[0]


def list_keys() -> Sequence[PublicKey]:
    """The bound tenant's keys, the newest first."""
    with tenant_scope() as scope:
        found = scope.execute(ALL, [scope.tenant_id]).fetchall()
    return [PublicKey(_show(name, bytes(public)), active) for name, public, active in found]


def _make(origin: Origin, action: Action) -> Signer:
    """A new active key, in the open scope."""
    with tenant_scope() as scope:
        key_id, key = uuid_utils.compat.uuid7(), Ed25519PrivateKey.generate()
        name, public = f"{settings.LABSNINJA_AUDIT_ORIGIN}/{scope.tenant_id}", key.public_key().public_bytes_raw()
        sealed = encrypt_secret(tenant_id=scope.tenant_id, **PLACE, row=key_id, plaintext=key.private_bytes_raw())
        scope.execute(INSERT, [scope.tenant_id, key_id, name, public, sealed, origin.at])
        target = Target("SigningKey", str(key_id), _show(name, public))
        record_event(event=Event(action, target, details={"key": target.display}), origin=origin)
    return Signer(name, key)


def _show(name: str, public: bytes) -> str:
    key = ED25519 + public
    return f"{name}+{make_key_id(name, key).hex()}+{base64.b64encode(key).decode()}"
