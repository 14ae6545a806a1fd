"""The enterprise extension of User (RFC 7643 sections 4.3 and 8.7.1)."""

from typing import Final

from scim.protocol import urns
from scim.protocol.attributes import Attribute, AttributeType, Mutability, Schema
from scim.protocol.schemas.parts import link

_MANAGER: Final = (
    Attribute("value", "The manager's id.", case_exact=True),
    link("$ref", "Where the manager is found.", "User"),
    Attribute("displayName", "The manager's name.", mutability=Mutability.READ_ONLY),
)

ENTERPRISE_USER_SCHEMA: Final = Schema(
    urns.ENTERPRISE_USER,
    "EnterpriseUser",
    "What an organization knows about its people",
    (
        Attribute("employeeNumber", "Number or code the organization gave the person."),
        Attribute("costCenter", "Cost center."),
        Attribute("organization", "Organization."),
        Attribute("division", "Division."),
        Attribute("department", "Department."),
        Attribute("manager", "The user's manager.", type=AttributeType.COMPLEX, sub_attributes=_MANAGER),
    ),
)
