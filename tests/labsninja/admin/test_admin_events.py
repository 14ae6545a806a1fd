"""Every act of an administrator leaves its event, with who did it. A new act is listed here, or a test fails."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, reverse

from audit.actions import Action
from audit.actors import system_origin
from audit.models import AuditEvent
from labsninja.kernel.isolation import cross_tenant, tenant_context
from scim.services.index_builds import build_batch
from tenants.models import ScimClient, Tenant
from tenants.queries import get_tenant
from tenants.realms import ADMIN, CONSOLE, PORTAL, REALMS, Realm
from tenants.services.accounts.people import disable_person
from tenants.services.tenants import suspend_tenant
from tenants.services.tokens import IssuedToken, issue_token
from tests.audit.histories import seal
from tests.portal.signing_in import make_member, open_session
from tests.scim.conftest import Provider
from tests.scim.defining import NUMBER, OFFICE, create_badged, extend
from tests.tenants.people import make_person

pytestmark = pytest.mark.usefixtures("database")
SYSTEM = system_origin("test")


@dataclass
class Office:
    """The admin as an administrator uses it, with a tenant, a SCIM client and a token to act on."""

    client: Client
    administrator: Any
    tenant_id: UUID
    scim_client: ScimClient
    issued: IssuedToken

    def post(self, model: str, act: str, row: Any = None, **data: Any) -> Any:
        place = f"{row}/{act}" if row else act
        return self.client.post(f"/admin/tenants/{model}/{place}/", data)

    @property
    def slug(self) -> str:
        return get_tenant(tenant_id=self.tenant_id).slug

    def export(self) -> Any:
        seal()
        answer = self.post("tenant", "export", self.tenant_id)
        return b"".join(answer.streaming_content)

    def delete(self) -> Any:
        self.export()
        given = {"typed": self.slug, "reason": "they left", "days": "14"}
        return self.post("tenant", "delete", self.tenant_id, **given)

    def keep(self) -> Any:
        self.delete()
        return self.post("tenant", "keep", self.tenant_id)

    def restart_index(self) -> Any:
        """Two people have the office that is to be unique: its index fails."""
        with tenant_context(self.tenant_id):
            issued = issue_token(scim_client=self.scim_client, scopes=["scim:read", "scim:write"], origin=SYSTEM)
        provider = Provider(self.tenant_id, self.scim_client, issued)
        extend(provider)
        for name in ("ada", "bob"):
            create_badged(provider, name, office="Same")
        extend(provider, NUMBER, {**OFFICE, "uniqueness": "server"})
        with tenant_context(self.tenant_id):
            while build_batch(origin=SYSTEM, limit=10):
                pass
        return self.client.post(reverse("admin:job-restart", args=[self.tenant_id]))

    def resume(self) -> Any:
        with cross_tenant(reason="a test", actor=SYSTEM):
            suspend_tenant(slug=self.slug, reason="a test", origin=SYSTEM)
        return self.post("tenant", "resume", self.tenant_id)


@pytest.fixture(name="desk")
def _desk(office: Client, administrator: Any, tenant_id: UUID, scim_client: ScimClient, issued: IssuedToken) -> Office:
    return Office(office, administrator, tenant_id, scim_client, issued)


Deed = tuple[Callable[[Office], Any], Action]


def _person(realm: Realm, desk: Office) -> Any:
    return make_person(ADMIN) if realm == ADMIN else make_member(realm, desk.tenant_id)


def _enable(realm: Realm, desk: Office) -> Any:
    person = _person(realm, desk)
    disable_person(realm=realm, person=person, origin=SYSTEM)
    return desk.post(realm.person._meta.model_name, "enable", person.id)


def _end(realm: Realm, desk: Office, *, all_of_them: bool) -> Any:
    person = _person(realm, desk)
    open_session(Client(), realm, person)
    if all_of_them:
        return desk.post(realm.person._meta.model_name, "end-sessions", person.id)
    row = realm.session.objects.get(person_id=person.id)
    return desk.post(realm.session._meta.model_name, "end", row.id)


def _reset(realm: Realm, desk: Office) -> Any:
    person = _person(realm, desk)
    return desk.post(realm.person._meta.model_name, "reset-factors", person.id, typed=person.email)


def _invite(realm: Realm, desk: Office) -> Any:
    given = {"email": f"{uuid4().hex}@example.test", "name": "New", "tenant": desk.slug, "role": "admin"}
    return desk.post(realm.person._meta.model_name, "invite", **given)


def _of_people(realm: Realm) -> dict[str, Deed]:
    model, session = realm.person._meta.model_name, realm.session._meta.model_name
    return {
        f"{model} invite": (lambda desk: _invite(realm, desk), Action.PERSON_CREATED),
        f"{model} disable": (
            lambda desk: desk.post(model, "disable", _person(realm, desk).id),
            Action.PERSON_DISABLED,
        ),
        f"{model} enable": (lambda desk: _enable(realm, desk), Action.PERSON_ENABLED),
        f"{model} reset-factors": (lambda desk: _reset(realm, desk), Action.FACTORS_RESET),
        f"{model} end-sessions": (lambda desk: _end(realm, desk, all_of_them=True), Action.SESSION_ENDED),
        f"{session} end": (lambda desk: _end(realm, desk, all_of_them=False), Action.SESSION_ENDED),
    }


RIGHTS = {"kind": "bearer", "scopes": ["scim:read"], "days": "30", "networks": ""}
DEEDS: dict[str, Deed] = {
    "tenant create": (
        lambda desk: desk.post("tenant", "create", slug=f"t{uuid4().hex}", name="New", plan="free"),
        Action.TENANT_CREATED,
    ),
    "tenant plan": (lambda desk: desk.post("tenant", "plan", desk.tenant_id, plan="free"), Action.TENANT_PLAN_CHANGED),
    "tenant suspend": (
        lambda desk: desk.post("tenant", "suspend", desk.tenant_id, reason="a test"),
        Action.TENANT_SUSPENDED,
    ),
    "tenant resume": (Office.resume, Action.TENANT_RESUMED),
    "tenant export": (Office.export, Action.BUNDLE_EXPORTED),
    "tenant delete": (Office.delete, Action.TENANT_DELETION_PLANNED),
    "tenant keep": (Office.keep, Action.TENANT_DELETION_CANCELED),
    "scimclient create": (
        lambda desk: desk.post("scimclient", "create", tenant=desk.slug, name="Entra", kind="entra"),
        Action.CLIENT_CREATED,
    ),
    "scimclient issue": (
        lambda desk: desk.post("scimclient", "issue", desk.scim_client.id, **RIGHTS),
        Action.TOKEN_ISSUED,
    ),
    "clienttoken rotate": (
        lambda desk: desk.post("clienttoken", "rotate", desk.issued.token.id, hours="1"),
        Action.TOKEN_ROTATED,
    ),
    "clienttoken revoke": (
        lambda desk: desk.post("clienttoken", "revoke", desk.issued.token.id),
        Action.TOKEN_REVOKED,
    ),
    "job restart": (Office.restart_index, Action.INDEX_RESTARTED),
    **_of_people(ADMIN),
    **_of_people(CONSOLE),
    **_of_people(PORTAL),
}


# Django's own routes and our pages that tell; by POST they change nothing, see below.
OF_THE_SITE = {
    *("index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n", "view_on_site"),
    *("app_list", "jobs"),
}
OF_A_MODEL = {"changelist", "add", "history", "delete", "change"}


def _list_routes() -> list[URLPattern]:
    return [
        route
        for entry in admin.site.get_urls()
        for route in getattr(entry, "url_patterns", [entry])
        if route.name not in {None, *OF_THE_SITE}
    ]


def test_every_route_that_acts_is_listed_with_its_event() -> None:
    stock = {
        f"{model._meta.label_lower.replace('.', '_')}_{name}" for model in admin.site._registry for name in OF_A_MODEL
    }
    routes = [str(route.name) for route in _list_routes()]
    acts = {name.partition("_")[2].replace("_", " ") or name.replace("-", " ") for name in routes if name not in stock}
    assert acts | {"tenant delete"} == DEEDS.keys()
    assert routes.count("tenants_tenant_delete") == 2  # our act stands before Django's
    assert {realm.person for realm in REALMS.values()} <= admin.site._registry.keys()


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label_lower)
def test_djangos_own_forms_change_nothing(desk: Office, model: Any) -> None:
    """Its add, change and delete pages refuse, and its list offers no action."""
    seal()
    for realm in REALMS.values():
        open_session(Client(), realm, _person(realm, desk))
    manager = getattr(model, "across", model._default_manager)
    with cross_tenant(reason="look", actor=SYSTEM), tenant_context():
        rows = list(manager.order_by("pk").values())
    assert rows
    place, row = f"/admin/{model._meta.label_lower.replace('.', '/')}/", rows[0]["id"]
    told = {**dict.fromkeys(rows[0], "other"), "post": "yes", "_save": "Save"}
    marked = {"action": "delete_selected", "_selected_action": str(row), "post": "yes"}
    assert desk.client.post(f"{place}add/", told).status_code == 403
    assert desk.client.post(f"{place}{row}/change/", told).status_code == 403
    assert model is Tenant or desk.client.get(f"{place}{row}/delete/").status_code == 403
    if model is not Tenant:  # our own act stands there, with a form of its own
        assert desk.client.post(f"{place}{row}/delete/", told).status_code == 403
    assert desk.client.post(place, marked).status_code in {200, 302, 403}
    with cross_tenant(reason="look", actor=SYSTEM), tenant_context():
        kept = {found["id"]: found for found in manager.order_by("pk").values()}
    assert row in kept
    changed = {name for name, value in rows[0].items() if kept[row][name] != value}
    assert changed <= {"last_seen_at", "expire_date", "session_data"}


def _told(desk: Office) -> list[str]:
    """Actions of the administrator, wherever they stand."""
    with cross_tenant(reason="look", actor=SYSTEM), tenant_context():
        found = AuditEvent.across.filter(actor_id=str(desk.administrator.id))
        return list(found.order_by("id").values_list("action", flat=True))


@pytest.mark.capability("audit")
@pytest.mark.parametrize("name", DEEDS)
def test_act_leaves_its_event_with_who_did_it(desk: Office, name: str) -> None:
    act, expected = DEEDS[name]
    before = _told(desk).count(str(expected))
    act(desk)
    assert _told(desk).count(str(expected)) > before
