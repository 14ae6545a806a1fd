"""What people and programs are told of their own accord: one table for e-mails (tenants.services.notifications) and for
the webhook streams of notices (audit.streams).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from audit.actions import Action


class Kind(StrEnum):
    """The name of a notice. What goes by e-mail has its texts under this name in templates/mail."""

    INVITATION = "invitation"
    SETUP_LINK = "setup_link"
    PASSWORD_RESET = "password_reset"
    EMAIL_CHANGE = "email_change"
    EMAIL_CHANGED = "email_changed"
    PASSWORD_CHANGED = "password_changed"
    FACTOR_CHANGED = "factor_changed"
    NEW_DEVICE = "new_device"
    TOKEN_EXPIRING = "token_expiring"
    ALERT = "alert"
    ALERT_OVER = "alert_over"
    ALERT_TEST = "alert_test"
    TOKEN_REVOKED = "token_revoked"
    TENANT_SUSPENDED = "tenant_suspended"
    TENANT_RESUMED = "tenant_resumed"
    PLAN_CHANGED = "plan_changed"
    POLICY_CHANGED = "policy_changed"
    MEMBER_ADDED = "member_added"
    MEMBER_CHANGED = "member_changed"
    MEMBER_REMOVED = "member_removed"
    INDEX_FAILED = "index_failed"
    PEOPLE_HELD = "people_held"
    STREAM_STOPPED = "stream_stopped"


class Audience(StrEnum):
    """Whom an e-mail goes to."""

    PERSON = "the person it is about"
    STRANGER = "somebody without an account, whom an operator names"
    ADMINS = "owners and admins of the organization"
    NOBODY = ""


@dataclass(frozen=True)
class Notice:
    """`audience` gets it by e-mail, and may say no where it `is_optional`; a stream of notices carries the event of
    `action`.
    """

    sentence: str
    audience: Audience = Audience.NOBODY
    action: Action | None = None
    is_optional: bool = False

    @property
    def goes_by_email(self) -> bool:
        return self.audience is not Audience.NOBODY

    @property
    def goes_to_people(self) -> bool:
        """Whether those who get it have an account."""
        return self.audience in {Audience.PERSON, Audience.ADMINS}

    @property
    def goes_by_webhook(self) -> bool:
        return self.action is not None


NOTICES: Final[Mapping[Kind, Notice]] = MappingProxyType(
    {
        Kind.INVITATION: Notice("You are invited to an organization.", Audience.PERSON),
        Kind.SETUP_LINK: Notice("The set-up of an identity provider is shared with you.", Audience.STRANGER),
        Kind.PASSWORD_RESET: Notice("You asked for a link to a new password.", Audience.PERSON),
        Kind.EMAIL_CHANGE: Notice("You asked for another e-mail address.", Audience.PERSON),
        Kind.EMAIL_CHANGED: Notice("Your e-mail address was changed.", Audience.PERSON),
        Kind.PASSWORD_CHANGED: Notice("Your password was changed.", Audience.PERSON),
        Kind.FACTOR_CHANGED: Notice("A second factor of yours was added or removed.", Audience.PERSON),
        Kind.NEW_DEVICE: Notice("You signed in from a new place.", Audience.PERSON, is_optional=True),
        Kind.TOKEN_EXPIRING: Notice(
            "A token expires within 30, 7 or 1 days.", Audience.ADMINS, Action.TOKEN_EXPIRING, is_optional=True
        ),
        Kind.ALERT: Notice(
            "A SCIM client goes wrong: an alert.", Audience.ADMINS, Action.ALERT_OPENED, is_optional=True
        ),
        Kind.ALERT_OVER: Notice("An alert is over.", Audience.ADMINS, Action.ALERT_RESOLVED, is_optional=True),
        Kind.ALERT_TEST: Notice("Somebody tests the alerts.", Audience.ADMINS, Action.ALERT_TESTED, is_optional=True),
        Kind.TOKEN_REVOKED: Notice("A token was revoked.", action=Action.TOKEN_REVOKED),
        Kind.TENANT_SUSPENDED: Notice("The organization was suspended.", action=Action.TENANT_SUSPENDED),
        Kind.TENANT_RESUMED: Notice("The organization is served again.", action=Action.TENANT_RESUMED),
        Kind.PLAN_CHANGED: Notice("The plan was changed.", action=Action.TENANT_PLAN_CHANGED),
        Kind.POLICY_CHANGED: Notice("How people sign in was changed.", action=Action.TENANT_POLICY_CHANGED),
        Kind.MEMBER_ADDED: Notice("Somebody was invited.", action=Action.MEMBER_ADDED),
        Kind.MEMBER_CHANGED: Notice("Somebody got another role.", action=Action.MEMBER_CHANGED),
        Kind.MEMBER_REMOVED: Notice("Somebody was removed.", action=Action.MEMBER_REMOVED),
        Kind.INDEX_FAILED: Notice("Values that are to be unique are not.", action=Action.INDEX_FAILED),
        Kind.PEOPLE_HELD: Notice(
            "Many people left at once, and some are held.", Audience.ADMINS, Action.PEOPLE_HELD, is_optional=True
        ),
        Kind.STREAM_STOPPED: Notice("An audit stream has stopped.", action=Action.STREAM_STOPPED),
    }
)
WEBHOOK_ACTIONS: Final = frozenset(notice.action for notice in NOTICES.values() if notice.action)
