"""A process that is killed while it writes, as often as a test wants: victim.py TENANT.

For each line it reads it forks a child and tells its pid. The child of `random` writes with several threads until it is
killed. The child of `between` says so when its change stands in the open transaction and its event does not, and waits
there; beside it the other threads go on writing.
"""

import contextvars
import itertools
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labsninja.settings")

import django  # the path and the settings come first

django.setup()

from audit.actors import system_origin  # noqa: E402  # as above
from labsninja.kernel.isolation import current_scope, tenant_context  # noqa: E402  # as above
from scim.protocol import urns  # noqa: E402  # as above
from scim.protocol.dialects.base import Reading  # noqa: E402  # as above
from scim.protocol.schemas import USER  # noqa: E402  # as above
from scim.services import history  # noqa: E402  # as above
from scim.services.resources import create_resource, patch_resource  # noqa: E402  # as above
from scim.services.writes import Writing  # noqa: E402  # as above

THREADS = 3
STUCK_SECONDS = 60.0
PATCH = {"schemas": [urns.PATCH_OP], "Operations": [{"op": "add", "path": "nickName", "value": "x"}]}


def write(name: str) -> None:
    """A new user, changed at once."""
    body = {"schemas": [urns.USER], "userName": name}
    made = create_resource(body=body, writing=Writing(USER, system_origin("test"), Reading()))
    patch_resource(resource_id=made.id, body=PATCH, writing=Writing(USER, system_origin("test"), Reading()))


def write_on() -> None:
    for number in itertools.count():
        write(f"{os.getpid()}.{threading.get_ident()}.{number}")


def stop_between() -> None:
    """Stand still where the event of the next write of this thread would be appended."""
    genuine, thread = vars(history)["record_event"], threading.get_ident()

    def pause(**named: Any) -> None:
        if threading.get_ident() == thread:
            current_scope().execute("SELECT 1", None).fetchone()  # all that was sent before has been done
            print("between", flush=True)  # noqa: T201  # the test reads it
            time.sleep(STUCK_SECONDS)
        genuine(**named)

    vars(history)["record_event"] = pause
    write(f"between.{os.getpid()}")


def run(tenant_id: UUID, moment: str) -> None:
    with tenant_context(tenant_id):
        for _ in range(THREADS):
            threading.Thread(target=contextvars.copy_context().run, args=(write_on,), daemon=True).start()
        if moment == "between":
            stop_between()
        time.sleep(STUCK_SECONDS)


def main(tenant: str) -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run(UUID(tenant), line.strip())
            os._exit(1)
        print(child, flush=True)  # noqa: T201  # the test reads it
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
