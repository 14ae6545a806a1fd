"""Parameters of one statement, named, and what every part of it knows: the tenant, the type, the addresses."""

from collections.abc import Mapping
from copy import copy
from itertools import count
from typing import Any
from uuid import UUID

from scim.protocol.schemas.definitions import ResourceType


class Parameters:
    """`values` is given to the driver.

    `locations` gives by resource type the address that stands before the id, `https://.../scim/v2/Users/`.
    """

    def __init__(self, *, tenant_id: UUID, resource_type: ResourceType, locations: Mapping[str, str]) -> None:
        self.resource_type = resource_type
        self.locations = locations
        self.values: dict[str, Any] = {"tenant": tenant_id, "type": resource_type.name}
        self.type_placeholder = "%(type)s"
        self._aliases = count(1)

    def of_type(self, resource_type: ResourceType) -> "Parameters":
        """The same statement's parameters, in the part of it that is about another type.

        There `type_placeholder` stands for the type.
        """
        other = copy(self)
        other.resource_type = resource_type
        other.type_placeholder = self.hold(resource_type.name)
        return other

    def hold(self, value: Any, type_name: str = "text") -> str:
        """The placeholder of a value. `type_name` is PostgreSQL's, ours and never the user's."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"%({name})s::{type_name}"

    def hold_text(self, text: str, type_name: str) -> str:
        """The placeholder of a value of any type in PostgreSQL's own spelling."""
        return f"{self.hold(text)}::{type_name}"

    def hold_id(self, value: Any) -> str:
        """The placeholder of a resource's id; NULL for what isn't one in our spelling, for ids are case exact."""
        try:
            read = UUID(str(value))
        except ValueError:
            return self.hold(None, "uuid")
        return self.hold(read if str(read) == value else None, "uuid")

    def hold_location(self, resource_type: str) -> str:
        return self.hold(self.locations[resource_type])

    def new_alias(self) -> str:
        """A name for one more row in the statement."""
        return f"e{next(self._aliases)}"
