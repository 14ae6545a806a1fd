"""Sealing and opening: a secret opens where it was sealed, and nowhere else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections, transaction

from labsninja.kernel.isolation import (
    NoTenantBoundError,
    OtherTenantBoundError,
    cross_tenant,
    tenant_context,
    tenant_scope,
)
from labsninja.kernel.models import DataKey
from labsninja.kernel.secrets import (
    NoEncryptionKeyError,
    SecretDamagedError,
    UnknownKeyError,
    decrypt_secret,
    encrypt_secret,
)
from labsninja.kernel.secrets.data_keys import key_cache
from labsninja.kernel.secrets.sealing import Place, seal, unseal
from labsninja.kernel.secrets.wrapping import unwrap_key, wrap_key

PLACE = {"table": "connector", "column": "secret", "row": "r1"}
PLAIN = b"correct horse"


def test_secret_opens_where_it_was_sealed(tenant: UUID) -> None:
    sealed = encrypt_secret(tenant_id=tenant, **PLACE, plaintext=PLAIN)
    key_cache.clear()
    assert PLAIN not in sealed
    assert decrypt_secret(tenant_id=tenant, **PLACE, ciphertext=sealed) == PLAIN


@pytest.mark.parametrize("plaintext", [b"", b"\x00", bytes(100_000)])
def test_secret_of_any_bytes_comes_back_whole(plaintext: bytes, tenant: UUID) -> None:
    sealed = encrypt_secret(tenant_id=tenant, **PLACE, plaintext=plaintext)
    assert decrypt_secret(tenant_id=tenant, **PLACE, ciphertext=sealed) == plaintext


def test_same_secret_sealed_twice_looks_different(tenant: UUID) -> None:
    assert len({encrypt_secret(tenant_id=tenant, **PLACE, plaintext=PLAIN) for _ in range(100)}) == 100


@pytest.mark.parametrize(("part", "other"), [("table", "webhook"), ("column", "token"), ("row", "r2")])
def test_secret_moved_within_the_tenant_does_not_open(part: str, other: str, tenant: UUID) -> None:
    sealed = encrypt_secret(tenant_id=tenant, **PLACE, plaintext=PLAIN)
    with pytest.raises(SecretDamagedError):
        decrypt_secret(tenant_id=tenant, **{**PLACE, part: other}, ciphertext=sealed)


def test_secret_moved_to_another_tenant_does_not_open(make_tenant: Callable[[], UUID]) -> None:
    one, other = make_tenant(), make_tenant()
    with tenant_context(one):
        sealed = encrypt_secret(tenant_id=one, **PLACE, plaintext=PLAIN)
    with tenant_context(other), pytest.raises(UnknownKeyError):
        decrypt_secret(tenant_id=other, **PLACE, ciphertext=sealed)


def test_secret_does_not_open_for_another_tenant_that_was_given_the_data_key(make_tenant: Callable[[], UUID]) -> None:
    one, other = make_tenant(), make_tenant()
    with tenant_context(one):
        sealed = encrypt_secret(tenant_id=one, **PLACE, plaintext=PLAIN)
    with cross_tenant(reason="a thief with the database"):
        DataKey.across.filter(tenant_id=one).update(tenant_id=other)
    key_cache.clear()
    with tenant_context(other), pytest.raises(SecretDamagedError):
        decrypt_secret(tenant_id=other, **PLACE, ciphertext=sealed)


def test_seal_itself_is_bound_to_the_tenant() -> None:
    key, key_id, one, other = bytes(32), uuid4(), uuid4(), uuid4()
    sealed = seal(key=key, key_id=key_id, place=Place(one, "a", "b", "c"), plaintext=PLAIN)
    with pytest.raises(SecretDamagedError):
        unseal(key=key, place=Place(other, "a", "b", "c"), ciphertext=sealed)


@pytest.mark.parametrize("moved", [{"tenant_id": UUID(int=1)}, {"id": UUID(int=2)}])
def test_wrapped_data_key_is_bound_to_its_row(moved: dict[str, Any]) -> None:
    row = wrap_key(tenant_id=uuid4(), key_id=uuid4(), key=bytes(32))
    assert unwrap_key(row=row) == bytes(32)
    with pytest.raises(SecretDamagedError):
        unwrap_key(row=replace(row, **moved))


def test_every_flipped_byte_is_noticed(tenant: UUID) -> None:
    sealed = encrypt_secret(tenant_id=tenant, **PLACE, plaintext=PLAIN)
    for position in range(len(sealed)):
        damaged = bytearray(sealed)
        damaged[position] ^= 1
        with pytest.raises((SecretDamagedError, UnknownKeyError)):
            decrypt_secret(tenant_id=tenant, **PLACE, ciphertext=bytes(damaged))


@pytest.mark.parametrize("length", [0, 1, 17, 29, 44])
def test_cut_secret_is_noticed(length: int, tenant: UUID) -> None:
    sealed = encrypt_secret(tenant_id=tenant, **PLACE, plaintext=b"")
    with pytest.raises(SecretDamagedError):
        decrypt_secret(tenant_id=tenant, **PLACE, ciphertext=sealed[:length])


def test_separator_in_a_row_is_part_of_the_row_and_refused_in_a_name(tenant: UUID) -> None:
    sealed = encrypt_secret(tenant_id=tenant, table="a", column="b", row="c|d", plaintext=PLAIN)
    assert decrypt_secret(tenant_id=tenant, table="a", column="b", row="c|d", ciphertext=sealed) == PLAIN
    with pytest.raises(ValueError, match="cannot hold"):
        decrypt_secret(tenant_id=tenant, table="a", column="b|c", row="d", ciphertext=sealed)


def test_message_of_a_damaged_secret_holds_no_plaintext_and_no_tenant(tenant: UUID) -> None:
    sealed = encrypt_secret(tenant_id=tenant, **PLACE, plaintext=PLAIN)
    with pytest.raises(SecretDamagedError) as caught:
        decrypt_secret(tenant_id=tenant, **{**PLACE, "row": "r2"}, ciphertext=sealed)
    assert str(caught.value) == "the secret in connector.secret does not belong there"


def test_secret_of_another_tenant_than_the_bound_one_is_refused_although_its_key_is_at_hand(
    make_tenant: Callable[[], UUID],
) -> None:
    one, other = make_tenant(), make_tenant()
    with tenant_context(one):
        sealed = encrypt_secret(tenant_id=one, **PLACE, plaintext=PLAIN)
        decrypt_secret(tenant_id=one, **PLACE, ciphertext=sealed)
    with tenant_context(other):
        with pytest.raises(OtherTenantBoundError):
            decrypt_secret(tenant_id=one, **PLACE, ciphertext=sealed)
        with pytest.raises(OtherTenantBoundError):
            encrypt_secret(tenant_id=one, **PLACE, plaintext=PLAIN)


def test_secret_without_a_bound_tenant_is_refused() -> None:
    with pytest.raises(NoTenantBoundError):
        encrypt_secret(tenant_id=uuid4(), **PLACE, plaintext=PLAIN)


def test_tenants_have_data_keys_of_their_own(make_tenant: Callable[[], UUID]) -> None:
    for tenant_id in (make_tenant(), make_tenant()):
        with tenant_context(tenant_id):
            encrypt_secret(tenant_id=tenant_id, **PLACE, plaintext=PLAIN)
    with cross_tenant(reason="counting in a test"):
        assert DataKey.across.count() == 2


def test_secret_sealed_in_the_tenants_open_scope_opens_after_it(tenant: UUID) -> None:
    with tenant_scope():
        sealed = encrypt_secret(tenant_id=tenant, **PLACE, plaintext=PLAIN)
    assert decrypt_secret(tenant_id=tenant, **PLACE, ciphertext=sealed) == PLAIN


def test_data_key_of_a_rolled_back_scope_seals_nothing_afterwards(tenant: UUID) -> None:
    with tenant_scope():
        encrypt_secret(tenant_id=tenant, **PLACE, plaintext=PLAIN)
        transaction.set_rollback(True)
    sealed = encrypt_secret(tenant_id=tenant, **PLACE, plaintext=PLAIN)
    key_cache.clear()
    assert decrypt_secret(tenant_id=tenant, **PLACE, ciphertext=sealed) == PLAIN


def test_second_secret_asks_the_database_nothing(tenant: UUID, django_assert_num_queries: Any) -> None:
    encrypt_secret(tenant_id=tenant, **PLACE, plaintext=PLAIN)
    with django_assert_num_queries(0):
        encrypt_secret(tenant_id=tenant, **PLACE, plaintext=PLAIN)


def test_first_secrets_of_many_threads_share_one_data_key(tenant: UUID) -> None:
    def work(_turn: int) -> bytes:
        with tenant_context(tenant):
            sealed = encrypt_secret(tenant_id=tenant, **PLACE, plaintext=PLAIN)
        connections.close_all()
        return sealed

    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(work, range(16)))
    key_cache.clear()
    assert {decrypt_secret(tenant_id=tenant, **PLACE, ciphertext=one) for one in sealed} == {PLAIN}
    with tenant_scope():
        assert DataKey.objects.count() == 1


def test_secret_without_an_encryption_key_is_refused(tenant: UUID, use_keys: Callable[..., None]) -> None:
    use_keys()
    with pytest.raises(NoEncryptionKeyError):
        encrypt_secret(tenant_id=tenant, **PLACE, plaintext=PLAIN)


def test_secret_whose_encryption_key_is_gone_is_refused_by_its_id(tenant: UUID, use_keys: Callable[..., None]) -> None:
    sealed = encrypt_secret(tenant_id=tenant, **PLACE, plaintext=PLAIN)
    use_keys("new")
    with pytest.raises(UnknownKeyError, match="encryption key old"):
        decrypt_secret(tenant_id=tenant, **PLACE, ciphertext=sealed)


def test_other_bytes_under_the_same_key_id_do_not_open_data_keys(
    tenant: UUID, use_keys: Callable[..., None], settings: Any
) -> None:
    sealed = encrypt_secret(tenant_id=tenant, **PLACE, plaintext=PLAIN)
    use_keys()
    settings.LABSNINJA_ENCRYPTION_KEYS = {"old": bytes(32)}
    with pytest.raises(SecretDamagedError):
        decrypt_secret(tenant_id=tenant, **PLACE, ciphertext=sealed)
