"""An extension from its definition to its removal in a directory of 20,000 people, by command and over HTTP."""

import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from django.core.management import CommandError, call_command

from bench.seeding import MARK, _insert, _unhurried, user_body, user_id
from labsninja.kernel.isolation import tenant_context
from scim.protocol.schemas import USER
from scim.services.index_builds import build_batch
from audit.actors import system_origin
from tenants.models import Tenant
from tests.scim.answers import body_of, operation, patch, read, refusal
from tests.scim.conftest import Provider
from tests.scim.defining import LAB, NUMBER, OFFICE, badge

PEOPLE = 20_000


@pytest.mark.parametrize("limit", [250, 500])
def test_measure(provider: Provider, tmp_path: Path, limit: int) -> None:
    slug = Tenant.objects.get(id=provider.tenant_id).slug
    with tenant_context(provider.tenant_id), _unhurried():
        _insert(USER, {**user_body(MARK), LAB: {"office": f"o{MARK}", "number": 1}}, 1, PEOPLE)

    def define(*attributes: Any) -> float:
        p = tmp_path / "d.json"
        p.write_bytes(orjson.dumps(badge(*attributes)))
        t = time.monotonic()
        with tenant_context():
            call_command("define_schema", slug, str(p), "--extends", "User")
        return time.monotonic() - t

    def find() -> float:
        t = time.monotonic()
        q = quote(f'{LAB}:office eq "O0012345"')
        assert read(provider, f"/Users?filter={q}")["totalResults"] == 1
        return time.monotonic() - t

    print("define", define(), "find", find())
    print("define indexed", define(NUMBER, {**OFFICE, "indexed": True, "uniqueness": "server"}), "find", find())
    times = []
    with tenant_context(provider.tenant_id):
        while True:
            t = time.monotonic()
            n = build_batch(origin=system_origin("x"), limit=limit)
            if not n:
                break
            times.append(time.monotonic() - t)
    print(
        "BATCH", limit, "total", sum(times), "mean", sum(times) / len(times), "max", max(times), "find", find(), find()
    )
    if limit == 500:
        t = time.monotonic()
        with pytest.raises(CommandError) as c:
            define(NUMBER)
        print(time.monotonic() - t, str(c.value)[:300])
        print("drop index", define())
