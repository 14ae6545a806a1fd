"""Keys of persons: under a person's key the personal values of all events about them are sealed, and whoever destroys
it erases them. Each is wrapped by the tenant's data key and kept in no process's memory beyond its scope.

A person has one key as a rule. Two writes that cross, or a data key that was replaced, give them a further one: every
sealed value names its own, and all of a person's keys are destroyed together.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

import uuid_utils.compat
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from labsninja.kernel.isolation import current_scope, current_tenant
from labsninja.kernel.secrets import decrypt_secret, encrypt_secret, needs_reencryption
from labsninja.kernel.secrets.data_keys import OpenKey, expect_active_key

PLACE = {"table": "audit_subject_key", "column": "wrapped"}
# Each by the beginning of the primary key (tenant_id, subject_id, id); an id is a time, so the last is the newest.
NEWEST = """
SELECT id, wrapped FROM audit_subject_key WHERE tenant_id = %s AND subject_id = %s ORDER BY id DESC LIMIT 1
"""
ALL_OF = "SELECT id, subject_id, wrapped FROM audit_subject_key WHERE tenant_id = %s AND subject_id = ANY(%s)"
INSERT = "INSERT INTO audit_subject_key (tenant_id, subject_id, id, wrapped) VALUES (%s, %s, %s, %s)"
DESTROY = "DELETE FROM audit_subject_key WHERE tenant_id = %s AND subject_id = %s"


def expect_subject_key(*, subject_id: str) -> None:
    """Ask for a person's key in the open scope; in a pipelined one the answer comes with whatever is read next, so
    that an event about them later in the scope costs no round trip of its own.
    """
    scope = current_scope()
    expect_active_key(tenant_id=scope.tenant_id)
    if _name(subject_id) not in scope.awaited:
        scope.awaited[_name(subject_id)] = scope.execute(NEWEST, [scope.tenant_id, subject_id])


def take_subject_key(*, subject_id: str) -> OpenKey:
    """The key to seal with in the open scope: the one that was asked for, a new one where there is none."""
    scope = current_scope()
    awaited = scope.awaited.get(_name(subject_id))
    if not isinstance(awaited, OpenKey):
        found = awaited.fetchone() if awaited else None
        awaited = scope.awaited[_name(subject_id)] = _open(subject_id, *found) if found else None
    if awaited is None:
        awaited = scope.awaited[_name(subject_id)] = _make(subject_id)
    return awaited


def load_subject_keys(*, subject_ids: Collection[str]) -> Mapping[UUID, OpenKey]:
    """All keys of these persons that live, by id. Raises SecretError for one that does not open."""
    scope = current_scope()
    found = scope.execute(ALL_OF, [scope.tenant_id, sorted(subject_ids)]).fetchall() if subject_ids else []
    return {key_id: _unwrap(subject_id, key_id, wrapped) for key_id, subject_id, wrapped in found}


def destroy_subject_keys(*, subject_id: str) -> int:
    """Destroy a person's keys; gives how many. The platform role's alone."""
    scope = current_scope()
    scope.awaited.pop(_name(subject_id), None)
    return int(scope.execute(DESTROY, [scope.tenant_id, subject_id]).rowcount)


def _name(subject_id: str) -> str:
    return f"subject key {subject_id}"


def _row(subject_id: str, key_id: UUID) -> str:
    return f"{subject_id}|{key_id}"


def _unwrap(subject_id: str, key_id: UUID, wrapped: bytes) -> OpenKey:
    tenant_id, row = current_tenant(), _row(subject_id, key_id)
    return OpenKey(key_id, decrypt_secret(tenant_id=tenant_id, **PLACE, row=row, ciphertext=bytes(wrapped)))


def _open(subject_id: str, key_id: UUID, wrapped: bytes) -> OpenKey | None:
    """None under a data key that was replaced: what is new is sealed under the present one."""
    if needs_reencryption(tenant_id=current_tenant(), ciphertext=bytes(wrapped)):
        return None
    return _unwrap(subject_id, key_id, wrapped)


def _make(subject_id: str) -> OpenKey:
    scope, key_id, key = current_scope(), uuid_utils.compat.uuid7(), AESGCM.generate_key(bit_length=256)
    row = _row(subject_id, key_id)
    wrapped = encrypt_secret(tenant_id=scope.tenant_id, **PLACE, row=row, plaintext=key)
    scope.execute(INSERT, [scope.tenant_id, subject_id, key_id, wrapped])
    return OpenKey(key_id, key)
