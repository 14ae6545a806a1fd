"""Builds the indexes that a tenant's definitions ask for, failed ones once more, without waiting for the ledger."""

from typing import Any

from audit.actors import command_origin
from labsninja.management.schema_command import SchemaCommand
from scim.services.index_builds import build_batch, retry_indexes


class Command(SchemaCommand):
    """Safe beside a running ledger: each takes the next batch where the other left off."""

    help = "Build a tenant's indexes now, failed ones anew"

    def work(self, options: dict[str, Any]) -> None:
        origin = command_origin("build_indexes")
        retry_indexes(origin=origin)
        while build_batch(origin=origin):
            pass
        self.tell_indexes()
