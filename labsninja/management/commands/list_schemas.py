"""Shows the schemas that a tenant has defined, and the resource types that use them."""

from typing import Any

from labsninja.management.schema_command import SchemaCommand
from scim.queries import find_present_schemas


class Command(SchemaCommand):
    """One line a schema, with its types, then one an index, with its state."""

    help = "List what a tenant has defined"

    def work(self, options: dict[str, Any]) -> None:
        known = find_present_schemas()
        for schema in known.defined:
            types = [f"{one.name} ({one.endpoint})" for one in known.resource_types if schema in one.all_schemas]
            told = f"{len(schema.attributes)} attributes  {', '.join(types) or 'used by no type'}"
            self.stdout.write(f"{schema.id}  {told}")
        self.tell_indexes()
