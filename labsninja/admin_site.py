"""Django's admin as the platform's: our own way to sign in, and every page within a stay on the platform role whose
reason is the page.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path

from labsninja.dashboard import collect_dashboard
from labsninja.kernel.isolation import cross_tenant
from portal.accounts.requests import make_origin, realm_url
from tenants.realms import ADMIN


class PlatformAdminSite(AdminSite):
    """What stands in each page's head, and who may come in."""

    site_header = "LabsNinja administration"
    site_title = "LabsNinja administration"
    index_title = "Deployment"
    site_url = None
    enable_nav_sidebar = True

    def has_permission(self, request: Any) -> bool:
        """A signed-in platform administrator: the realm's middleware has seen both factors."""
        return getattr(request, "person", None) is not None and request.realm == ADMIN

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002  # Django's signature
        return super().admin_view(_audited(view), cacheable)

    def index(self, request: Any, extra_context: Any = None) -> Any:
        return super().index(request, {"dashboard": collect_dashboard(), **(extra_context or {})})

    def get_urls(self) -> list[Any]:
        from labsninja.admin import jobs  # noqa: PLC0415  # its package registers with this site, which has to be there

        own = [
            path("jobs/", self.admin_view(jobs.jobs), name="jobs"),
            path("jobs/<uuid:tenant_id>/restart/", self.admin_view(jobs.restart), name="job-restart"),
        ]
        return [*own, *super().get_urls()]

    @login_not_required
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(realm_url(ADMIN, "sign-in"))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return HttpResponseRedirect(realm_url(ADMIN, "account"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return HttpResponseRedirect(realm_url(ADMIN, "password"))


def _audited(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def stay(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        with cross_tenant(reason=f"admin: {request.method} {request.path}", actor=make_origin(request)):
            answer = view(request, *args, **kwargs)
            if hasattr(answer, "render"):  # its template asks the database too
                answer.render()
        return answer

    return stay
