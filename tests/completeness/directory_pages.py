"""The console's pages about users and groups that may change something, and the event that each leaves."""

from collections.abc import Callable
from typing import Any

from audit.actions import Action
from labsninja.kernel.isolation import tenant_context
from scim.protocol import urns
from scim.protocol.dialects.base import STRICT, Reading
from scim.protocol.schemas import GROUP, USER
from scim.services.resources import create_resource
from scim.services.writes import Writing
from tests.completeness.desk import SYSTEM, Desk

Deed = tuple[Callable[[Desk], Any], Action | None]


def _act_on_user(desk: Desk, name: str, *, active: bool = True) -> Any:
    body = {"schemas": [urns.USER], "userName": "ada@example.test", "active": active}
    with tenant_context(desk.tenant_id):
        made = create_resource(body=body, writing=Writing(USER, SYSTEM, Reading(STRICT)))
    return desk.post(f"console:{name}", {"version": "1"}, made.id)


def _delete_group(desk: Desk) -> Any:
    with tenant_context(desk.tenant_id):
        body = {"schemas": [urns.GROUP], "displayName": "Lab"}
        made = create_resource(body=body, writing=Writing(GROUP, SYSTEM, Reading(STRICT)))
    return desk.post("console:group-delete", {"version": "1"}, made.id)


DIRECTORY: dict[str, Deed] = {
    "users-export": (lambda desk: desk.post("console:users-export", {"form": "csv"}), Action.DIRECTORY_EXPORTED),
    "groups-export": (lambda desk: desk.post("console:groups-export", {"form": "json"}), Action.DIRECTORY_EXPORTED),
    "user-deactivate": (lambda desk: _act_on_user(desk, "user-deactivate"), Action.USER_UPDATED),
    "user-activate": (lambda desk: _act_on_user(desk, "user-activate", active=False), Action.USER_UPDATED),
    "user-delete": (lambda desk: _act_on_user(desk, "user-delete"), Action.USER_DELETED),
    "group-delete": (_delete_group, Action.GROUP_DELETED),
}
