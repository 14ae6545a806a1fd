"""The URNs of RFC 7643 section 10.4 and RFC 7644 section 8.2, and the mistaken ones that arrive in their place."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CORE: Final = "urn:ietf:params:scim:schemas:core:2.0:"
USER: Final = CORE + "User"
GROUP: Final = CORE + "Group"
ENTERPRISE_USER: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SERVICE_PROVIDER_CONFIG: Final = CORE + "ServiceProviderConfig"
RESOURCE_TYPE: Final = CORE + "ResourceType"
SCHEMA: Final = CORE + "Schema"

MESSAGES: Final = "urn:ietf:params:scim:api:messages:2.0:"
LIST_RESPONSE: Final = MESSAGES + "ListResponse"
SEARCH_REQUEST: Final = MESSAGES + "SearchRequest"
PATCH_OP: Final = MESSAGES + "PatchOp"
BULK_REQUEST: Final = MESSAGES + "BulkRequest"
BULK_RESPONSE: Final = MESSAGES + "BulkResponse"
ERROR: Final = MESSAGES + "Error"

# Tolerance T14. Lower-case spelling on the left; an empty text stands for the core schema of whatever is addressed.
SCHEMA_ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "urn:scim:schemas:core:1.0": "",
        "urn:scim:schemas:core:2.0": "",
        "urn:scim:schemas:core:1.0:user": USER,
        "urn:scim:schemas:core:2.0:user": USER,
        "urn:scim:schemas:core:1.0:group": GROUP,
        "urn:scim:schemas:core:2.0:group": GROUP,
        "urn:scim:schemas:extension:enterprise:1.0": ENTERPRISE_USER,
        "urn:scim:schemas:extension:enterprise:2.0": ENTERPRISE_USER,
        "urn:scim:schemas:extension:enterprise:1.0:user": ENTERPRISE_USER,
        "urn:scim:schemas:extension:enterprise:2.0:user": ENTERPRISE_USER,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0user": ENTERPRISE_USER,
        "http://schemas.microsoft.com/2006/11/resourcemanagement/adscim/2.0/group": GROUP,
    },
)
