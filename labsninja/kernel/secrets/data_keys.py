"""A tenant's data keys: found, made on first use, and kept in this process for a minute."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import uuid_utils.compat
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction

from labsninja.kernel.isolation import OtherTenantBoundError, Scope, current_scope, current_tenant, tenant_scope
from labsninja.kernel.secrets.wrapping import UnknownKeyError, WrappedKey, unwrap_key, wrap_key

CACHED_SECONDS = 60.0
CACHED_KEYS = 2048
COLUMNS = "SELECT id, tenant_id, kek_id, wrapped FROM kernel_data_key WHERE tenant_id = %s"
ACTIVE = COLUMNS + " AND active"
# Two processes may make a tenant's first key at once: the one active key of the index decides, and both read it.
INSERT = """
INSERT INTO kernel_data_key (tenant_id, id, kek_id, wrapped, active) VALUES (%s, %s, %s, %s, true)
ON CONFLICT (tenant_id) WHERE active DO NOTHING
"""
MADE, ASKED = "data key made", "data key asked for"  # what a scope keeps
RETIRE = "UPDATE kernel_data_key SET active = false WHERE tenant_id = %s AND active"


@dataclass(frozen=True)
class OpenKey:
    """A data key ready for use."""

    id: UUID
    key: bytes


class KeyCache:
    """Open keys of this process, for `seconds` and at most `size` of them; the longest unused goes first."""

    def __init__(self, *, seconds: float, size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._size, self._clock = seconds, size, clock
        self._held: OrderedDict[tuple[UUID, UUID | None], tuple[float, OpenKey]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, tenant_id: UUID, key_id: UUID | None) -> OpenKey | None:
        with self._lock:
            until, key = self._held.get((tenant_id, key_id), (0.0, None))
            if key is None or until <= self._clock():
                self._held.pop((tenant_id, key_id), None)
                return None
            self._held.move_to_end((tenant_id, key_id))
            return key

    def put(self, tenant_id: UUID, key_id: UUID | None, key: OpenKey) -> None:
        with self._lock:
            self._held[tenant_id, key_id] = (self._clock() + self._seconds, key)
            self._held.move_to_end((tenant_id, key_id))
            while len(self._held) > self._size:
                self._held.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._held.clear()

    def __len__(self) -> int:
        return len(self._held)


key_cache = KeyCache(seconds=CACHED_SECONDS, size=CACHED_KEYS)


def find_active_key(*, tenant_id: UUID) -> OpenKey:
    """The key that seals the tenant's new secrets; made when there is none yet."""
    _require_bound(tenant_id)
    return key_cache.get(tenant_id, None) or _load(tenant_id, None)


def expect_active_key(*, tenant_id: UUID) -> None:
    """Ask for it in the open scope where it is not at hand; in a pipelined one the answer comes with whatever is read
    next, and finding it later in the scope costs no round trip of its own.
    """
    _require_bound(tenant_id)
    scope = current_scope()
    if ASKED not in scope.awaited and key_cache.get(tenant_id, None) is None:
        scope.awaited[ASKED] = scope.execute(ACTIVE, [tenant_id])


def find_key(*, tenant_id: UUID, key_id: UUID) -> OpenKey:
    """The tenant's key with this id. Raises UnknownKeyError."""
    _require_bound(tenant_id)
    return key_cache.get(tenant_id, key_id) or _load(tenant_id, key_id)


def replace_active_key(*, tenant_id: UUID) -> UUID:
    """Retire the active key and make the next. The id of the one active after commit."""
    _require_bound(tenant_id)
    with tenant_scope() as scope:
        scope.execute(RETIRE, [tenant_id])
        row = _make(scope, tenant_id)
        transaction.on_commit(key_cache.clear, using=scope.alias)
    return row.id


def _require_bound(tenant_id: UUID) -> None:
    # A cached key asks no database, so row-level security would not stop a wrong tenant here.
    if current_tenant() != tenant_id:
        raise OtherTenantBoundError("a secret of another tenant than the bound one was asked for")


def _load(tenant_id: UUID, key_id: UUID | None) -> OpenKey:
    with tenant_scope() as scope:
        row = _select(scope, tenant_id, key_id)
        if row is None and key_id is not None:
            raise UnknownKeyError(f"the tenant has no data key {key_id}")
        row = row or _make(scope, tenant_id)
        key = OpenKey(row.id, unwrap_key(row=row))
        _remember(scope, tenant_id, key_id, key)
    return key


def _select(scope: Scope, tenant_id: UUID, key_id: UUID | None) -> WrappedKey | None:
    asked = scope.awaited.pop(ASKED, None) if key_id is None else None
    if key_id is not None:
        asked = scope.execute(COLUMNS + " AND id = %s", [tenant_id, key_id])
    found = (asked or scope.execute(ACTIVE, [tenant_id])).fetchone()
    return WrappedKey(found[0], found[1], found[2], bytes(found[3])) if found else None


def _make(scope: Scope, tenant_id: UUID) -> WrappedKey:
    fresh = wrap_key(tenant_id=tenant_id, key_id=uuid_utils.compat.uuid7(), key=AESGCM.generate_key(bit_length=256))
    scope.execute(INSERT, [tenant_id, fresh.id, fresh.kek_id, fresh.wrapped])
    scope.awaited[MADE] = True
    return _select(scope, tenant_id, None) or fresh


def _remember(scope: Scope, tenant_id: UUID, key_id: UUID | None, key: OpenKey) -> None:
    # Only committed keys: one whose making is rolled back would seal secrets that nobody can ever open again.
    names = {key_id, key.id}  # the active one by its id, too: that is how its secrets are opened
    for put in (partial(key_cache.put, tenant_id, name, key) for name in names):
        if MADE not in scope.awaited:
            put()
        elif getattr(scope.connection, "in_atomic_block", False):
            transaction.on_commit(put, using=scope.alias)
