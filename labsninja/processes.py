"""The processes of a deployment: what `manage.py up` runs, and the one place that names the application server.

Each gets only the database roles it needs: nothing that serves tenants or runs their jobs holds the platform's URL. The
admin, which needs it, is a process and an address of its own.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from labsninja.embedded.children import Child
from labsninja.env import PROJECT_ROOT, read

PYTHON = sys.executable
# From root on a machine of one's own Celery's advice is noise; in a deployment a service manager chooses the user.
ROOT_WARNING = "ignore:You're running the worker with superuser privileges"
# glibc keeps what a large answer took unless it came from a mapping of its own: 17 MB less after 100,000 members.
GIVE_BACK = {"MALLOC_MMAP_THRESHOLD_": "1048576"}
PRIVILEGED = ("OWNER_DATABASE_URL", "PLATFORM_DATABASE_URL")


def list_children(*, home: Path) -> tuple[Child, ...]:
    """Web, admin, worker, scheduler and ledger, as a table for the supervisor. The web processes stop first."""
    host, port, admin_port = read("LABSNINJA_BIND"), read("PORT"), find_admin_port()
    administering = {**_environment(without=PRIVILEGED[:1]), "LABSNINJA_SURFACES": "admin"}
    serving = {**_environment(without=PRIVILEGED), **GIVE_BACK}
    celery = (PYTHON, "-W", ROOT_WARNING, "-m", "celery", "-A", "labsninja", "--quiet")
    return (
        Child("web", web_command(), serving, stage=0, address=(host, port)),
        Child("admin", web_command(port=admin_port, workers=1), administering, stage=0, address=(host, admin_port)),
        Child(
            "worker",
            (*celery, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle"),
            serving,
            stage=1,
        ),
        Child(
            "scheduler",
            (*celery, "beat", "--schedule", str(home / "celerybeat-schedule"), "--pidfile="),
            serving,
            stage=1,
        ),
        Child("ledger", (PYTHON, "manage.py", "ledger"), _environment(without=PRIVILEGED[:1]), stage=1),
    )


def find_admin_port() -> int:
    """The setting, or the port after the web server's."""
    return int(read("LABSNINJA_ADMIN_PORT") or read("PORT") + 1)


def web_command(*, port: int = 0, workers: int = 0) -> tuple[str, ...]:
    """Granian, one blocking thread a worker: measured against gunicorn in ADR 0004. 0 is what the settings say."""
    workers = workers or read("LABSNINJA_WEB_WORKERS") or os.cpu_count() or 1
    return (
        *(PYTHON, "-m", "granian", "labsninja.wsgi:application", "--interface", "wsgi", "--no-ws"),
        *("--host", read("LABSNINJA_BIND"), "--port", str(port or read("PORT"))),
        *(
            "--workers",
            str(workers),
            "--blocking-threads",
            "1",
            "--respawn-failed-workers",
            "--workers-kill-timeout",
            "4",
        ),
        *("--log-level", "warning"),
    )


def _environment(*, without: tuple[str, ...]) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in without}
    return {
        **kept,
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(PROJECT_ROOT),
        "DJANGO_SETTINGS_MODULE": "labsninja.settings",
    }
