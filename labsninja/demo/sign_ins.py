"""People to sign in as on a first start: an administrator, an operator and a customer, with one password that is drawn
for this home and kept in a private file.
"""

import secrets
from pathlib import Path
from typing import Final

from audit.actors import Origin, system_origin
from labsninja.demo import TENANT
from labsninja.kernel.isolation import tenant_context
from tenants.models import Role
from tenants.queries import find_tenant
from tenants.realms import REALMS, Realm
from tenants.services.accounts.memberships import add_member
from tenants.services.accounts.people import create_person

# By the kind of people, as the banner names them.
EMAILS: Final = {
    "administrator": "admin@acme.example",
    "operator": "operator@acme.example",
    "customer": "customer@acme.example",
}
NAMES: Final = {
    "admin": ("administrator", "Ada Min"),
    "console": ("operator", "Opal Rator"),
    "portal": ("customer", "Cass Tomer"),
}
WORDS: Final = 3


def ensure_demo_people(*, file: Path) -> str:
    """The password; whoever is missing is made."""
    origin = system_origin("demo")
    password = file.read_text().strip() if file.exists() else ""
    if not password:
        password = "-".join(secrets.token_hex(WORDS) for _ in range(WORDS))
        file.touch(mode=0o600)
        file.write_text(password + "\n")
    for realm in REALMS.values():
        kind, name = NAMES[realm.name]
        if not realm.person.objects.filter(email=EMAILS[kind]).exists():
            _make(realm, EMAILS[kind], name, password, origin)
    return password


def _make(realm: Realm, email: str, name: str, password: str, origin: Origin) -> None:
    person = create_person(realm=realm, email=email, name=name, password=password, origin=origin)
    if realm.is_platform:
        return
    tenant = find_tenant(slug=TENANT)
    with tenant_context(tenant.id):
        add_member(realm=realm, person=person, role=Role.OWNER, origin=origin, is_accepted=True)
