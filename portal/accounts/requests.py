"""What a request within a realm has, and what is read from it: origin, site, and where to go next."""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from audit.actors import Actor, ActorKind, Origin
from labsninja.kernel.edge import client_address, client_agent, public_base_url
from portal.shared.htmx import HtmxHttpRequest
from tenants.models import Tenant
from tenants.realms import Realm
from tenants.services.accounts.passkeys import Site
from tenants.services.accounts.scopes import make_actor
from tenants.services.accounts.session_store import RealmSession


class RealmRequest(HtmxHttpRequest):
    """Below a realm's prefix. `person` is signed in; `pending` has given a password and owes a second factor."""

    realm: Realm
    session: RealmSession
    person: Any
    pending: Any
    membership: Any
    tenant: Tenant


def make_origin(request: RealmRequest, person: Any = None) -> Origin:
    """Who does this, from where: the signed-in person, or whoever is not yet. `person` is for what somebody does who
    owes nothing but a factor that they have not set up yet.
    """
    person = person or getattr(request, "person", None)
    actor = make_actor(realm=request.realm, person=person) if person else Actor(ActorKind.ANONYMOUS)
    return Origin(
        actor,
        request.realm.name,
        request_id=request.META["labsninja.request_id"],
        address=client_address(request),
        user_agent=client_agent(request),
    )


def make_site(request: RealmRequest) -> Site:
    """Where the browser stands, for passkeys."""
    url = public_url(request)
    return Site(rp_id=urlsplit(url).hostname or "", origin=url)


def public_url(request: HttpRequest) -> str:
    """Scheme and host as the browser knows them: of a surface with a host of its own, that one."""
    given = public_base_url(request)
    return f"{urlsplit(given).scheme}://{request.get_host()}"


def realm_url(realm: Realm, name: str, *values: Any) -> str:
    """Address of an account page in a realm."""
    return reverse(f"accounts-{realm.name}:{name}", args=values)


def next_url(request: RealmRequest) -> str:
    """Where the person was going, if that is within this realm; otherwise its home."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith(request.realm.prefix)
    return wanted if is_ours else request.realm.prefix
