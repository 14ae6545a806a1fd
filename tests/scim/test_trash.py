"""The trash: who was deleted comes back with the old id, or is purged when the tenant's retention is over."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from audit.actors import Origin, system_origin
from labsninja.kernel.isolation import tenant_context, tenant_scope
from scim.models import Resource
from scim.protocol.errors import ScimError
from scim.queries import NoSuchResourceError
from scim.services.trash import TrashAttendant, purge_expired, restore_resource
from tenants.models import Role
from tenants.realms import CONSOLE
from tenants.services.lifecycle import change_lifecycle
from tenants.services.roles import RoleRefusedError
from tests.portal.signing_in import make_member
from tests.scim.answers import body_of, changes_of, create_group, events_about, members_of, read, refusal, set_tenant
from tests.scim.conftest import Provider
from tests.tenants.people import origin_of

pytestmark = pytest.mark.capability("trash")
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def restore(provider: Provider, resource_id: str, origin: Origin | None = None) -> None:
    with tenant_context(provider.tenant_id):
        restore_resource(resource_id=UUID(resource_id), origin=origin or system_origin("test"))


def delete(provider: Provider, path: str) -> None:
    assert provider.send("DELETE", path).status_code == 204


def in_days(days: int) -> Origin:
    origin = system_origin("test")
    return replace(origin, at=origin.at + timedelta(days=days))


def purge(provider: Provider, days: int) -> int:
    with tenant_context(provider.tenant_id):
        return purge_expired(origin=in_days(days))


def test_restored_user_has_the_old_id_values_groups_and_reports(provider: Provider) -> None:
    ada = provider.create("ada", name={"familyName": "Lovelace"}, emails=[{"value": "ada@example.com"}])
    bob = provider.create("bob", **{ENTERPRISE: {"manager": {"value": ada["id"]}}})
    group = create_group(provider, "Engineers", ada["id"], bob["id"])
    delete(provider, f"/Users/{ada['id']}")
    restore(provider, ada["id"])
    found = read(provider, f"/Users/{ada['id']}")
    assert (found["userName"], found["name"], found["emails"]) == ("ada", ada["name"], ada["emails"])
    assert sorted(members_of(provider, group)) == sorted([ada["id"], bob["id"]])
    assert read(provider, f"/Users/{bob['id']}")[ENTERPRISE]["manager"]["value"] == ada["id"]
    assert read(provider, '/Users?filter=emails.value eq "ada@example.com"')["totalResults"] == 1
    assert [change.kind for change in changes_of(provider, ada["id"])] == ["created", "deleted", "restored"]
    assert events_about(provider, ada["id"])[-1]["action"] == "scim.user.restored"


def test_restored_group_has_its_members_and_those_in_the_trash_when_they_are_back(provider: Provider) -> None:
    ada, bob = provider.create("ada"), provider.create("bob")
    group = create_group(provider, "Engineers", ada["id"], bob["id"])
    delete(provider, f"/Groups/{group['id']}")
    delete(provider, f"/Users/{bob['id']}")
    restore(provider, group["id"])
    assert members_of(provider, group) == [ada["id"]]
    restore(provider, bob["id"])
    assert sorted(members_of(provider, group)) == sorted([ada["id"], bob["id"]])


def test_restored_user_stays_out_of_groups_that_are_gone(provider: Provider) -> None:
    ada = provider.create("ada")
    group = create_group(provider, "Engineers", ada["id"])
    delete(provider, f"/Users/{ada['id']}")
    delete(provider, f"/Groups/{group['id']}")
    restore(provider, ada["id"])
    assert read(provider, f"/Users/{ada['id']}").get("groups", []) == []


def test_restoring_is_refused_while_the_name_is_taken_and_leaves_all_as_it_was(provider: Provider) -> None:
    ada = provider.create("ada")
    delete(provider, f"/Users/{ada['id']}")
    other = provider.create("ADA")
    with pytest.raises(ScimError, match="userName") as refused:
        restore(provider, ada["id"])
    assert (refused.value.status, len(changes_of(provider, ada["id"]))) == (409, 2)
    delete(provider, f"/Users/{other['id']}")
    restore(provider, ada["id"])
    assert read(provider, "/Users")["totalResults"] == 1


def test_restored_group_whose_name_may_repeat_by_now_is_not_refused(provider: Provider) -> None:
    group = create_group(provider, "Engineers")
    delete(provider, f"/Groups/{group['id']}")
    set_tenant(provider, unique_group_names=False)
    create_group(provider, "Engineers")
    restore(provider, group["id"])
    assert read(provider, "/Groups")["totalResults"] == 2


def test_user_is_deleted_and_restored_again_and_again(provider: Provider) -> None:
    ada = provider.create("ada")
    for _ in range(2):
        delete(provider, f"/Users/{ada['id']}")
        restore(provider, ada["id"])
    assert body_of(provider.send("GET", f"/Users/{ada['id']}"))["meta"]["version"] == 'W/"5"'


def test_nobody_restores_what_lives_is_unknown_or_of_another_tenant(provider: Provider, tenant: UUID) -> None:
    ada, bob = provider.create("ada"), provider.create("bob")
    delete(provider, f"/Users/{bob['id']}")
    with pytest.raises(NoSuchResourceError):
        restore(provider, ada["id"])
    with tenant_context(tenant), pytest.raises(NoSuchResourceError):
        restore_resource(resource_id=UUID(bob["id"]), origin=system_origin("test"))


def test_viewer_may_not_restore(provider: Provider) -> None:
    ada = provider.create("ada")
    delete(provider, f"/Users/{ada['id']}")
    with pytest.raises(RoleRefusedError):
        restore(provider, ada["id"], origin_of(CONSOLE, make_member(CONSOLE, provider.tenant_id, role=Role.VIEWER)))


def test_values_are_purged_after_the_tenants_retention_and_the_id_is_not(provider: Provider) -> None:
    with tenant_context(provider.tenant_id):
        change_lifecycle(values={"trash_days": 7}, origin=system_origin("test"))
    ada = provider.create("ada", displayName="Countess")
    delete(provider, f"/Users/{ada['id']}")
    assert (purge(provider, 6), purge(provider, 8), purge(provider, 9)) == (0, 1, 0)
    with tenant_context(provider.tenant_id), tenant_scope():
        row = Resource.objects.get(id=ada["id"])
    assert (row.document, row.search, row.user_name, row.display_name) == ("{}", {}, None, None)
    assert events_about(provider, str(provider.tenant_id))[-1]["action"] == "scim.trash.purged"
    with pytest.raises(NoSuchResourceError):
        restore(provider, ada["id"])


def test_purged_user_is_not_revived(provider: Provider) -> None:
    set_tenant(provider, revive_deleted=True)
    ada = provider.create("ada")
    delete(provider, f"/Users/{ada['id']}")
    purge(provider, 31)
    assert provider.create("ada")["id"] != ada["id"]


def test_user_who_is_posted_again_is_somebody_new_unless_the_tenant_revives(provider: Provider) -> None:
    ids: list[Any] = []
    for revives in (False, True):
        set_tenant(provider, revive_deleted=revives)
        ada = provider.create("ada")
        delete(provider, f"/Users/{ada['id']}")
        ids += [ada["id"], provider.create("ada")["id"]]
        delete(provider, f"/Users/{ids[-1]}")
    assert ids[0] != ids[1]
    assert ids[2] == ids[3]
    assert refusal(provider.send("GET", f"/Users/{ids[0]}"), 404)


def test_ledger_purges_the_trash_of_every_tenant(provider: Provider) -> None:
    ada = provider.create("ada")
    delete(provider, f"/Users/{ada['id']}")
    with tenant_context(provider.tenant_id), tenant_scope():
        Resource.objects.filter(id=ada["id"]).update(deleted_at=in_days(-31).at)
    attendant = TrashAttendant()
    for _ in range(20):  # a go lasts a second, and there are the tenants of other tests
        attendant.purge_some()
    with pytest.raises(NoSuchResourceError):
        restore(provider, ada["id"])
