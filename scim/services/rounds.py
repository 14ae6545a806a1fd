"""What the ledger does for one tenant after the other: a round through all that are active, in goes of some seconds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import UUID

from labsninja.kernel.isolation import tenant_context
from tenants.models import Tenant

SECONDS_AT_ONCE = 1.0  # the ledger has a lease to renew, and stops when it is told to


class Rounds:
    """Begins a round when the last one is through and `every` has passed since it began."""

    def __init__(self, *, every: timedelta) -> None:
        self._every, self._began = every, datetime.min.replace(tzinfo=UTC)
        self._waiting: list[UUID] = []

    def take_some(self) -> Iterator[UUID]:
        """Some tenants of the round, each bound while it is looked after."""
        now = datetime.now(UTC)
        if not self._waiting and now >= self._began + self._every:
            active = Tenant.objects.filter(state=Tenant.State.ACTIVE)
            self._began, self._waiting = now, list(active.values_list("id", flat=True))
        ends = monotonic() + SECONDS_AT_ONCE
        while self._waiting and monotonic() < ends:
            tenant_id = self._waiting.pop()
            with tenant_context(tenant_id):
                yield tenant_id
