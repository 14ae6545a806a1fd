"""What Okta and Entra ID send about the demo's people and groups, each in its own manner."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from labsninja.demo.people import ENTRA, OKTA, Person
from scim.protocol import urns

ENTRA_GROUP = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
Body = dict[str, Any]


@dataclass(frozen=True)
class Ref:
    """Stands in a body for the id that a person or group gets only when it is created."""

    key: str


def external_id(source: str, key: str) -> str:
    """The provider's own id of a person or group, made as theirs look."""
    made = uuid5(NAMESPACE_DNS, f"{key}.{source}.example.com")
    return str(made) if source == ENTRA else f"00u{made.hex[:17]}"


def user_body(person: Person, **changed: Any) -> Body:
    """A whole user; `changed` are attributes of the enterprise extension, and `title`, that differ."""
    enterprise = {
        "employeeNumber": str(person.number),
        "organization": "Acme",
        "department": person.department.name,
        **{name: value for name, value in changed.items() if name != "title"},
    }
    core = {
        "schemas": [urns.USER, urns.ENTERPRISE_USER],
        "externalId": external_id(person.department.source, person.key),
        "userName": person.user_name,
        "title": changed.get("title", person.title),
        "emails": [{"primary": True, "value": person.user_name, "type": "work"}],
        "addresses": [{"type": "work", "locality": person.department.city}],
        "active": True,
    }
    return {**core, **_MANNERS[person.department.source](person), urns.ENTERPRISE_USER: enterprise}


def _okta_manner(person: Person) -> Body:
    name = {"givenName": person.given, "familyName": person.family}
    return {"name": name, "displayName": f"{person.given} {person.family}", "locale": "en-US", "groups": []}


def _entra_manner(person: Person) -> Body:
    whole = f"{person.given} {person.family}"
    name = {"formatted": whole, "givenName": person.given, "familyName": person.family}
    return {"name": name, "displayName": whole, "roles": [], "meta": {"resourceType": "User"}}


_MANNERS = {OKTA: _okta_manner, ENTRA: _entra_manner}


def activation_body(source: str, *, active: bool) -> Body:
    """Okta names no path; Entra sends a boolean as text."""
    if source == OKTA:
        return _patch({"op": "replace", "value": {"active": active}})
    return _patch({"op": "Replace", "path": "active", "value": str(active)})


def change_body(values: Mapping[str, Any]) -> Body:
    """Entra's update: one operation for each attribute."""
    return _patch(*({"op": "Replace", "path": path, "value": value} for path, value in values.items()))


def manager_body(key: str) -> Body:
    """Entra's second pass: the manager as a bare id."""
    return _patch({"op": "Add", "path": f"{urns.ENTERPRISE_USER}:manager", "value": Ref(key)})


def group_body(source: str, name: str) -> Body:
    """A new group, still empty."""
    if source == OKTA:
        return {"schemas": [urns.GROUP], "displayName": name, "members": []}
    schemas, kind = [urns.GROUP, ENTRA_GROUP], {"resourceType": "Group"}
    return {"schemas": schemas, "externalId": external_id(source, name), "displayName": name, "meta": kind}


def joining_body(source: str, keys: Iterable[str]) -> Body:
    """New members of a group."""
    if source == OKTA:
        return _patch({"op": "add", "path": "members", "value": [{"value": Ref(key)} for key in keys]})
    return _patch({"op": "Add", "path": "members", "value": [{"$ref": None, "value": Ref(key)} for key in keys]})


def leaving_body(source: str, key: str) -> Body:
    """Somebody leaves a group: Okta filters, Entra gives a value."""
    if source == OKTA:
        return _patch({"op": "remove", "path": ('members[value eq "', Ref(key), '"]')})
    return _patch({"op": "Remove", "path": "members", "value": [{"$ref": None, "value": Ref(key)}]})


def resolve(body: Any, ids: Mapping[str, str]) -> Any:
    """The body with ids in place of references; a tuple becomes one text. Raises KeyError for an unknown key."""
    match body:
        case Ref(key):
            return ids[key]
        case tuple():
            return "".join(resolve(part, ids) for part in body)
        case list():
            return [resolve(part, ids) for part in body]
        case dict():
            return {name: resolve(part, ids) for name, part in body.items()}
    return body


def _patch(*operations: Body) -> Body:
    return {"schemas": [urns.PATCH_OP], "Operations": list(operations)}
