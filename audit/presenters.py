"""Turns an event into a sentence, by a table with one row per action."""

import json

from audit.actions import Action, Outcome
from audit.models import AuditEvent, Values

SENTENCES = {
    Action.PLATFORM_ENTERED: "{actor} worked across tenants: {reason}",
    Action.SIGNING_KEY_CREATED: "{actor} created the signing key {target}",
    Action.SIGNING_KEY_ROTATED: "{actor} replaced the signing key by {target}",
    Action.MONTH_DROPPED: "{actor} dropped the events of {target}, whose time of retention is over",
    Action.BUNDLE_EXPORTED: "{actor} exported the audit history up to {target}",
    Action.PROOF_EXPORTED: "{actor} exported the proof that {target}",
    Action.SUBJECT_ERASED: "{actor} erased the personal values of {target} in the audit history",
    Action.TENANT_CREATED: "{actor} created the tenant {target}",
    Action.TENANT_SUSPENDED: "{actor} suspended the tenant {target}",
    Action.TENANT_RESUMED: "{actor} resumed the tenant {target}",
    Action.TENANT_PLAN_CHANGED: "{actor} changed the plan of the tenant {target}",
    Action.TENANT_OPTIONS_CHANGED: "{actor} changed options of the tenant {target}",
    Action.CLIENT_CREATED: "{actor} created the SCIM client {target}",
    Action.CLIENT_OPTIONS_CHANGED: "{actor} changed options of the SCIM client {target}",
    Action.SECRET_ISSUED: "{actor} issued the client secret {target}",
    Action.ACCESS_TOKEN_ISSUED: "{actor} fetched the access token {target} with {secret}",
    Action.TOKEN_ISSUED: "{actor} issued the token {target}",
    Action.TOKEN_ROTATED: "{actor} rotated the token {target}",
    Action.TOKEN_REVOKED: "{actor} revoked the token {target}",
    Action.TOKEN_RETIRED: "{actor} retired the token {target} at the end of its overlap",
    Action.TOKEN_EXPIRING: "{actor} warned that the token {target} expires soon",
    Action.ACCESS_DENIED: "{actor} was denied access to {target}: {reason}",
    Action.READS_RECORDED: "{actor} recorded what {target} read in a minute",
    Action.REQUEST_LOG_DROPPED: "{actor} dropped the requests of {target}, whose time of retention is over",
    Action.USER_CREATED: "{actor} created the user {target}",
    Action.USER_UPDATED: "{actor} changed the user {target}",
    Action.USER_DELETED: "{actor} deleted the user {target}",
    Action.GROUP_CREATED: "{actor} created the group {target}",
    Action.GROUP_UPDATED: "{actor} changed the group {target}",
    Action.GROUP_DELETED: "{actor} deleted the group {target}",
    Action.RESOURCE_CREATED: "{actor} created the {type} {target}",
    Action.RESOURCE_UPDATED: "{actor} changed the {type} {target}",
    Action.RESOURCE_DELETED: "{actor} deleted the {type} {target}",
    Action.SCHEMA_DEFINED: "{actor} defined the {type} {target}",
    Action.SCHEMA_REMOVED: "{actor} removed the definition of {target}",
    Action.INDEX_BUILT: "{actor} built the index of {target}",
    Action.INDEX_FAILED: "{actor} could not make {target} unique: {reason}",
    Action.INDEX_RESTARTED: "{actor} had the index of {target} built anew",
}
APART = {
    Values.NONE: "",
    Values.SHOWN: "",
    Values.ERASED: " (personal values erased)",
    Values.DAMAGED: " (personal values damaged)",
}
SUFFIXES = {Outcome.DONE: "", Outcome.UNCHANGED: " (nothing changed)", Outcome.DENIED: " (denied)"}


def describe_event(event: AuditEvent) -> str:
    """One line: time, sentence, and from where."""
    names = {"actor": event.actor_label or event.actor_kind, "target": event.target_display or event.target_id}
    names["type"] = event.target_type
    told = SENTENCES[Action(event.action)].format(**names, **json.loads(event.canonical)["details"])
    # Names come from outside: a line break or a terminal's control code in one must not forge another line.
    sentence = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in told)
    place = f" from {event.address}" if event.address else ""
    return f"{event.at:%Y-%m-%d %H:%M:%S} {sentence}{APART[event.values]}{SUFFIXES[Outcome(event.outcome)]}{place}"
