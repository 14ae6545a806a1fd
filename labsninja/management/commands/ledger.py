"""Runs the ledger process in the foreground."""

from typing import Any

from django.core.management.base import BaseCommand

from labsninja.checks import refuse_to_serve
from labsninja.ledger import Ledger


class Command(BaseCommand):
    """Several may run: one is on duty, the others stand by."""

    help = "Run the ledger: partitions, tokens at the end of their overlap"

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_to_serve()
        Ledger().run()
