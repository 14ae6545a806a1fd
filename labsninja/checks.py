"""Start-up checks: nothing is served when the database would not keep tenants apart, or when a secret is missing."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from labsninja.env import read
from labsninja.kernel.isolation.catalog import find_role_faults, find_table_faults
from labsninja.kernel.isolation.managers import list_tenant_tables

REQUIRED = ("LABSNINJA_SECRET_KEY", "LABSNINJA_TOKEN_PEPPERS", "LABSNINJA_ENCRYPTION_KEYS")


@register(Tags.security)
def check_secrets(**_options: Any) -> list[CheckMessage]:
    """labsninja.E001: a secret is not set; labsninja.E002: the environment's name is not live or test."""
    missing = [name for name in REQUIRED if not read(name)]
    found: list[CheckMessage] = [
        Error(f"{name} is not set: see docs/settings.md", id="labsninja.E001") for name in missing
    ]
    if settings.LABSNINJA_ENVIRONMENT not in {"live", "test"}:
        found.append(Error("LABSNINJA_ENVIRONMENT is live or test", id="labsninja.E002"))
    return found


@register(Tags.database)
def check_isolation(databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """labsninja.E003: the serving role or a tenant table would let one tenant reach another's rows."""
    if "default" not in (databases or ()):
        return []
    return [Error(fault, id="labsninja.E003") for fault in find_isolation_faults()]


def find_isolation_faults() -> list[str]:
    """What is wrong with the role and the tables of the serving connection; empty when it may serve."""
    with connections["default"].cursor() as cursor:
        return find_role_faults(cursor) + find_table_faults(cursor, list_tenant_tables())


def find_static_faults() -> list[str]:
    """Without its manifest no page could name a style sheet; a page of an error could not be shown either."""
    storage: object = staticfiles_storage
    missing = isinstance(storage, ManifestFilesMixin) and not storage.hashed_files
    return ["static files are not collected: run manage.py collectstatic --no-input"] if missing else []


def refuse_to_serve(*, pages: bool = False) -> None:
    """For the start of every serving process; `pages` says that it shows any. Raises ImproperlyConfigured with all that
    is wrong.
    """
    faults = [str(message.msg) for message in check_secrets()] + find_isolation_faults()
    faults += find_static_faults() if pages else []
    if faults:
        raise ImproperlyConfigured("; ".join(faults))
