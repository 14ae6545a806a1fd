"""What the tests of the tolerance table share: rows by their number, the user that they write, and how it is shown."""

from typing import Any

import pytest

from scim.protocol import urns

LAB = urns.ENTERPRISE_USER
BADGE = "urn:example:badge:2.0:User"
BOSS = {LAB: {"manager": {"value": "boss-7"}}}
WORK = {"type": "work", "value": "ada@work.test"}
ROLE = '{"id":"2c1f","value":"Lab.Admin","displayName":"Lab admin"}'


def row(name: str, *columns: Any) -> Any:
    """A case whose id begins with the number of its row, as in T03-boolean."""
    return pytest.param(*columns, id=name)


def shown(user: dict[str, Any]) -> dict[str, Any]:
    """What a user says besides what every user does."""
    return {name: user[name] for name in user if name not in {"schemas", "userName", "active", "id", "meta"}}
