"""Tables of the tenants app, a module per noun."""

from tenants.models.factors import (
    AdminLink,
    AdminPasskey,
    AdminRecoveryCode,
    CustomerLink,
    CustomerPasskey,
    CustomerRecoveryCode,
    Link,
    OperatorLink,
    OperatorPasskey,
    OperatorRecoveryCode,
    Passkey,
    RecoveryCode,
)
from tenants.models.memberships import CustomerMembership, OperatorMembership, Role, SignInPolicy
from tenants.models.notifications import (
    AdminMuted,
    AdminNotification,
    CustomerMuted,
    CustomerNotification,
    MutedNotification,
    Notification,
    OperatorMuted,
    OperatorNotification,
)
from tenants.models.people import Customer, Operator, Person, PlatformAdministrator
from tenants.models.scim_client import ClientToken, ScimClient
from tenants.models.sessions import AdminSession, ConsoleSession, PortalSession, Session
from tenants.models.setup_links import SetupLink
from tenants.models.tenant import Tenant

__all__ = [
    "AdminLink",
    "AdminMuted",
    "AdminNotification",
    "AdminPasskey",
    "AdminRecoveryCode",
    "AdminSession",
    "ClientToken",
    "ConsoleSession",
    "Customer",
    "CustomerLink",
    "CustomerMembership",
    "CustomerMuted",
    "CustomerNotification",
    "CustomerPasskey",
    "CustomerRecoveryCode",
    "Link",
    "MutedNotification",
    "Notification",
    "Operator",
    "OperatorLink",
    "OperatorMembership",
    "OperatorMuted",
    "OperatorNotification",
    "OperatorPasskey",
    "OperatorRecoveryCode",
    "Passkey",
    "Person",
    "PlatformAdministrator",
    "PortalSession",
    "RecoveryCode",
    "Role",
    "ScimClient",
    "Session",
    "SetupLink",
    "SignInPolicy",
    "Tenant",
]
