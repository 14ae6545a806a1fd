"""Pages within a tenant: the session has chosen one, the person belongs to it, and its policy is kept.

Roles are enforced by the services; a page that a role may not even see says so here.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from labsninja.kernel.isolation import bind_tenant, tenant_context
from portal.accounts.pages import View, draw, go
from portal.accounts.requests import RealmRequest, make_origin, realm_url
from tenants.models import Role, Tenant
from tenants.queries import get_tenant
from tenants.services.accounts.memberships import (
    Membership,
    enter_tenant,
    find_membership,
    list_memberships,
)
from tenants.services.accounts.sessions import end_session
from tenants.services.accounts.sign_in import has_factor
from tenants.services.accounts.sign_in_policy import find_sign_in_rules
from tenants.services.roles import RANKS

CHOOSER = {"console": "console:tenants", "portal": "customer:tenants"}


def member_page(*, least: Role = Role.VIEWER) -> Callable[[View], View]:
    """Decorator: binds the chosen tenant and gives the request `membership` and `tenant`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def show(request: RealmRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            tenant_id = request.session.row.tenant_id
            if tenant_id is None:
                return HttpResponseRedirect(reverse(CHOOSER[request.realm.name]))
            bind_tenant(tenant_id)
            request.membership = find_membership(realm=request.realm, person_id=request.person.id)
            if request.membership is None:
                return HttpResponseRedirect(reverse(CHOOSER[request.realm.name]))
            if (asked := _keep_policy(request)) is not None:
                return asked
            request.tenant = get_tenant(tenant_id=tenant_id)
            if RANKS[Role(request.membership.role)] < RANKS[least]:
                return draw(request, "forbidden", status=403, least=least.label)
            return view(request, *args, **kwargs)

        return show

    return decorate


def draw_for_member(request: RealmRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page within a tenant."""
    return render(request, f"{template}.html", {**describe_member(request), **context}, status=status)


def describe_member(request: RealmRequest) -> dict[str, Any]:
    """What every page within a tenant knows. `may_change` only hides buttons: the services ask for the role."""
    may_change = RANKS[Role(request.membership.role)] >= RANKS[Role.ADMIN]
    return {"tenant": request.tenant, "membership": request.membership, "may_change": may_change}


def choose_tenant(request: RealmRequest) -> HttpResponse:
    """The tenants that a person belongs to; of one alone nobody is asked."""
    waiting = list_memberships(realm=request.realm, person=request.person)
    accepted = [membership for membership in waiting if membership.accepted_at is not None]
    wanted = request.POST.get("tenant", "")
    chosen = next((one for one in accepted if str(one.tenant_id) == wanted), None)
    if request.method == "GET" and len(accepted) == 1 and request.session.row.tenant_id is None:
        chosen = accepted[0]
    if chosen is not None:
        return _enter(request, chosen)
    known = {tenant.id: tenant for tenant in Tenant.objects.filter(id__in=[one.tenant_id for one in accepted])}
    tenants = sorted(((known[one.tenant_id], one.role) for one in accepted), key=lambda pair: pair[0].name)
    return draw(request, "tenants", tenants=tenants, chosen=request.session.row.tenant_id)


def _enter(request: RealmRequest, chosen: Membership) -> HttpResponse:
    with tenant_context(chosen.tenant_id):
        enter_tenant(realm=request.realm, session=request.session, person=request.person, origin=make_origin(request))
    return HttpResponseRedirect(request.realm.prefix)


def _keep_policy(request: RealmRequest) -> HttpResponse | None:
    """A tenant may begin to ask for second factors, or for shorter sessions, while people are signed in."""
    rules, origin = find_sign_in_rules(realm=request.realm), make_origin(request)
    if rules.is_over(request.session, origin):
        end_session(session=request.session, origin=origin)
        messages.info(request, "Sessions of your organization end after a while: sign in again to go on.")
        return _send_to_sign_in(request)
    if not rules.need_factor or has_factor(realm=request.realm, person=request.person):
        return None
    messages.error(request, "This organization asks for a second factor: set one up to go on.")
    return go(request, "account")


def _send_to_sign_in(request: RealmRequest) -> HttpResponse:
    """And back to this page; what htmx asks for within a page cannot become one."""
    address = realm_url(request.realm, "sign-in")
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    back = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
    return HttpResponseRedirect(address + back)
