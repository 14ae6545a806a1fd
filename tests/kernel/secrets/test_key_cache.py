"""Open data keys stay in memory for a bounded time and number."""

from uuid import UUID

from labsninja.kernel.secrets.data_keys import KeyCache, OpenKey

TENANTS = [UUID(int=number) for number in range(5)]
KEY = OpenKey(UUID(int=9), b"k" * 32)


class Clock:
    """Seconds as a test sets them."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_key_is_forgotten_when_its_time_is_up() -> None:
    clock = Clock()
    cache = KeyCache(seconds=60, size=3, clock=clock)
    cache.put(TENANTS[0], None, KEY)
    clock.now += 59
    assert cache.get(TENANTS[0], None) == KEY
    clock.now += 1
    assert cache.get(TENANTS[0], None) is None
    assert len(cache) == 0


def test_longest_unused_key_goes_when_there_are_too_many() -> None:
    cache = KeyCache(seconds=60, size=3, clock=Clock())
    for tenant_id in TENANTS[:3]:
        cache.put(tenant_id, None, KEY)
    cache.get(TENANTS[0], None)
    cache.put(TENANTS[3], None, KEY)
    assert [cache.get(tenant_id, None) is None for tenant_id in TENANTS[:4]] == [False, True, False, False]


def test_key_of_one_tenant_is_not_found_under_another() -> None:
    cache = KeyCache(seconds=60, size=3, clock=Clock())
    cache.put(TENANTS[0], KEY.id, KEY)
    assert cache.get(TENANTS[1], KEY.id) is None
    assert cache.get(TENANTS[0], None) is None
