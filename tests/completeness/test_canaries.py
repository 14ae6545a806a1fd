"""No secret that is sent, in whatever place it belongs, is written anywhere: audit history, request log, directory,
changes, the server's own log.
"""

import io
import logging
import re
from collections.abc import Iterator

import pytest
import structlog

from audit.models import AuditEvent
from audit.personal import open_events
from labsninja.kernel.isolation import DEPLOYMENT_TENANT_ID, tenant_context, tenant_scope
from scim.services.request_log import flush_requests
from tests.completeness.canaries import MARK, Fuzzer
from tests.completeness.watching import list_tables, looking
from tests.scim.conftest import Provider
from tests.scim.defining import DEVICES, define
from tests.scim.oauth import give_secret

pytestmark = pytest.mark.usefixtures("settled")
FLUSH_EVERY = 500
HELD = "SELECT t::text FROM {0} t WHERE tenant_id = ANY(%(tenants)s) AND t::text ~* %(traces)s"


@pytest.fixture(name="log")
def _log() -> Iterator[io.StringIO]:
    """What the server writes to its log, as it writes it."""
    formatters = (handler.formatter for handler in logging.getLogger().handlers)
    ours = next(one for one in formatters if isinstance(one, structlog.stdlib.ProcessorFormatter))
    written, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(written)
    handler.setFormatter(ours)
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


def _find_written(fuzzer: Fuzzer) -> list[str]:
    """Rows, of the tenant and the deployment, in which a secret stands."""
    named = {"tenants": [fuzzer.provider.tenant_id, DEPLOYMENT_TENANT_ID], "traces": fuzzer.traces}
    with looking() as raw:
        return [
            f"{table}: {row}"
            for table in list_tables(raw)
            for (row,) in raw.execute(HELD.format(table).encode(), named).fetchall()
        ]


def _find_sealed(fuzzer: Fuzzer) -> list[str]:
    """Personal values in which a secret stands: in the columns they are under a key."""
    with tenant_context(fuzzer.provider.tenant_id), tenant_scope():
        events = list(AuditEvent.objects.exclude(personal=None))
        open_events(events)
    assert {event.values for event in events} == {"shown"}
    return [event.opened for event in events if re.search(fuzzer.traces, event.opened, re.IGNORECASE)]


def _scan(provider: Provider, log: io.StringIO, operations: int) -> None:
    define(provider, *DEVICES)
    fuzzer = Fuzzer(provider, give_secret(provider).text, seed=operations)
    for _ in range(operations // FLUSH_EVERY):
        fuzzer.run(FLUSH_EVERY)
        flush_requests(at_once=True)
    assert {200, 201, 400, 401, 404} <= fuzzer.statuses.keys()
    assert 500 not in fuzzer.statuses
    assert _find_written(fuzzer) == []
    assert _find_sealed(fuzzer) == []
    assert re.findall(fuzzer.traces, log.getvalue(), re.IGNORECASE) == []
    print(f"{operations} operations, answers {dict(sorted(fuzzer.statuses.items()))}: no secret written")  # noqa: T201  # for the record


@pytest.mark.capability("audit")
def test_no_secret_of_two_thousand_operations_is_written(provider: Provider, log: io.StringIO) -> None:
    _scan(provider, log, 2_000)


@pytest.mark.long
def test_no_secret_of_a_hundred_thousand_operations_is_written(provider: Provider, log: io.StringIO) -> None:
    _scan(provider, log, 100_000)


def test_scan_finds_a_secret_where_one_stands(provider: Provider, log: io.StringIO) -> None:
    """The control: the mark in a place that is no secret's is seen in rows, in sealed values and in the log."""
    provider.create(f"{MARK}.ada", nickName=MARK)
    flush_requests(at_once=True)
    logging.getLogger("labsninja").error("wrote %s", MARK)
    fuzzer = Fuzzer(provider, "x" * 99, 1)
    found = {line.partition(":")[0] for line in _find_written(fuzzer)}
    assert {"scim_resource", "scim_change", "scim_request_log"} <= found
    assert "audit_event" not in found
    assert len(_find_sealed(fuzzer)) == 1
    assert MARK in log.getvalue()
