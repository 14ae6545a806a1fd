"""Writes docs/mapping-language.md from the tables of the mapping language."""

from typing import Any

from django.core.management.base import BaseCommand

from labsninja.mapping_doc import PAGE, render_language


class Command(BaseCommand):
    """To be run after a change of `scim/mapping`; a test fails until then."""

    help = "Write docs/mapping-language.md"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        PAGE.write_text(render_language())
        self.stdout.write(f"{PAGE.name} is written")
