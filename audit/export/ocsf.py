"""Events in the Open Cybersecurity Schema Framework, version 1.6.0: https://schema.ocsf.io/1.6.0

What is done to people is an Account Change (3001), to groups Group Management (3006), a credential that opens nothing
or is exchanged for another Authentication (3002), anything else API Activity (6003). The rest is `unmapped`.
"""

from collections.abc import Mapping
from typing import Any

from audit.actions import Action, Outcome
from audit.actors import ActorKind
from audit.reading.contents import Content, tell_content

VERSION = "1.6.0"
PRODUCT = {"name": "LabsNinja", "vendor_name": "LabsNinja"}
CLASSES = {3001: "Account Change", 3002: "Authentication", 3006: "Group Management", 6003: "API Activity"}
CATEGORIES = {3: "Identity & Access Management", 6: "Application Activity"}
# The activities of each class that we use; 99 is told by its own name.
ACTIVITIES: Mapping[int, Mapping[int, str]] = {
    3001: {
        1: "Create",
        2: "Enable",
        3: "Password Change",
        4: "Password Reset",
        5: "Disable",
        6: "Delete",
        10: "MFA Factor Enable",
        11: "MFA Factor Disable",
        99: "Other",
    },
    3002: {1: "Logon", 2: "Logoff", 99: "Other"},
    3006: {3: "Add User", 4: "Remove User", 5: "Delete", 6: "Create", 99: "Other"},
    6003: {1: "Create", 2: "Read", 3: "Update", 4: "Delete", 99: "Other"},
}
OTHER = 99
CREATE, READ, UPDATE, DELETE = (6003, 1), (6003, 2), (6003, 3), (6003, 4)
ENABLE, DISABLE = (3001, 2), (3001, 5)
ADD_FACTOR, REMOVE_FACTOR = (3001, 10), (3001, 11)
ADD_USER, REMOVE_USER = (3006, 3), (3006, 4)
METHODS = {"POST": CREATE, "GET": READ, "PUT": UPDATE, "PATCH": UPDATE, "DELETE": DELETE}
# Why a credential opens nothing, in the words of whoever refused it.
NOT_GENUINE = frozenset(
    {"malformed", "not for this use", "unknown", "of another client", "revoked", "expired", "foreign network"}
)
MAPPING: Mapping[Action, tuple[int, int]] = {
    Action.PLATFORM_ENTERED: READ,
    Action.SIGNING_KEY_CREATED: CREATE,
    Action.SIGNING_KEY_ROTATED: UPDATE,
    Action.MONTH_DROPPED: DELETE,
    Action.BUNDLE_EXPORTED: READ,
    Action.PROOF_EXPORTED: READ,
    Action.SUBJECT_ERASED: DELETE,
    Action.DIRECTORY_EXPORTED: READ,
    Action.REQUESTS_EXPORTED: READ,
    Action.DOWNLOAD_STARTED: READ,
    Action.DOWNLOAD_FINISHED: READ,
    Action.STREAM_CREATED: CREATE,
    Action.STREAM_PAUSED: UPDATE,
    Action.STREAM_RESUMED: UPDATE,
    Action.STREAM_REPLAYED: READ,
    Action.STREAM_STOPPED: UPDATE,
    Action.STREAM_REMOVED: DELETE,
    Action.STREAM_SECRET_ROTATED: UPDATE,
    Action.TENANT_CREATED: CREATE,
    Action.TENANT_SUSPENDED: UPDATE,
    Action.TENANT_RESUMED: UPDATE,
    Action.TENANT_DELETION_PLANNED: UPDATE,
    Action.TENANT_DELETION_CANCELED: UPDATE,
    Action.TENANT_DELETED: DELETE,
    Action.TENANT_PLAN_CHANGED: UPDATE,
    Action.TENANT_OPTIONS_CHANGED: UPDATE,
    Action.CLIENT_CREATED: CREATE,
    Action.CLIENT_OPTIONS_CHANGED: UPDATE,
    Action.SECRET_ISSUED: CREATE,
    Action.ACCESS_TOKEN_ISSUED: (3002, 1),
    Action.TOKEN_ISSUED: CREATE,
    Action.TOKEN_ROTATED: UPDATE,
    Action.TOKEN_REVOKED: DELETE,
    Action.TOKEN_RETIRED: DELETE,
    Action.TOKEN_NETWORKS_CHANGED: UPDATE,
    Action.TOKEN_EXPIRING: (6003, OTHER),
    Action.SETUP_LINK_CREATED: CREATE,
    Action.SETUP_LINK_OPENED: UPDATE,
    Action.SETUP_LINK_REFUSED: (6003, OTHER),
    Action.SETUP_LINK_REVOKED: DELETE,
    Action.ACCESS_DENIED: (3002, 1),
    Action.READS_RECORDED: READ,
    Action.REQUEST_TRIED: READ,
    Action.REQUEST_LOG_DROPPED: DELETE,
    Action.USER_CREATED: (3001, 1),
    Action.USER_UPDATED: (3001, OTHER),
    Action.USER_DELETED: (3001, 6),
    Action.USER_RESTORED: ENABLE,
    Action.GROUP_CREATED: (3006, 6),
    Action.GROUP_UPDATED: (3006, OTHER),
    Action.GROUP_DELETED: (3006, 5),
    Action.GROUP_RESTORED: (3006, OTHER),
    Action.RESOURCE_CREATED: CREATE,
    Action.RESOURCE_UPDATED: UPDATE,
    Action.RESOURCE_DELETED: DELETE,
    Action.RESOURCE_RESTORED: UPDATE,
    Action.TRASH_PURGED: DELETE,
    Action.PEOPLE_HELD: UPDATE,
    Action.HOLDS_RELEASED: UPDATE,
    Action.HOLDS_UNDONE: UPDATE,
    Action.CONNECTOR_CREATED: CREATE,
    Action.CONNECTOR_CHANGED: UPDATE,
    Action.CONNECTOR_STARTED: UPDATE,
    Action.CONNECTOR_PAUSED: UPDATE,
    Action.CONNECTOR_TESTED: READ,
    Action.CONNECTOR_REMOVED: DELETE,
    Action.CONNECTOR_QUARANTINED: UPDATE,
    Action.CONNECTOR_RECOVERED: UPDATE,
    Action.MAPPING_DRAFTED: UPDATE,
    Action.MAPPING_DISCARDED: DELETE,
    Action.MAPPING_PUBLISHED: UPDATE,
    Action.RUN_REQUESTED: CREATE,
    Action.RUN_HELD: UPDATE,
    Action.RUN_APPROVED: UPDATE,
    Action.RUN_PAUSED: UPDATE,
    Action.RUN_RESUMED: UPDATE,
    Action.RUN_CANCELED: UPDATE,
    Action.RUN_ENDED: UPDATE,
    Action.LOOK_REQUESTED: UPDATE,
    Action.LINKS_RETRIED: UPDATE,
    Action.STAGED_APPROVED: UPDATE,
    Action.STAGED_REFUSED: UPDATE,
    Action.TASK_REFUSED: (6003, OTHER),
    Action.ALERT_OPENED: (6003, OTHER),
    Action.ALERT_RESOLVED: (6003, OTHER),
    Action.ALERT_TESTED: (6003, OTHER),
    Action.ALERT_RULES_CHANGED: UPDATE,
    Action.SCHEMA_DEFINED: UPDATE,
    Action.SCHEMA_REMOVED: DELETE,
    Action.INDEX_BUILT: UPDATE,
    Action.INDEX_FAILED: UPDATE,
    Action.INDEX_RESTARTED: UPDATE,
    Action.PERSON_CREATED: (3001, 1),
    Action.PERSON_DISABLED: DISABLE,
    Action.PERSON_ENABLED: ENABLE,
    Action.PERSON_RENAMED: (3001, OTHER),
    Action.LINK_ISSUED: (3001, OTHER),
    Action.INVITATION_ACCEPTED: ENABLE,
    Action.SIGN_IN_REFUSED: (3002, 1),
    Action.SESSION_STARTED: (3002, 1),
    Action.SESSION_STEPPED_UP: (3002, OTHER),
    Action.SESSION_ENDED: (3002, 2),
    Action.PASSWORD_CHANGED: (3001, 3),
    Action.PASSWORD_RESET: (3001, 4),
    Action.EMAIL_CHANGE_REQUESTED: (3001, OTHER),
    Action.EMAIL_CHANGED: (3001, OTHER),
    Action.TOTP_ADDED: ADD_FACTOR,
    Action.TOTP_REMOVED: REMOVE_FACTOR,
    Action.PASSKEY_ADDED: ADD_FACTOR,
    Action.PASSKEY_REMOVED: REMOVE_FACTOR,
    Action.RECOVERY_CODES_MADE: (3001, OTHER),
    Action.FACTORS_RESET: REMOVE_FACTOR,
    Action.NOTIFICATION_MUTED: (3001, OTHER),
    Action.NOTICES_CHOSEN: (3001, OTHER),
    Action.MEMBER_ADDED: CREATE,
    Action.INVITATION_RESENT: UPDATE,
    Action.MEMBER_JOINED: UPDATE,
    Action.MEMBER_CHANGED: UPDATE,
    Action.MEMBER_REMOVED: DELETE,
    Action.TENANT_ENTERED: READ,
    Action.TENANT_POLICY_CHANGED: UPDATE,
}
USER_TYPES = {
    ActorKind.SCIM_CLIENT: 4,
    ActorKind.ADMINISTRATOR: 2,
    ActorKind.OPERATOR: 1,
    ActorKind.CUSTOMER: 1,
    ActorKind.SYSTEM: 3,
    ActorKind.SETUP_LINK: OTHER,
    ActorKind.ANONYMOUS: 0,
}
OAUTH, UNKNOWN_PROTOCOL = 6, 99
INFORMATIONAL, LOW = 1, 2
SUCCESS, FAILURE = 1, 2


def map_event(content: Content) -> dict[str, Any]:
    """The event as an OCSF object. `metadata.uid` is the event's id, the same however often it is sent."""
    class_uid, activity_id = _classify(content)
    is_denied = content.outcome == Outcome.DENIED
    name = ACTIVITIES[class_uid][activity_id]
    return {
        "category_uid": class_uid // 1000,
        "category_name": CATEGORIES[class_uid // 1000],
        "class_uid": class_uid,
        "class_name": CLASSES[class_uid],
        "activity_id": activity_id,
        "activity_name": content.action.rpartition(".")[2] if activity_id == OTHER else name,
        "type_uid": class_uid * 100 + activity_id,
        "type_name": f"{CLASSES[class_uid]}: {name}",
        "time": int(content.at.timestamp() * 1000),
        "severity_id": LOW if is_denied else INFORMATIONAL,
        "severity": "Low" if is_denied else "Informational",
        "status_id": FAILURE if is_denied else SUCCESS,
        "status": "Failure" if is_denied else "Success",
        "message": tell_content(content),
        "metadata": _make_metadata(content),
        "actor": {"user": _make_actor(content)},
        "src_endpoint": _make_source(content),
        **({"http_request": {"user_agent": content.origin["userAgent"]}} if content.origin["userAgent"] else {}),
        **({"status_detail": str(content.details["reason"])} if is_denied and "reason" in content.details else {}),
        **_MEMBERS[class_uid](content),
        "unmapped": {"outcome": content.outcome, "changes": [*content.changes], "details": dict(content.details)},
    }


def _classify(content: Content) -> tuple[int, int]:
    """By the action; a change of `active` alone, or of members in one direction, has an activity of its own, and a
    genuine credential that may not do something is no failed authentication.
    """
    action = Action(content.action)
    changes = {str(change.get("path", "")): change for change in content.changes}
    if action is Action.USER_UPDATED and [*changes] == ["active"]:
        return ENABLE if changes["active"].get("after") is True else DISABLE
    if action is Action.GROUP_UPDATED and [*changes] == ["members"]:
        directions = {"added", "removed"} & changes["members"].keys()
        if len(directions) == 1:
            return ADD_USER if directions == {"added"} else REMOVE_USER
    is_genuine = content.actor["kind"] != ActorKind.ANONYMOUS and content.details.get("reason") not in NOT_GENUINE
    if action is Action.ACCESS_DENIED and is_genuine:
        return METHODS.get(str(content.details.get("method")), (6003, OTHER))
    return MAPPING[action]


def _make_metadata(content: Content) -> dict[str, Any]:
    return {
        "version": VERSION,
        "product": PRODUCT,
        "uid": str(content.id),
        "tenant_uid": str(content.tenant_id),
        "correlation_uid": content.origin["request"],
        "event_code": content.action,
        "log_name": "audit",
    }


def _make_actor(content: Content) -> dict[str, Any]:
    actor = content.actor
    names = {"name": actor["label"] or actor["kind"], **({"uid": actor["id"]} if actor["id"] else {})}
    credential = {"credential_uid": actor["token"]} if actor["token"] else {}
    return {**names, **credential, "type_id": USER_TYPES.get(ActorKind(actor["kind"]), OTHER)}


def _make_source(content: Content) -> dict[str, str]:
    address = content.origin["address"]
    return {**({"ip": address} if address else {}), "name": content.origin["surface"]}


def _make_target(content: Content) -> dict[str, str]:
    return {"uid": content.target["id"], "name": content.target["display"] or content.target["id"]}


def _make_account(content: Content) -> dict[str, Any]:
    return {"user": {**_make_target(content), "type_id": 1}}


def _make_group(content: Content) -> dict[str, Any]:
    return {"group": _make_target(content)}


def _make_authentication(content: Content) -> dict[str, Any]:
    is_oauth = content.action == Action.ACCESS_TOKEN_ISSUED
    is_of_people = content.action.startswith("accounts.")
    other = str(content.details.get("factor", "password")) if is_of_people else "Bearer token"
    protocol = (OAUTH, "OAUTH 2.0") if is_oauth else (UNKNOWN_PROTOCOL, other)
    return {
        "user": _make_account(content)["user"] if is_of_people else _make_actor(content),
        "service": {"name": PRODUCT["name"]},
        "is_remote": True,
        "auth_protocol_id": protocol[0],
        "auth_protocol": protocol[1],
    }


def _make_call(content: Content) -> dict[str, Any]:
    request = {"request": {"uid": content.origin["request"]}} if content.origin["request"] else {}
    api = {"operation": content.action, "service": {"name": PRODUCT["name"]}, **request}
    return {"api": api, "resources": [{**_make_target(content), "type": content.target["type"]}]}


_MEMBERS = {3001: _make_account, 3002: _make_authentication, 3006: _make_group, 6003: _make_call}
