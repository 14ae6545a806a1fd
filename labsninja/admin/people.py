"""Those who sign in, by realm: invited, disabled, helped when they lost every second factor; and their sessions."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from labsninja.admin.acts import Act, ActForm, TypedNameForm
from labsninja.admin.lists import ReadOnlyAdmin
from labsninja.kernel.isolation import tenant_context
from portal.accounts.requests import RealmRequest, make_origin
from tenants.models import Role, Tenant
from tenants.models.people import LONGEST_EMAIL, LONGEST_NAME
from tenants.queries import find_tenant
from tenants.realms import ADMIN, CONSOLE, PORTAL, Realm
from tenants.services.accounts.invitations import invite_administrator, invite_member
from tenants.services.accounts.memberships import list_memberships
from tenants.services.accounts.people import disable_person, enable_person, reset_factors
from tenants.services.accounts.sessions import end_sessions, name_device


class InviteForm(ActForm):
    email = forms.EmailField(label="E-mail address", max_length=LONGEST_EMAIL)
    name = forms.CharField(max_length=LONGEST_NAME)


class InviteMemberForm(InviteForm):
    tenant = forms.CharField(help_text="The tenant's name in addresses.")
    role = forms.ChoiceField(choices=Role.choices)


def _make_acts(realm: Realm) -> Sequence[Act]:
    def invite(request: RealmRequest, _row: Any, given: Mapping[str, Any]) -> str:
        origin = make_origin(request)
        if realm.is_platform:
            invite_administrator(realm=realm, email=given["email"], name=given["name"], origin=origin)
        else:
            role = Role(given["role"])
            with tenant_context(find_tenant(slug=given["tenant"]).id):
                invite_member(realm=realm, email=given["email"], name=given["name"], role=role, origin=origin)
        return f"An invitation goes to {given['email']}."

    def disable(request: RealmRequest, row: Any, _given: Mapping[str, Any]) -> str:
        disable_person(realm=realm, person=row, origin=make_origin(request))
        return f"{row.email} cannot sign in any more."

    def enable(request: RealmRequest, row: Any, _given: Mapping[str, Any]) -> str:
        enable_person(realm=realm, person=row, origin=make_origin(request))
        return f"{row.email} may sign in again."

    def reset(request: RealmRequest, row: Any, _given: Mapping[str, Any]) -> str:
        reset_factors(realm=realm, person=row, origin=make_origin(request))
        return f"{row.email} signs in by password and sets up a new second factor."

    def end(request: RealmRequest, row: Any, _given: Mapping[str, Any]) -> str:
        ended = end_sessions(realm=realm, person=row, origin=make_origin(request))
        return f"{ended} sessions of {row.email} ended."

    form = InviteForm if realm.is_platform else InviteMemberForm
    return (
        Act("invite", "Invite somebody", "They get a link by e-mail, by which they choose a password.", invite,
            form=form, is_of_row=False, needs_step_up=realm.is_platform),
        Act("disable", "Disable", "Every session ends, and nobody signs in to this account.", disable,
            needs_step_up=True, is_dangerous=True, is_offered=lambda row: row.is_active),
        Act("enable", "Enable", "They sign in again as before.", enable, needs_step_up=True,
            is_offered=lambda row: not row.is_active),
        Act("reset-factors", "Reset second factors", "App, passkeys and recovery codes are forgotten, and sessions"
            " end. Make sure by another way that it is they who ask.", reset, form=TypedNameForm, needs_step_up=True,
            is_dangerous=True),
        Act("end-sessions", "End all sessions", "They are signed out on every device.", end, is_dangerous=True),
    )  # fmt: skip


class PersonAdmin(ReadOnlyAdmin):
    """Neither the password's hash nor the secret of the app is loaded."""

    realm: Realm
    list_display = ("email", "name", "is_active", "has_app", "last_login", "created_at")
    list_filter = ("is_active",)
    search_fields = ("email", "name")
    ordering = ("-created_at",)
    fields: ClassVar[Any] = (
        "email",
        "name",
        "id",
        "is_active",
        "has_app",
        "passkeys",
        "memberships",
        "last_login",
        "created_at",
    )
    readonly_fields: ClassVar[Any] = ("id", "has_app", "passkeys", "memberships", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("password", "totp_secret")

    @admin.display(description="authenticator app", boolean=True)
    def has_app(self, row: Any) -> bool:
        return row.totp_step is not None

    @admin.display(description="passkeys")
    def passkeys(self, row: Any) -> str:
        return ", ".join(self.realm.passkey.objects.filter(person_id=row.id).values_list("name", flat=True)) or "none"

    @admin.display(description="memberships")
    def memberships(self, row: Any) -> str:
        if self.realm.is_platform:
            return "the whole deployment"
        found = list_memberships(realm=self.realm, person=row)
        slugs = dict(Tenant.objects.filter(id__in=[each.tenant_id for each in found]).values_list("id", "slug"))
        return ", ".join(f"{slugs.get(each.tenant_id)} ({each.role.label})" for each in found) or "none"


@admin.register(ADMIN.person)
class AdministratorAdmin(PersonAdmin):
    realm = ADMIN
    acts = _make_acts(ADMIN)


@admin.register(CONSOLE.person)
class OperatorAdmin(PersonAdmin):
    realm = CONSOLE
    acts = _make_acts(CONSOLE)


@admin.register(PORTAL.person)
class CustomerAdmin(PersonAdmin):
    realm = PORTAL
    acts = _make_acts(PORTAL)


def _end_one(realm: Realm) -> Act:
    def end(request: RealmRequest, row: Any, _given: Mapping[str, Any]) -> str:
        end_sessions(realm=realm, person=row.person, only=row.id, origin=make_origin(request))
        return f"The session of {row.person.email} ended."

    return Act("end", "End this session", "Whoever uses it has to sign in again.", end, is_dangerous=True)


class SessionAdmin(ReadOnlyAdmin):
    """Live sessions of people who are signed in; never the key's digest, nor what the session holds."""

    realm: Realm
    list_display = ("who", "device", "address", "created_at", "seen_at", "expires_at")
    search_fields = ("person__email", "address")
    ordering = ("-seen_at",)
    list_select_related = ("person",)
    fields: ClassVar[Any] = (
        "who",
        "device",
        "user_agent",
        "address",
        "created_at",
        "confirmed_at",
        "seen_at",
        "expires_at",
    )
    readonly_fields: ClassVar[Any] = ("who", "device", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        now = datetime.now(UTC)
        alive = {"expires_at__gt": now, "seen_at__gt": now - self.realm.idle, "confirmed_at__isnull": False}
        rows = super().get_queryset(request).select_related("person")
        return rows.filter(**alive).defer("digest", "data", "person__password", "person__totp_secret")

    def name_row(self, row: Any) -> str:
        return f"{row.person.email}, {self.device(row)}"

    @admin.display(description="person", ordering="person__email")
    def who(self, row: Any) -> str:
        return str(row.person.email)

    @admin.display(description="device")
    def device(self, row: Any) -> str:
        return name_device(user_agent=row.user_agent)


@admin.register(ADMIN.session)
class AdminSessionAdmin(SessionAdmin):
    realm = ADMIN
    acts: ClassVar = (_end_one(ADMIN),)


@admin.register(CONSOLE.session)
class ConsoleSessionAdmin(SessionAdmin):
    realm = CONSOLE
    acts: ClassVar = (_end_one(CONSOLE),)


@admin.register(PORTAL.session)
class PortalSessionAdmin(SessionAdmin):
    realm = PORTAL
    acts: ClassVar = (_end_one(PORTAL),)
