"""Key rotation: of the key encryption key across all tenants, and of one tenant's data key."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connections, transaction

from labsninja.kernel.isolation import OutsideScopeError, cross_tenant, tenant_context, tenant_scope
from labsninja.kernel.models import DataKey
from labsninja.kernel.secrets import (
    RewrapReport,
    decrypt_secret,
    encrypt_secret,
    needs_reencryption,
    rewrap_keys,
    rotate_data_key,
)
from labsninja.kernel.secrets.data_keys import key_cache

UseKeys = Callable[..., None]
PLACE = {"table": "connector", "column": "secret", "row": "r1"}
PLAIN = b"correct horse"


def _seal(tenant_id: UUID) -> bytes:
    with tenant_context(tenant_id):
        return encrypt_secret(tenant_id=tenant_id, **PLACE, plaintext=PLAIN)


def _open(tenant_id: UUID, sealed: bytes) -> bytes:
    with tenant_context(tenant_id):
        return decrypt_secret(tenant_id=tenant_id, **PLACE, ciphertext=sealed)


def _rewrap() -> RewrapReport:
    with cross_tenant(reason="rewrapping in a test"):
        return rewrap_keys()


def test_everything_opens_under_the_new_key_alone_after_rewrapping(
    make_tenant: Callable[[], UUID], use_keys: UseKeys
) -> None:
    sealed = {tenant_id: _seal(tenant_id) for tenant_id in (make_tenant() for _ in range(5))}
    use_keys("new", "old")
    report = _rewrap()
    use_keys("new")
    assert (report.rewrapped, report.rows_by_key, report.left) == (5, {"new": 5}, 0)
    assert {_open(tenant_id, one) for tenant_id, one in sealed.items()} == {PLAIN}


def test_rewrapping_again_moves_nothing(make_tenant: Callable[[], UUID], use_keys: UseKeys) -> None:
    _seal(make_tenant())
    use_keys("new", "old")
    assert (_rewrap().rewrapped, _rewrap().rewrapped) == (1, 0)


def test_retired_data_keys_are_rewrapped_too(make_tenant: Callable[[], UUID], use_keys: UseKeys) -> None:
    tenant_id = make_tenant()
    sealed = _seal(tenant_id)
    with tenant_context(tenant_id):
        rotate_data_key(tenant_id=tenant_id)
    use_keys("new", "old")
    assert _rewrap().rewrapped == 2
    use_keys("new")
    assert _open(tenant_id, sealed) == PLAIN


def test_rewrapping_without_the_old_key_leaves_its_rows_and_counts_them(
    make_tenant: Callable[[], UUID], use_keys: UseKeys
) -> None:
    tenant_id = make_tenant()
    sealed = _seal(tenant_id)
    use_keys("new")
    report = _rewrap()
    assert (report.rewrapped, report.left) == (0, 1)
    use_keys("old")
    assert _open(tenant_id, sealed) == PLAIN


def test_rewrapping_outside_cross_tenant_is_refused() -> None:
    with pytest.raises(OutsideScopeError):
        rewrap_keys()


def test_rewrapping_under_load_fails_nobody(make_tenant: Callable[[], UUID], use_keys: UseKeys) -> None:
    tenants = [make_tenant() for _ in range(4)]
    sealed = {tenant_id: _seal(tenant_id) for tenant_id in tenants}
    use_keys("new", "old")
    done = threading.Event()

    def work(tenant_id: UUID) -> int:
        turns = 0
        while not done.is_set():
            key_cache.clear()  # so that every turn reads the row that is being re-wrapped
            assert _open(tenant_id, sealed[tenant_id]) == PLAIN
            assert _open(tenant_id, _seal(tenant_id)) == PLAIN
            turns += 1
        connections.close_all()
        return turns

    with ThreadPoolExecutor(4) as pool:
        workers = [pool.submit(work, tenant_id) for tenant_id in tenants]
        for names in [("old", "new"), ("new", "old")] * 10:
            use_keys(*names)
            _rewrap()
        done.set()
        assert all(worker.result(30) > 0 for worker in workers)
    use_keys("new")
    assert {_open(tenant_id, one) for tenant_id, one in sealed.items()} == {PLAIN}


def test_new_data_key_seals_while_the_old_one_still_opens(tenant: UUID) -> None:
    old = _seal(tenant)
    new_id = rotate_data_key(tenant_id=tenant)
    new = _seal(tenant)
    assert (old[1:17] == new_id.bytes, new[1:17] == new_id.bytes) == (False, True)
    assert (_open(tenant, old), _open(tenant, new)) == (PLAIN, PLAIN)


def test_secret_under_a_retired_data_key_needs_reencryption(tenant: UUID) -> None:
    old = _seal(tenant)
    assert needs_reencryption(tenant_id=tenant, ciphertext=old) is False
    rotate_data_key(tenant_id=tenant)
    assert needs_reencryption(tenant_id=tenant, ciphertext=old) is True
    assert needs_reencryption(tenant_id=tenant, ciphertext=_seal(tenant)) is False


def test_data_key_whose_rotation_is_rolled_back_stays_active(tenant: UUID) -> None:
    old = _seal(tenant)
    with tenant_scope():
        rotate_data_key(tenant_id=tenant)
        encrypt_secret(tenant_id=tenant, **PLACE, plaintext=PLAIN)
        transaction.set_rollback(True)
    assert needs_reencryption(tenant_id=tenant, ciphertext=old) is False


def test_rotations_at_once_leave_one_active_data_key(tenant: UUID) -> None:
    _seal(tenant)

    def rotate(_turn: int) -> None:
        with tenant_context(tenant):
            rotate_data_key(tenant_id=tenant)
        connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(rotate, range(16)))
    with tenant_scope():
        assert DataKey.objects.filter(active=True).count() == 1


def test_second_active_data_key_is_refused_by_the_database(tenant: UUID) -> None:
    _seal(tenant)
    with pytest.raises(IntegrityError, match="kernel_data_key_one_active"), tenant_scope():
        DataKey.objects.create(kek_id="old", wrapped=b"", active=True)


def test_app_role_cannot_delete_a_data_key(tenant: UUID) -> None:
    _seal(tenant)
    with pytest.raises(ProgrammingError, match="permission denied"), tenant_scope():
        DataKey.objects.all().delete()


def test_data_key_of_another_tenant_is_out_of_reach(make_tenant: Callable[[], UUID], tenant: UUID) -> None:
    _seal(make_tenant())
    with tenant_scope() as scope:
        found = scope.execute("SELECT count(*) FROM kernel_data_key WHERE tenant_id <> %s", [tenant]).fetchone()
    assert found == (0,)


def test_command_rewraps_and_says_how_many(make_tenant: Callable[[], UUID], use_keys: UseKeys) -> None:
    tenants = [make_tenant() for _ in range(3)]
    sealed = [_seal(tenant_id) for tenant_id in tenants]
    use_keys("new", "old")
    said = _run_command("--data-keys")
    assert said == [
        "3 tenants given a new data key, 3 data keys re-wrapped",
        "6 data keys under new (active)",
    ]
    use_keys("new")
    assert _open(tenants[0], sealed[0]) == PLAIN
    with tenant_context(tenants[0]):
        assert needs_reencryption(tenant_id=tenants[0], ciphertext=sealed[0])


def test_command_fails_while_data_keys_are_left_under_an_unknown_key(
    make_tenant: Callable[[], UUID], use_keys: UseKeys
) -> None:
    _seal(make_tenant())
    use_keys("new")
    with pytest.raises(CommandError, match="1 data keys are left"):
        _run_command()


def test_command_without_an_encryption_key_fails(use_keys: UseKeys) -> None:
    use_keys()
    with pytest.raises(CommandError, match="LABSNINJA_ENCRYPTION_KEYS is empty"):
        _run_command()


def _run_command(*arguments: str) -> list[str]:
    said = StringIO()
    call_command("rotate_keys", *arguments, stdout=said, stderr=StringIO())
    return said.getvalue().splitlines()
