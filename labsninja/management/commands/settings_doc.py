"""Writes docs/settings.md from the table of settings."""

from typing import Any

from django.core.management.base import BaseCommand

from labsninja.settings_doc import PAGE, render_settings


class Command(BaseCommand):
    """To be run after a change of `labsninja/env.py`; a test fails until then."""

    help = "Write docs/settings.md"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        PAGE.write_text(render_settings())
        self.stdout.write(f"{PAGE.name} is written")
