"""Django's settings. Every value that a deployment may change comes from `labsninja.env`."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from environ import Env

from labsninja.env import PROJECT_ROOT, read, read_keys

SECRET_KEY = read("LABSNINJA_SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = read("LABSNINJA_ALLOWED_HOSTS")
ROOT_URLCONF = "labsninja.urls"
WSGI_APPLICATION = "labsninja.wsgi.application"
APPEND_SLASH = False  # a redirect would lose the body of a SCIM request

INSTALLED_APPS = [
    "labsninja.apps.PlatformAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "django_htmx",
    "heroicons",
    "labsninja.kernel",
    "audit",
    "tenants",
    "scim",
    "scim.sync",
    "portal",
    "labsninja",
]
MIDDLEWARE = [
    "labsninja.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "portal.middleware.PageHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # These four do nothing outside the three places where people sign in: SCIM and the public site have no session.
    "portal.accounts.middleware.RealmSessionMiddleware",
    "portal.accounts.middleware.RealmCsrfMiddleware",
    "portal.accounts.middleware.RealmAuthenticationMiddleware",
    "portal.accounts.middleware.RealmMessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
# Both loaders wrap others, so neither may set itself up; components stand in templates/components.
_LOADERS = [
    "django_cotton.cotton_loader.Loader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT_ROOT / "templates"],
        "OPTIONS": {
            "loaders": [("template_partials.loader.Loader", [("django.template.loaders.cached.Loader", _LOADERS)])],
            "builtins": ["django_cotton.templatetags.cotton", "template_partials.templatetags.partials"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",  # Django's admin wants it
                "django.contrib.messages.context_processors.messages",
                "portal.shared.context.describe_page",
            ],
        },
    }
]
COTTON_DIR = "components"

_POOLED = read("LABSNINJA_TRANSACTION_POOLING")
_TIMEOUTS = f"-c statement_timeout={read('LABSNINJA_STATEMENT_TIMEOUT')} -c idle_in_transaction_session_timeout=30000"
# Requests go by keys. A plan made while a table was small, or before its statistics, must not walk through a grown one.
_BY_KEYS = "-c enable_seqscan=off"


def _database(url: str, *, command_line: str) -> dict[str, Any]:
    found = Env.db_url_config(url) if url else {}
    return {
        **found,
        "ENGINE": "labsninja.kernel.postgresql",
        "HOST": unquote(found.get("HOST") or ""),  # a socket folder comes percent-encoded
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            "options": command_line,
            "connect_timeout": 10,
            "server_side_binding": True,
            "prepare_threshold": None if _POOLED else 1,
            **found.get("OPTIONS", {}),
        },
    }


# Owner comes first so that the test runner creates the test database as owner; the other two look into the same one.
_DATABASES = {
    "owner": (read("OWNER_DATABASE_URL"), "-c role=ln_owner"),
    "default": (read("DATABASE_URL"), f"{_TIMEOUTS} {_BY_KEYS}"),
    "platform": (read("PLATFORM_DATABASE_URL"), _TIMEOUTS),
}
DATABASES = {
    alias: _database(url, command_line=options)
    for alias, (url, options) in _DATABASES.items()
    if url or alias == "default"
}
if "owner" in DATABASES:
    DATABASES["owner"]["TEST"] = {"DEPENDENCIES": []}
    for _alias in DATABASES.keys() - {"owner"}:
        DATABASES[_alias]["TEST"] = {"MIRROR": "owner"}
DATABASE_ROUTERS = ["labsninja.kernel.isolation.managers.TenantRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Django wants one user model; the admin is the only part of it that uses this one. docs/adr/0024
AUTH_USER_MODEL = "tenants.PlatformAdministrator"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "portal.public.views.errors.csrf_failed"

EMAIL_BACKEND = ""  # replaced by what the URL says
vars().update(Env.email_url_config(read("LABSNINJA_EMAIL_URL")))
DEFAULT_FROM_EMAIL = read("LABSNINJA_EMAIL_FROM")
EMAIL_TIMEOUT = 20

# A task is a wake-up call: short, safe to lose and to repeat. What is to be done stands in PostgreSQL.
CELERY_BROKER_URL = read("REDIS_URL")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES: int | None = None  # a worker waits for Redis as long as it takes
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 45, 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["scim.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["scim.api.permissions.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["scim.api.parsers.ScimParser"],
    "DEFAULT_RENDERER_CLASSES": ["scim.api.renderers.ScimRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "scim.api.renderers.AlwaysScim",
    "EXCEPTION_HANDLER": "scim.api.exceptions.answer_with_scim_error",
    "UNAUTHENTICATED_USER": None,
}

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(read("LABSNINJA_STATIC") or read("LABSNINJA_HOME") / "static")
STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
LOCALE_PATHS = [PROJECT_ROOT / "locale"]

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if read("LABSNINJA_BASE_URL").startswith("https://") else 0
SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # SCIM is framed by nobody; pages bring frame-ancestors with their policy
    "security.W003",  # neither SCIM nor the public site has a cookie that a forged request could use
    "security.W005",  # neighbors below the same domain are not ours to decide about
    "security.W008",  # TLS ends at the proxy; a redirect would lose the body of a SCIM request
    "security.W021",  # as W005
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

LABSNINJA_BASE_URL = read("LABSNINJA_BASE_URL").rstrip("/")
# Where each kind of people finds its pages; hosts that are set explicitly serve that surface alone.
_ADMIN_PORT = read("LABSNINJA_ADMIN_PORT") or read("PORT") + 1
_LOCAL = f"http://{'localhost' if read('LABSNINJA_BIND') == '127.0.0.1' else read('LABSNINJA_BIND')}"
_OWN_URLS = {name: read(f"LABSNINJA_{name.upper()}_URL").rstrip("/") for name in ("admin", "console", "portal")}
_PORTS = {"admin": _ADMIN_PORT, "console": read("PORT"), "portal": read("PORT")}
LABSNINJA_SURFACES = read("LABSNINJA_SURFACES")
LABSNINJA_SURFACE_URLS = {
    name: url or LABSNINJA_BASE_URL or f"{_LOCAL}:{_PORTS[name]}" for name, url in _OWN_URLS.items()
}
# Where whoever has no account is sent: to a set-up that was shared with them.
LABSNINJA_PUBLIC_URL = LABSNINJA_BASE_URL or f"{_LOCAL}:{read('PORT')}"
LABSNINJA_SURFACE_HOSTS = {url.partition("://")[2]: name for name, url in _OWN_URLS.items() if url}
CSRF_TRUSTED_ORIGINS = sorted({url for url in (*_OWN_URLS.values(), LABSNINJA_BASE_URL) if url})
ALLOWED_HOSTS = [*ALLOWED_HOSTS, *(host.partition(":")[0] for host in LABSNINJA_SURFACE_HOSTS)]
LABSNINJA_TRUSTED_PROXIES = read("LABSNINJA_TRUSTED_PROXIES")
LABSNINJA_ENVIRONMENT = read("LABSNINJA_ENVIRONMENT")
LABSNINJA_COMPONENTS_PAGE = read("LABSNINJA_COMPONENTS_PAGE")
LABSNINJA_SECURITY_CONTACT = read("LABSNINJA_SECURITY_CONTACT")
LABSNINJA_SECURITY_TXT_DAYS = read("LABSNINJA_SECURITY_TXT_DAYS")
LABSNINJA_TOKEN_PEPPERS = read_keys("LABSNINJA_TOKEN_PEPPERS")
LABSNINJA_ENCRYPTION_KEYS = read_keys("LABSNINJA_ENCRYPTION_KEYS")
LABSNINJA_AUDIT_ORIGIN = read("LABSNINJA_AUDIT_ORIGIN")
LABSNINJA_AUDIT_RETENTION_DAYS = read("LABSNINJA_AUDIT_RETENTION_DAYS")
LABSNINJA_REQUEST_LOG_RETENTION_DAYS = read("LABSNINJA_REQUEST_LOG_RETENTION_DAYS")
LABSNINJA_AUDIT_ANCHORS = Path(read("LABSNINJA_AUDIT_ANCHORS") or read("LABSNINJA_HOME") / "anchors")
# What labsninja.kernel.outbound.build_policy takes; a private network that is allowed may speak plain HTTP on any port.
LABSNINJA_OUTBOUND = {
    "private_networks": read("LABSNINJA_OUTBOUND_PRIVATE_CIDRS"),
    "private_http": True,
    "private_any_port": True,
}

LOGGING_CONFIG = "labsninja.logs.configure_logs"
LOGGING = read("LABSNINJA_LOG_LEVEL")
