"""The three ways to sign in, as a table: what belongs to which kind of people. Everything about accounts is written
once and given a realm; no row, key or link of one realm is looked up in another's tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from audit.actors import ActorKind
from tenants import models

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Realm:
    """`prefix` is the path its pages stand below, `cookie` the session cookie's name before any prefix of its own.

    `idle` and `absolute` end a session; `needs_factor` says that nobody signs in with a password alone. Models are Any:
    the three stacks have the same fields, which no type of Django's says.
    """

    name: str
    prefix: str
    cookie: str
    actor: ActorKind
    person: Any
    session: Any
    passkey: Any
    recovery_code: Any
    link: Any
    notification: Any
    muted: Any
    membership: Any
    idle: timedelta
    absolute: timedelta
    needs_factor: bool = False

    @property
    def is_platform(self) -> bool:
        """Whether its tables are the platform role's alone."""
        return self.membership is None


ADMIN: Final = Realm(
    name="admin",
    prefix="/admin/",
    cookie="ln_admin",
    actor=ActorKind.ADMINISTRATOR,
    person=models.PlatformAdministrator,
    session=models.AdminSession,
    passkey=models.AdminPasskey,
    recovery_code=models.AdminRecoveryCode,
    link=models.AdminLink,
    notification=models.AdminNotification,
    muted=models.AdminMuted,
    membership=None,
    idle=15 * MINUTE,
    absolute=8 * HOUR,
    needs_factor=True,
)
CONSOLE: Final = Realm(
    name="console",
    prefix="/console/",
    cookie="ln_console",
    actor=ActorKind.OPERATOR,
    person=models.Operator,
    session=models.ConsoleSession,
    passkey=models.OperatorPasskey,
    recovery_code=models.OperatorRecoveryCode,
    link=models.OperatorLink,
    notification=models.OperatorNotification,
    muted=models.OperatorMuted,
    membership=models.OperatorMembership,
    idle=1 * HOUR,
    absolute=12 * HOUR,
)
PORTAL: Final = Realm(
    name="portal",
    prefix="/portal/",
    cookie="ln_portal",
    actor=ActorKind.CUSTOMER,
    person=models.Customer,
    session=models.PortalSession,
    passkey=models.CustomerPasskey,
    recovery_code=models.CustomerRecoveryCode,
    link=models.CustomerLink,
    notification=models.CustomerNotification,
    muted=models.CustomerMuted,
    membership=models.CustomerMembership,
    idle=1 * HOUR,
    absolute=12 * HOUR,
)
REALMS: Final[Mapping[str, Realm]] = MappingProxyType({realm.name: realm for realm in (ADMIN, CONSOLE, PORTAL)})
# A session in which nobody signed in is kept for as long as filling in a form may take.
UNKNOWN_LASTS: Final = 30 * MINUTE
STEP_UP_LASTS: Final = 5 * MINUTE
