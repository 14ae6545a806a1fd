"""Logs: one JSON object a line on standard error, and no secret in any. Each test logs in a process of its own."""

import json
import subprocess
import sys
from typing import Any

import pytest

from labsninja.logs import redact
from tenants.services.credentials import make_credential
from tests.labsninja.processes import ROOT

BEGIN = """
import logging, sys
import structlog
from labsninja.logs import configure_logs
configure_logs("INFO")
logger, text = logging.getLogger("labsninja.test"), sys.argv[1]
"""


def _log(script: str, text: str = "") -> list[dict[str, Any]]:
    """What the script wrote, line by line."""
    done = subprocess.run([sys.executable, "-c", BEGIN + script, text], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout == b""
    return [json.loads(line) for line in done.stderr.decode().splitlines()]


def test_line_is_one_json_object_with_time_level_and_name() -> None:
    (line,) = _log('logger.warning("first\\nsecond %s", "\\u20ac")')
    assert (line["event"], line["level"], line["logger"]) == ("first\nsecond \u20ac", "warning", "labsninja.test")
    assert line["timestamp"].endswith("Z")


def test_request_id_of_the_context_is_on_the_line() -> None:
    lines = _log("""
with structlog.contextvars.bound_contextvars(request_id="r1"):
    logger.info("inside")
logger.info("outside")
""")
    assert [line.get("request_id") for line in lines] == ["r1", None]


def test_what_is_below_the_level_is_left_out() -> None:
    assert _log('logger.debug("quiet")') == []


@pytest.mark.parametrize("environment", ["live", "test"])
def test_secret_of_a_token_is_hidden_wherever_it_stands(environment: str) -> None:
    text = make_credential(environment=environment).text
    lines = _log(
        """
logger.info("GET /scim/v2/Users?token=%s", text)
logger.info("%s and %s", text, [text])
try:
    raise ValueError(f"no {text}")
except ValueError:
    logger.exception("failed with %r", {"Authorization": f"Bearer {text}"})
""",
        text,
    )
    whole = json.dumps(lines)
    assert whole.count(f"{text[:19]}[redacted]") == 5
    assert text[19:] not in whole


@pytest.mark.parametrize(
    "key", ["authorization", "Authorization", "password", "secret", "token", "cookie", "Set-Cookie"]
)
def test_value_under_a_telling_key_is_hidden(key: str) -> None:
    assert redact(None, "info", {key: "hush", "event": "x"}) == {key: "[redacted]", "event": "x"}


def test_other_values_stay() -> None:
    event = {"event": "lnj_ls_0123456789ab", "count": 3, "path": "/scim/v2/Users"}
    assert redact(None, "info", dict(event)) == event
