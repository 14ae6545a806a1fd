"""A process whose threads write for two tenants at once. Started by the tests: writer.py NAME ROWS TENANT TENANT ...

A thread per tenant named; every other row travels in a pipeline. Each row carries its tenant as a canary.
"""

import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labsninja.settings")

import django  # the path and the settings come first

django.setup()

import uuid_utils.compat  # noqa: E402  # as above
from django.db import connections  # noqa: E402  # as above

from labsninja.kernel.isolation import tenant_context, tenant_scope  # noqa: E402  # as above
from scim.store.changes import Step, append_change  # noqa: E402  # as above
from scim.store.pipeline import pipelined_scope  # noqa: E402  # as above
from scim.store.resources import LookupColumns, StoredResource, insert_resource  # noqa: E402  # as above

SCOPES = (tenant_scope, pipelined_scope)


def write_row(tenant_id: UUID, user_name: str) -> None:
    """One person and the change that tells of them, within the open scope."""
    now = datetime.now(UTC)
    person = StoredResource(uuid_utils.compat.uuid7(), "User", str(tenant_id), 1, now, now)
    insert_resource(person, lookup=LookupColumns(user_name=user_name), scim_client_id=None)
    append_change(Step(person.id, "User", 1, "created", now, None, str(tenant_id)), actor_id="", request_id=user_name)


def write_rows(tenant_id: UUID, name: str, rows: int) -> None:
    try:
        for number in range(rows):
            with tenant_context(tenant_id), SCOPES[number % 2]():
                write_row(tenant_id, f"{name}-{number}")
    finally:
        connections.close_all()


def main(name: str, rows: str, *tenants: str) -> None:
    threads = [
        threading.Thread(target=write_rows, args=(UUID(tenant), f"{name}-{number}", int(rows)))
        for number, tenant in enumerate(tenants)
    ]
    print("ready", flush=True)  # noqa: T201  # the test reads it
    sys.stdin.readline()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
