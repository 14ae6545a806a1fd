"""Turns an event into a sentence, by a table with one row per action."""

import json
from collections.abc import Mapping
from typing import Any

from audit.actions import Action, Outcome
from audit.models import AuditEvent, Values

SENTENCES = {
    Action.PLATFORM_ENTERED: "{actor} worked across tenants: {reason}",
    Action.SIGNING_KEY_CREATED: "{actor} created the signing key {target}",
    Action.SIGNING_KEY_ROTATED: "{actor} replaced the signing key by {target}",
    Action.MONTH_DROPPED: "{actor} dropped the events of {target}, whose time of retention is over",
    Action.BUNDLE_EXPORTED: "{actor} exported the audit history up to {target}",
    Action.DOWNLOAD_STARTED: "{actor} began to download events as {target}",
    Action.DOWNLOAD_FINISHED: "{actor} has downloaded events as {target}",
    Action.STREAM_CREATED: "{actor} created the stream to {target}",
    Action.STREAM_PAUSED: "{actor} paused the stream to {target}",
    Action.STREAM_RESUMED: "{actor} resumed the stream to {target}",
    Action.STREAM_REPLAYED: "{actor} had the stream to {target} sent once more",
    Action.STREAM_STOPPED: "{actor} stopped the stream to {target}: {reason}",
    Action.STREAM_REMOVED: "{actor} removed the stream to {target}",
    Action.STREAM_SECRET_ROTATED: "{actor} replaced the secret of the stream to {target}",
    Action.PROOF_EXPORTED: "{actor} exported the proof that {target}",
    Action.SUBJECT_ERASED: "{actor} erased the personal values of {target} in the audit history",
    Action.TENANT_CREATED: "{actor} created the tenant {target}",
    Action.TENANT_SUSPENDED: "{actor} suspended the tenant {target}",
    Action.TENANT_RESUMED: "{actor} resumed the tenant {target}",
    Action.TENANT_DELETION_PLANNED: "{actor} had the tenant {target} deleted as of {deletes}: {reason}",
    Action.TENANT_DELETION_CANCELED: "{actor} took the deletion of the tenant {target} back",
    Action.TENANT_DELETED: "{actor} deleted everything of the tenant {target} but its history",
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
    Action.TOKEN_NETWORKS_CHANGED: "{actor} changed from where the token {target} may come",
    Action.SETUP_LINK_CREATED: "{actor} shared the set-up of {target} by a link",
    Action.SETUP_LINK_OPENED: "{actor} opened the link to the set-up of {target}",
    Action.SETUP_LINK_REFUSED: "{actor} was not let in by a link to the set-up of {target}: {reason}",
    Action.SETUP_LINK_REVOKED: "{actor} revoked a link to the set-up of {target}",
    Action.ACCESS_DENIED: "{actor} was denied access to {target}: {reason}",
    Action.READS_RECORDED: "{actor} recorded what {target} read in a minute",
    Action.REQUEST_TRIED: "{actor} tried {target} once more, and undid it",
    Action.REQUEST_LOG_DROPPED: "{actor} dropped the requests of {target}, whose time of retention is over",
    Action.USER_CREATED: "{actor} created the user {target}",
    Action.USER_UPDATED: "{actor} changed the user {target}",
    Action.USER_DELETED: "{actor} deleted the user {target}",
    Action.USER_RESTORED: "{actor} restored the user {target}",
    Action.GROUP_CREATED: "{actor} created the group {target}",
    Action.GROUP_UPDATED: "{actor} changed the group {target}",
    Action.GROUP_DELETED: "{actor} deleted the group {target}",
    Action.GROUP_RESTORED: "{actor} restored the group {target}",
    Action.RESOURCE_CREATED: "{actor} created the {type} {target}",
    Action.RESOURCE_UPDATED: "{actor} changed the {type} {target}",
    Action.RESOURCE_DELETED: "{actor} deleted the {type} {target}",
    Action.RESOURCE_RESTORED: "{actor} restored the {type} {target}",
    Action.TRASH_PURGED: "{actor} purged {number} from the trash of {target}, kept for {days} days",
    Action.PEOPLE_HELD: "{actor} held back {number} people of {target} from connectors: many left at once",
    Action.HOLDS_RELEASED: "{actor} released {number} people of {target} who were held back",
    Action.HOLDS_UNDONE: "{actor} brought {number} people of {target} back who were held back",
    Action.DIRECTORY_EXPORTED: "{actor} exported {target}",
    Action.REQUESTS_EXPORTED: "{actor} exported the log: {target}",
    Action.ALERT_OPENED: "{actor} raised an alert about {target}, {kind}: {told}",
    Action.ALERT_RESOLVED: "{actor} ended an alert about {target}, {kind}: {told}",
    Action.ALERT_TESTED: "{actor} tested the alerts of {target}",
    Action.ALERT_RULES_CHANGED: "{actor} changed the alert rules of {target}",
    Action.SCHEMA_DEFINED: "{actor} defined the {type} {target}",
    Action.SCHEMA_REMOVED: "{actor} removed the definition of {target}",
    Action.INDEX_BUILT: "{actor} built the index of {target}",
    Action.INDEX_FAILED: "{actor} could not make {target} unique: {reason}",
    Action.INDEX_RESTARTED: "{actor} had the index of {target} built anew",
    Action.PERSON_CREATED: "{actor} created the account {target}",
    Action.PERSON_DISABLED: "{actor} disabled the account {target}",
    Action.PERSON_ENABLED: "{actor} enabled the account {target}",
    Action.PERSON_RENAMED: "{actor} changed the name of the account {target}",
    Action.LINK_ISSUED: "{actor} issued a link to {target}: {purpose}",
    Action.INVITATION_ACCEPTED: "{actor} accepted the invitation of {target}",
    Action.SIGN_IN_REFUSED: "{actor} was not let in as {target}: wrong {reason}",
    Action.SESSION_STARTED: "{actor} signed in by {factor}",
    Action.SESSION_STEPPED_UP: "{actor} showed again who they are, by {factor}",
    Action.SESSION_ENDED: "{actor} ended sessions of {target}: {ended}",
    Action.PASSWORD_CHANGED: "{actor} changed the password of {target}",
    Action.PASSWORD_RESET: "{actor} chose a new password for {target} by a link",
    Action.EMAIL_CHANGE_REQUESTED: "{actor} asked for another e-mail address of {target}",
    Action.EMAIL_CHANGED: "{actor} confirmed the e-mail address {target}",
    Action.TOTP_ADDED: "{actor} added an authenticator app to {target}",
    Action.TOTP_REMOVED: "{actor} removed the authenticator app of {target}",
    Action.PASSKEY_ADDED: "{actor} added the passkey {name} to {target}",
    Action.PASSKEY_REMOVED: "{actor} removed the passkey {name} of {target}",
    Action.RECOVERY_CODES_MADE: "{actor} made new recovery codes for {target}",
    Action.FACTORS_RESET: "{actor} removed every second factor of {target}",
    Action.NOTIFICATION_MUTED: "{actor} unsubscribed {target} from e-mails of the kind {kind}",
    Action.NOTICES_CHOSEN: "{actor} chose which e-mails go to {target}",
    Action.MEMBER_ADDED: "{actor} invited {target} to the {realm} as {role}",
    Action.INVITATION_RESENT: "{actor} sent {target} the invitation to the {realm} again",
    Action.MEMBER_JOINED: "{actor} joined the {realm} as {target}",
    Action.MEMBER_CHANGED: "{actor} changed the role of {target} in the {realm} from {before} to {role}",
    Action.MEMBER_REMOVED: "{actor} removed {target} from the {realm}",
    Action.TENANT_ENTERED: "{actor} came to the {realm} as {role}",
    Action.TENANT_POLICY_CHANGED: "{actor} changed how people sign in to {target}",
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
    sentence = make_sentence(
        action=Action(event.action),
        outcome=Outcome(event.outcome),
        actor=event.actor_label or event.actor_kind,
        target=event.target_display or event.target_id,
        target_type=event.target_type,
        details=json.loads(event.canonical)["details"],
        values=event.values,
    )
    place = f" from {event.address}" if event.address else ""
    return f"{event.at:%Y-%m-%d %H:%M:%S} {sentence}{place}"


def make_sentence(
    *,
    action: Action,
    outcome: Outcome,
    actor: str,
    target: str,
    target_type: str,
    details: Mapping[str, Any],
    values: Values = Values.NONE,
) -> str:
    """What happened, on one line whatever the names hold."""
    told = SENTENCES[action].format(actor=actor, target=target, type=target_type, **details)
    # Names come from outside: a line break or a terminal's control code in one must not forge another line.
    sentence = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in told)
    return f"{sentence}{APART[values]}{SUFFIXES[outcome]}"
