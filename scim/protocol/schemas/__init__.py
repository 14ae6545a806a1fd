"""What is built in: User with its enterprise extension, and Group."""

from typing import Final

from scim.protocol.schemas.definitions import ResourceType, SchemaExtension, SchemaSet
from scim.protocol.schemas.enterprise_user import ENTERPRISE_USER_SCHEMA
from scim.protocol.schemas.group import GROUP_SCHEMA
from scim.protocol.schemas.user import USER_SCHEMA

USER: Final = ResourceType(
    name="User",
    endpoint="/Users",
    description="People's accounts",
    schema=USER_SCHEMA,
    extensions=(SchemaExtension(ENTERPRISE_USER_SCHEMA),),
)
GROUP: Final = ResourceType(
    name="Group",
    endpoint="/Groups",
    description="Groups of users and groups",
    schema=GROUP_SCHEMA,
)
BUILT_IN: Final = SchemaSet((USER, GROUP))
