"""A person and the surroundings that the tests and the examples of the documentation use."""

from typing import Any, Final

from scim.mapping.expressions import compile_expression
from scim.mapping.run import Surroundings
from scim.protocol import urns
from scim.protocol.schemas import USER

ZOE: Final[dict[str, Any]] = {
    "schemas": [urns.USER, urns.ENTERPRISE_USER],
    "id": "0197-zoe",
    "externalId": "hr-1",
    "userName": "Zoë.Müller@example.com",
    "name": {"givenName": "Zoë", "familyName": "Müller"},
    "displayName": "Zoë Müller",
    "title": "Software Engineer",
    "userType": "Employee",
    "active": True,
    "emails": [
        {"value": "zoe@home.example", "type": "home", "primary": True},
        {"value": "zoe.mueller@example.com", "type": "work"},
    ],
    urns.ENTERPRISE_USER: {
        "employeeNumber": "E4711",
        "costCenter": "CC-1",
        "department": "Research",
        "manager": {"value": "0197-max"},
    },
    "meta": {"resourceType": "User", "created": "2026-01-31T08:15:00Z"},
}

SURROUNDINGS: Final = Surroundings(
    tables={"costCenters": {"CC-1": "7100"}},
    groups=frozenset({"Engineering"}),
    find_reference={"0197-max": "target-7"}.get,
)


def evaluate(source: str, document: dict[str, Any] | None = None, surroundings: Surroundings = SURROUNDINGS) -> Any:
    return compile_expression(source, resource_type=USER).evaluate(document or ZOE, surroundings)
