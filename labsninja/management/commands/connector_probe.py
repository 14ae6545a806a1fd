"""Asks a SCIM service what it can do, changing nothing there: the connection test of connectors, for a terminal."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from labsninja.kernel.outbound import OutboundClient, build_policy
from scim.targets import PRESETS, Outcome, SCIMTarget, check_connection, make_profile

MARKS = {Outcome.WORKS: "ok  ", Outcome.DIFFERS: "note", Outcome.FAILS: "FAIL"}


class Command(BaseCommand):
    """The token is read from a file or from standard input, for arguments are seen by everybody on the machine."""

    help = "Test the connection to a SCIM service and show its profile; nothing is changed there"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", help="base address, as in https://example.com/scim/v2")
        parser.add_argument("--token-file", default="-", help="file that holds the bearer token; - is standard input")
        parser.add_argument("--preset", choices=sorted(PRESETS), default="generic", help="what is known of the service")

    def handle(self, *args: Any, **options: Any) -> None:
        token = _read_token(options["token_file"])
        profile = make_profile(options["preset"])
        with OutboundClient(policy=build_policy(settings.LABSNINJA_OUTBOUND)) as client:
            target = SCIMTarget(base_url=options["url"], token=token, client=client, profile=profile)
            report = check_connection(target)
        for step in report.steps:
            self.stdout.write(f"{MARKS[step.outcome]}  {step.name:12} {step.words}")
        if not report.is_usable:
            raise CommandError("nothing can be sent there")
        self.stdout.write("")
        for name, value, source in report.profile.explain():
            self.stdout.write(f"{name:24} {value!s:40} {source}")


def _read_token(place: str) -> str:
    try:
        token = sys.stdin.read() if place == "-" else Path(place).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"the token cannot be read: {type(error).__name__}") from error
    if not token.strip():
        raise CommandError("the token is empty: give it by standard input or --token-file")
    return token.strip()
