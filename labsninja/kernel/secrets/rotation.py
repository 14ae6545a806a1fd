"""Changing keys: the key encryption key of the whole deployment, and the data key of one tenant.

Re-wrapping touches data keys alone, so it takes no longer than their number. Secrets under a retired data key are
encrypted anew when they are next written; `needs_reencryption` tells which.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.db.models import Count

from labsninja.kernel.models import DataKey
from labsninja.kernel.secrets.data_keys import replace_active_key
from labsninja.kernel.secrets.wrapping import UnknownKeyError, WrappedKey, active_kek_id, unwrap_key, wrap_key

BATCH = 500
# Two runs at once: the second finds the row moved and leaves it.
MOVE = """
UPDATE kernel_data_key SET kek_id = %s, wrapped = %s WHERE tenant_id = %s AND id = %s AND kek_id = %s
"""


@dataclass(frozen=True)
class RewrapReport:
    """`rewrapped` data keys moved under `active`; `rows_by_key` counts what every key encryption key wraps now."""

    active: str
    rewrapped: int
    rows_by_key: dict[str, int] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """Data keys that another key still wraps: it may not be removed from the settings yet."""
        return sum(rows for kek_id, rows in self.rows_by_key.items() if kek_id != self.active)


def rewrap_keys() -> RewrapReport:
    """Wrap every tenant's data keys under the active key encryption key. Call it inside `cross_tenant`.

    Keys whose own key encryption key is not in the settings stay as they are and are counted as left.
    Raises OutsideScopeError outside cross_tenant, NoEncryptionKeyError, SecretDamagedError.
    """
    active = active_kek_id()
    stale = DataKey.across.exclude(kek_id=active).order_by("tenant_id", "id")
    rows = [WrappedKey(*values) for values in stale.values_list("id", "tenant_id", "kek_id", "wrapped")]
    rewrapped = sum(_rewrap_batch(rows[start : start + BATCH]) for start in range(0, len(rows), BATCH))
    counted = DataKey.across.values_list("kek_id").annotate(Count("id")).order_by("kek_id")
    return RewrapReport(active, rewrapped, dict(counted))


def rotate_data_key(*, tenant_id: UUID) -> UUID:
    """Give the bound tenant a new data key; the id of it. Other processes follow within a minute.

    Raises NoEncryptionKeyError, OtherTenantBoundError.
    """
    return replace_active_key(tenant_id=tenant_id)


def _rewrap_batch(rows: Sequence[WrappedKey]) -> int:
    moves = [move for row in rows if (move := _plan_move(row))]
    if not moves:
        return 0
    with transaction.atomic(using="platform"), connections["platform"].cursor() as cursor:
        cursor.executemany(MOVE, moves)
        return int(cursor.rowcount)


def _plan_move(row: WrappedKey) -> tuple[Any, ...] | None:
    try:
        key = unwrap_key(row=row)
    except UnknownKeyError:
        return None
    fresh = wrap_key(tenant_id=row.tenant_id, key_id=row.id, key=key)
    return fresh.kek_id, fresh.wrapped, row.tenant_id, row.id, row.kek_id
