"""Structured logs: one JSON object a line, and no secret in any of them."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# The public part of a token may be logged, its secret never; whoever writes a header or URL into a log meets this.
TOKEN = re.compile(r"(lnj_[lt][a-z]_[0-9A-Za-z]{12})[0-9A-Za-z]{49}")
HIDDEN_KEYS = {"authorization", "password", "secret", "token", "cookie", "set-cookie"}


def configure_logs(level: str) -> None:
    """Send everything that is logged to standard error as JSON."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    if level != "DEBUG":  # refusals stand in the request log of their tenant
        logging.getLogger("django.request").setLevel(logging.ERROR)
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of errors in a pipeline that are raised as well
    logging.getLogger("httpcore").setLevel(logging.WARNING)  # below that it logs response headers


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: hides values under telling keys and the secret of any token in any text."""
    return {key: _redact_value(key, value) for key, value in event.items()}


def _redact_value(key: str, value: Any) -> Any:
    if key.lower() in HIDDEN_KEYS:
        return "[redacted]"
    return TOKEN.sub(r"\1[redacted]", value) if isinstance(value, str) else value
