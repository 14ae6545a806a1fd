"""How a tenant asks its people to sign in: with a second factor or not, and how long a session may idle and last.

The realm's own bounds hold for everybody; a tenant's can only be shorter. They are asked for with every page within the
tenant, so a change counts at once, also for who is signed in.
"""

from dataclasses import asdict, dataclass, fields
from datetime import timedelta

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import current_tenant, tenant_scope
from tenants import TenantsError
from tenants.models import Role, SignInPolicy, Tenant
from tenants.models.memberships import IDLE_MINUTES, SESSION_HOURS
from tenants.realms import CONSOLE, PORTAL, Realm
from tenants.services.accounts.session_store import RealmSession
from tenants.services.roles import check_role

SIDES = {CONSOLE.name: "operators", PORTAL.name: "customers"}


class PolicyRefusedError(TenantsError):
    """A bound is outside of what may be chosen; `field` is which."""

    def __init__(self, field: str, least: int, most: int) -> None:
        super().__init__(f"Choose between {least} and {most}.")
        self.field = field


@dataclass(frozen=True)
class SignInRules:
    """What is asked of the people of one realm; None is as the realm has it."""

    need_factor: bool = False
    idle_minutes: int | None = None
    session_hours: int | None = None

    def is_over(self, session: RealmSession, origin: Origin) -> bool:
        """Whether a signed-in session has idled or lasted too long for them."""
        idle, hours = self.idle_minutes, self.session_hours
        begun = session.row.confirmed_at
        has_idled = idle is not None and session.idle_for > timedelta(minutes=idle)
        return has_idled or (hours is not None and origin.at - begun > timedelta(hours=hours))


def find_sign_in_rules(*, realm: Realm) -> SignInRules:
    """The bound tenant's, for the people of that realm."""
    with tenant_scope():
        policy = SignInPolicy.objects.first()
    return _read(policy, SIDES[realm.name]) if policy is not None else SignInRules()


def has_factor_policy(*, realm: Realm) -> bool:
    """Whether the bound tenant asks for a second factor."""
    return find_sign_in_rules(realm=realm).need_factor


def change_factor_policy(*, realm: Realm, is_needed: bool, origin: Origin) -> None:
    """Whether the bound tenant's operators, or its customers, need a second factor. Raises RoleRefusedError."""
    _change({_column(realm, "need_factor"): is_needed}, origin, is_for_customers=realm == PORTAL)


def change_sign_in_rules(*, rules: dict[str, SignInRules], origin: Origin) -> None:
    """Set them by the realm's name, all in one event. Raises RoleRefusedError, PolicyRefusedError."""
    values: dict[str, bool | int | None] = {}
    for name, given in rules.items():
        _check(name, given)
        values |= {f"{SIDES[name]}_{field}": value for field, value in asdict(given).items()}
    _change(values, origin)


def _change(values: dict[str, bool | int | None], origin: Origin, *, is_for_customers: bool = False) -> None:
    with tenant_scope():
        check_role(origin=origin, least=Role.OWNER, is_for_customers=is_for_customers)
        policy, _ = SignInPolicy.objects.get_or_create(tenant_id=current_tenant())
        policy = SignInPolicy.objects.select_for_update().get(id=policy.id)
        changes = [
            {"path": name, "before": getattr(policy, name), "after": value}
            for name, value in values.items()
            if getattr(policy, name) != value
        ]
        if not changes:
            return
        for change in changes:
            setattr(policy, str(change["path"]), change["after"])
        policy.save(update_fields=[str(change["path"]) for change in changes])
        tenant = Tenant.objects.get(id=current_tenant())
        target = Target("Tenant", str(tenant.id), tenant.slug)
        record_event(event=Event(Action.TENANT_POLICY_CHANGED, target, changes=changes), origin=origin)


def _check(name: str, rules: SignInRules) -> None:
    for field, (least, most) in (("idle_minutes", IDLE_MINUTES), ("session_hours", SESSION_HOURS)):
        value = getattr(rules, field)
        if value is not None and not least <= value <= most:
            raise PolicyRefusedError(f"{SIDES[name]}_{field}", least, most)


def _read(policy: SignInPolicy, side: str) -> SignInRules:
    return SignInRules(**{field.name: getattr(policy, f"{side}_{field.name}") for field in fields(SignInRules)})


def _column(realm: Realm, field: str) -> str:
    return f"{SIDES[realm.name]}_{field}"
