"""Every setting of a deployment: one table, read from the environment through django-environ.

A secret may also come from a file: `NAME_FILE` holds its path. `docs/settings.md` is generated from this table.
Nothing here needs Django's settings, so that the embedded services can read it before they exist.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
PROJECT_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Setting:
    """One environment variable: `kind` names a cast of django-environ (str, int, bool, list, path)."""

    name: str
    kind: str
    default: Any
    summary: str
    secret: bool = False


SETTINGS = (
    Setting("LABSNINJA_HOME", "path", PROJECT_ROOT / "var", "Folder of the embedded services, their data and secrets."),
    Setting("PORT", "int", 8000, "TCP port of the web server."),
    Setting("LABSNINJA_BIND", "str", "127.0.0.1", "Address the web server listens on."),
    Setting("LABSNINJA_BASE_URL", "str", "", "Public URL of the deployment, as in https://scim.example.com; "
            "decides meta.location and $ref. Empty: taken from the request."),
    Setting("LABSNINJA_SURFACES", "list", ["public", "scim", "console", "portal"], "What this process serves: public, "
            "scim, console, portal, admin. Only the process of the admin needs PLATFORM_DATABASE_URL."),
    Setting("LABSNINJA_ADMIN_URL", "str", "", "Public URL of the admin, as in https://admin.example.com: then only "
            "this host serves it, and it serves nothing else. Empty: below LABSNINJA_BASE_URL."),
    Setting("LABSNINJA_CONSOLE_URL", "str", "", "The same for the operators' console."),
    Setting("LABSNINJA_PORTAL_URL", "str", "", "The same for the customers' portal."),
    Setting("LABSNINJA_ADMIN_PORT", "int", 0, "TCP port of the admin's own process in `manage.py up`. 0: the one after "
            "PORT."),
    Setting("LABSNINJA_EMAIL_URL", "str", "consolemail://", "How e-mail is sent, as in "
            "smtp+tls://user:password@mail.example.com:587; consolemail:// prints it.", secret=True),
    Setting("LABSNINJA_EMAIL_FROM", "str", "LabsNinja <labsninja@localhost>", "Sender of every e-mail."),
    Setting("LABSNINJA_ALLOWED_HOSTS", "list", ["localhost", "127.0.0.1", "[::1]"], "Host names we answer to."),
    Setting("LABSNINJA_TRUSTED_PROXIES", "list", [], "Networks (CIDR) whose X-Forwarded-For and -Proto are believed."),
    Setting("LABSNINJA_ENVIRONMENT", "str", "live", "live or test: the first letter is part of every token."),
    Setting("LABSNINJA_SECURITY_CONTACT", "str", "", "Where weaknesses are reported: a mailto: or https: URL for "
            "security.txt. Empty: the security page."),
    Setting("LABSNINJA_SECURITY_TXT_DAYS", "int", 180, "Days after which today's security.txt says it expires."),
    Setting("LABSNINJA_STATIC", "str", "", "Folder of the collected static files, filled by `manage.py up` and by "
            "`collectstatic`. Empty: static in LABSNINJA_HOME."),
    Setting("LABSNINJA_COMPONENTS_PAGE", "bool", False, "Whether /components shows developers every component."),
    Setting("LABSNINJA_LOG_LEVEL", "str", "INFO", "Least level that is logged."),
    Setting("DEMO", "bool", True, "Whether `manage.py up` creates the demo tenant."),
    Setting("DATABASE_URL", "str", "", "PostgreSQL as the role ln_app. Empty: the embedded PostgreSQL.", secret=True),
    Setting("PLATFORM_DATABASE_URL", "str", "", "PostgreSQL as ln_platform, for the Django admin, deployment commands "
            "and the ledger alone.", secret=True),
    Setting("OWNER_DATABASE_URL", "str", "", "PostgreSQL as a member of ln_owner, for migrations alone.", secret=True),
    Setting("LABSNINJA_TRANSACTION_POOLING", "bool", False, "Set behind a transaction pooler that does not track "
            "prepared statements (PgBouncer before 1.21)."),
    Setting("LABSNINJA_STATEMENT_TIMEOUT", "int", 10_000, "Milliseconds after which PostgreSQL ends a statement."),
    Setting("REDIS_URL", "str", "", "Redis, Celery's broker. Empty: the embedded Redis.", secret=True),
    Setting("LABSNINJA_EMBEDDED_USER", "str", "nobody", "User the embedded services run as when started by root."),
    Setting("LABSNINJA_WEB_WORKERS", "int", 0, "Web server processes. 0: one per core."),
    Setting("LABSNINJA_SECRET_KEY", "str", "", "Django's signing key.", secret=True),
    Setting("LABSNINJA_TOKEN_PEPPERS", "list", [], "Keys of the token digests as id:hex, 32 bytes each; the first "
            "makes new digests, all of them verify.", secret=True),
    Setting("LABSNINJA_ENCRYPTION_KEYS", "list", [], "Key encryption keys as id:hex, 32 bytes each; the first "
            "wraps new data keys, all of them unwrap.", secret=True),
    Setting("LABSNINJA_AUDIT_ORIGIN", "str", "labsninja", "Name of the deployment in its audit checkpoints, as in "
            "scim.example.com; part of the name of every signing key that is made later."),
    Setting("LABSNINJA_AUDIT_RETENTION_DAYS", "int", 400, "Days for which audit events are kept after their month; "
            "then the month is dropped, and its hashes stay. 0: for ever."),
    Setting("LABSNINJA_REQUEST_LOG_RETENTION_DAYS", "int", 90, "Days for which the request log is kept after its week; "
            "then the week is dropped. 0: for ever."),
    Setting("LABSNINJA_AUDIT_ANCHORS", "str", "", "Folder to which signed checkpoints are appended, better on another "
            "machine. Empty: anchors in LABSNINJA_HOME."),
    Setting("LABSNINJA_OUTBOUND_PRIVATE_CIDRS", "list", [], "Private networks (CIDR) that we may call."),
)  # fmt: skip

_BY_NAME = {setting.name: setting for setting in SETTINGS}
_env = environ.FileAwareEnv()


def read(name: str) -> Any:
    """Value of a setting of the table. Raises KeyError for a name that is not in it, ImproperlyConfigured for a bad
    value.
    """
    setting = _BY_NAME[name]
    try:
        if setting.kind == "path":
            return Path(_env.str(name, default=str(setting.default))).resolve()
        value = getattr(_env, setting.kind)(name, default=setting.default)
    except (ValueError, OSError) as error:  # the value itself may be a secret
        raise ImproperlyConfigured(f"{name} is no {setting.kind}, or its file cannot be read") from error
    return value.strip() if isinstance(value, str) else value  # a file ends with a line end


def read_keys(name: str) -> dict[str, bytes]:
    """Keys of an `id:hex` list by id, in the order given. Raises ValueError when one is not 32 bytes of hex."""
    pairs = [entry.partition(":") for entry in read(name)]
    try:
        keys = {key_id: bytes.fromhex(value) for key_id, _, value in pairs}
    except ValueError:
        keys = {}
    if len(keys) != len(pairs) or "" in keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise ValueError(f"{name}: every entry is id:hex with 32 bytes, each id once")
    return keys
