"""Asks a SCIM service what it can do, changing nothing there: the connection test of connectors, for a terminal.

With --webhook it sends a receiver of webhooks one signed message that tells of no change.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uuid_utils.compat
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from labsninja.kernel.outbound import OutboundClient, build_policy
from scim.targets import PRESETS, Outcome, SCIMTarget, check_connection, make_profile
from scim.targets.webhooks import Fate, Receiver, make_test_message, send_message
from scim.targets.wire import BOUNDS

MARKS = {Outcome.WORKS: "ok  ", Outcome.DIFFERS: "note", Outcome.FAILS: "FAIL"}


class Command(BaseCommand):
    """The token is read from a file or from standard input, for arguments are seen by everybody on the machine."""

    help = "Test the connection to a SCIM service and show its profile; nothing is changed there"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", help="base address, as in https://example.com/scim/v2")
        parser.add_argument("--token-file", default="-", help="file that holds the bearer token; - is standard input")
        parser.add_argument("--webhook", action="store_true", help="the URL takes webhooks; the file holds the secret")
        parser.add_argument("--preset", choices=sorted(PRESETS), default="generic", help="what is known of the service")

    def handle(self, *args: Any, **options: Any) -> None:
        secret = _read_secret(options["token_file"])
        with OutboundClient(policy=build_policy({**settings.LABSNINJA_OUTBOUND, **BOUNDS})) as client:
            if options["webhook"]:
                self._send_webhook(client, options["url"], secret)
            else:
                self._check(client, options["url"], secret, options["preset"])

    def _send_webhook(self, client: OutboundClient, url: str, secret: str) -> None:
        message = make_test_message(message_id=str(uuid_utils.compat.uuid7()), now=datetime.now(UTC))
        try:
            delivery = send_message(client=client, receiver=Receiver(url, [secret]), message=message)
        except ValueError as error:
            raise CommandError("the secret is none of webhooks: whsec_ and then base64") from error
        if delivery.fate is not Fate.DONE:
            raise CommandError(f"not delivered ({delivery.fate}): {delivery.reason}")
        self.stdout.write(f"delivered: answered {delivery.status} in {delivery.exchange.milliseconds} ms")

    def _check(self, client: OutboundClient, url: str, token: str, preset: str) -> None:
        report = check_connection(SCIMTarget(base_url=url, token=token, client=client, profile=make_profile(preset)))
        for step in report.steps:
            self.stdout.write(f"{MARKS[step.outcome]}  {step.name:12} {step.words}")
        if not report.is_usable:
            raise CommandError("nothing can be sent there")
        self.stdout.write("")
        for name, value, source in report.profile.explain():
            self.stdout.write(f"{name:24} {value!s:40} {source}")


def _read_secret(place: str) -> str:
    try:
        token = sys.stdin.read() if place == "-" else Path(place).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"the token cannot be read: {type(error).__name__}") from error
    if not token.strip():
        raise CommandError("the token is empty: give it by standard input or --token-file")
    return token.strip()
