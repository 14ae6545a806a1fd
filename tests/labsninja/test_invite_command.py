"""The command that lets the first people in."""

from collections.abc import Callable
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from labsninja.kernel.isolation import tenant_context
from tenants.models import Role, Tenant
from tenants.realms import ADMIN, CONSOLE, PORTAL, Realm
from tenants.services.accounts.invitations import accept_invitation
from tenants.services.accounts.memberships import list_members
from tests.tenants.people import PASSWORD, origin_of

pytestmark = pytest.mark.usefixtures("database")


def _invite(*arguments: str) -> str:
    """Gives the link's token."""
    said = StringIO()
    call_command("invite", *arguments, stdout=said)
    return said.getvalue().splitlines()[0].rpartition("/")[2]


def _email() -> str:
    return f"{uuid4().hex}@example.test"


def test_first_administrator_is_let_in() -> None:
    email = _email()
    token = _invite("admin", email)
    person = accept_invitation(realm=ADMIN, token=token, name="First", password=PASSWORD, origin=origin_of(ADMIN))
    assert (person.email, person.has_usable_password()) == (email, False)
    person.refresh_from_db()
    assert person.has_usable_password()


@pytest.mark.parametrize("realm", [CONSOLE, PORTAL], ids=lambda realm: realm.name)
def test_first_owner_of_a_tenant_is_let_in(realm: Realm, make_tenant: Callable[[], UUID]) -> None:
    tenant_id, email = make_tenant(), _email()
    token = _invite(realm.name, email, "--tenant", Tenant.objects.get(id=tenant_id).slug)
    accept_invitation(realm=realm, token=token, name="First", password=PASSWORD, origin=origin_of(realm))
    with tenant_context(tenant_id):
        member = list_members(realm=realm)[0]
    assert (member.person.email, member.role, member.accepted_at is not None) == (email, Role.OWNER, True)


@pytest.mark.parametrize("realm", [CONSOLE, PORTAL], ids=lambda realm: realm.name)
def test_tenant_has_to_be_named(realm: Realm) -> None:
    with pytest.raises(CommandError, match="--tenant"):
        _invite(realm.name, _email())


@pytest.mark.parametrize(
    "arguments", [("admin", "no address"), ("console", "ada@example.test", "--tenant", "nowhere"), ("admin", "a@b")]
)
def test_what_cannot_be_is_told_in_a_sentence(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=r"e-mail address|nowhere"):
        _invite(*arguments)
