"""Writes docs/capabilities.md from the table of capabilities."""

from typing import Any

from django.core.management.base import BaseCommand

from labsninja.capabilities_doc import PAGE, render_capabilities


class Command(BaseCommand):
    """To be run after a change of `scim/capabilities.py`; a test fails until then."""

    help = "Write docs/capabilities.md"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        PAGE.write_text(render_capabilities())
        self.stdout.write(f"{PAGE.name} is written")
