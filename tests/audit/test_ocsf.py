"""Every action has its place in OCSF 1.6.0, with what the schema of that version requires.

The facts below are those of https://schema.ocsf.io/1.6.0 for the classes that we use: required attributes, the enums
whose numbers we send, and of which attributes at least one is asked for.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from audit.actions import Action, Outcome
from audit.actors import ActorKind
from audit.export.ocsf import MAPPING, NOT_GENUINE, map_event
from audit.reading.contents import Content
from tenants.services.authentication import Refusal

BASE = {"activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid"}
REQUIRED = {3001: {"user"}, 3002: {"user"}, 3006: {"group"}, 6003: {"actor", "api", "src_endpoint"}}
AT_LEAST_ONE = {3002: {"service", "dst_endpoint"}}
ACTIVITIES = {
    3001: {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 99},
    3002: {0, 1, 2, 3, 4, 5, 6, 7, 99},
    3006: {0, 1, 2, 3, 4, 5, 6, 7, 8, 99},
    6003: {0, 1, 2, 3, 4, 99},
}
NAMES = {3001: "Account Change", 3002: "Authentication", 3006: "Group Management", 6003: "API Activity"}
SEVERITIES, STATUSES, USER_TYPES = {0, 1, 2, 3, 4, 5, 6, 99}, {0, 1, 2, 99}, {0, 1, 2, 3, 4, 99}
PROTOCOLS = {*range(13), 99}
# Attributes of the four classes that we send; another name would be a mistake.
KNOWN = {
    *(
        "activity_id",
        "activity_name",
        "actor",
        "api",
        "auth_protocol",
        "auth_protocol_id",
        "category_name",
        "category_uid",
    ),
    *("class_name", "class_uid", "group", "http_request", "is_remote", "message", "metadata", "resources", "service"),
    *(
        "severity",
        "severity_id",
        "src_endpoint",
        "status",
        "status_detail",
        "status_id",
        "time",
        "type_name",
        "type_uid",
    ),
    *("unmapped", "user"),
}


def _content(action: Action, outcome: Outcome = Outcome.DONE, **given: Any) -> Content:
    actor = {"kind": "scim_client", "id": "c1", "label": "Okta", "token": "lnj_ls_0"} | given.get("actor", {})
    origin = {"surface": "scim", "address": "192.0.2.1", "userAgent": "agent", "request": "r1"} | given.get(
        "origin", {}
    )
    target = {"type": "User", "id": "u1", "display": "ada"}
    told: dict[str, Any] = dict.fromkeys(
        ("ended", "factor", "kind", "name", "realm", "role", "before", "purpose", "deletes"), "x"
    )
    told |= {"number": 1, "days": 7, "told": "x"}
    told |= dict.fromkeys(("url", "version", "mode", "state", "done", "failed", "resource", "task", "tenant"), "x")
    details = {"reason": "expired", "secret": "s"} | told | given.get("details", {})
    at = datetime(2026, 11, 5, 12, 0, 0, 123000, tzinfo=UTC)
    changes = given.get("changes", ())
    return Content(UUID(int=7), UUID(int=1), at, action, outcome, actor, origin, target, changes, details)


def _check(event: dict[str, Any]) -> None:
    """Raises AssertionError for whatever the schema does not allow."""
    class_uid = event["class_uid"]
    assert BASE | REQUIRED[class_uid] <= event.keys() <= KNOWN
    assert AT_LEAST_ONE.get(class_uid, {"metadata"}) & event.keys()
    assert event["category_uid"] == class_uid // 1000
    assert event["class_name"] == NAMES[class_uid]
    assert event["activity_id"] in ACTIVITIES[class_uid]
    assert event["type_uid"] == class_uid * 100 + event["activity_id"]
    assert event["severity_id"] in SEVERITIES
    assert event["status_id"] in STATUSES
    assert event["metadata"].keys() >= {"product", "version", "uid"}
    assert event["metadata"]["version"] == "1.6.0"
    assert {"name", "uid"} & event["metadata"]["product"].keys()
    assert isinstance(event["time"], int)
    assert {"ip", "name", "uid", "hostname", "svc_name"} & event["src_endpoint"].keys()
    for user in (event["actor"]["user"], event.get("user", {"name": "x", "type_id": 0})):
        assert {"name", "uid"} & user.keys()
        assert user["type_id"] in USER_TYPES
    assert event.get("auth_protocol_id", 0) in PROTOCOLS
    assert event.get("api", {"operation": "x"})["operation"]
    assert event.get("group", {"uid": "x"})["uid"]


@pytest.mark.capability("audit-download")
@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("action", Action)
def test_action_is_mapped_as_the_schema_requires(action: Action, outcome: Outcome) -> None:
    event = map_event(_content(action, outcome))
    _check(event)
    assert (event["status_id"] == 2) == (outcome is Outcome.DENIED)
    assert event["metadata"]["uid"] == str(UUID(int=7))
    assert event["time"] == 1_793_880_000_123


@pytest.mark.parametrize("kind", ActorKind)
def test_actor_without_id_address_or_request_has_its_place_too(kind: ActorKind) -> None:
    actor = {"kind": kind, "id": "", "label": "", "token": ""}
    origin = {"address": "", "userAgent": "", "request": ""}
    for action in MAPPING:
        _check(map_event(_content(action, actor=actor, origin=origin)))


@pytest.mark.parametrize(
    ("action", "changes", "type_uid"),
    [
        (Action.USER_CREATED, [], 300101),
        (Action.USER_UPDATED, [{"path": "active", "before": False, "after": True}], 300102),
        (Action.USER_UPDATED, [{"path": "active", "before": True, "after": False}], 300105),
        (Action.USER_UPDATED, [{"path": "active", "after": False}, {"path": "title", "after": "x"}], 300199),
        (Action.USER_DELETED, [], 300106),
        (Action.GROUP_CREATED, [], 300606),
        (Action.GROUP_UPDATED, [{"path": "members", "added": ["u1"]}], 300603),
        (Action.GROUP_UPDATED, [{"path": "members", "removed": ["u1"]}], 300604),
        (Action.GROUP_UPDATED, [{"path": "members", "added": ["u1"], "removed": ["u2"]}], 300699),
        (Action.GROUP_DELETED, [], 300605),
        (Action.ACCESS_TOKEN_ISSUED, [], 300201),
        (Action.TOKEN_ISSUED, [], 600301),
    ],
)
def test_activity_is_the_nearest_of_the_class(action: Action, changes: list[Any], type_uid: int) -> None:
    event = map_event(_content(action, changes=changes))
    _check(event)
    assert event["type_uid"] == type_uid


@pytest.mark.parametrize(
    ("details", "type_uid"),
    [({"reason": "expired"}, 300201), ({"reason": "insufficient scope", "method": "PATCH"}, 600303)],
)
def test_denial_is_an_authentication_only_when_the_credential_was_refused(
    details: dict[str, str], type_uid: int
) -> None:
    event = map_event(_content(Action.ACCESS_DENIED, Outcome.DENIED, details=details))
    _check(event)
    assert (event["type_uid"], event["status_detail"]) == (type_uid, details["reason"])


def test_reasons_of_refused_credentials_are_those_there_are() -> None:
    assert {refusal.value for refusal in Refusal} == NOT_GENUINE
