"""Jobs of the deployment: so far the builds of indexes that tenants asked for; those that failed may be restarted.

Their table has no model, since only the store's SQL touches it: the page is a view of its own beside the lists.
"""

from typing import Any, Final

from django.contrib import admin, messages
from django.db import connections
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from labsninja.kernel.isolation import tenant_context
from portal.accounts.requests import RealmRequest, make_origin
from scim.services.index_builds import retry_indexes
from tenants.models import Tenant

MOST: Final = 200
# What is being built or has failed comes first; a walk through the table, of which a tenant has a handful of rows.
BUILDS: Final = """
SELECT t.id, t.slug, i.resource_type, i.path, i.state, i.seen, i.obstacles, i.started_at, i.ended_at
FROM scim_attribute_index i JOIN tenants_tenant t ON t.id = i.tenant_id
ORDER BY i.state = 'ready', i.started_at DESC LIMIT %s
"""
COLUMNS: Final = ("tenant_id", "slug", "resource_type", "path", "state", "seen", "obstacles", "started_at", "ended_at")


def jobs(request: RealmRequest) -> HttpResponse:
    """The builds, those that wait or failed first."""
    with connections["platform"].cursor() as cursor:
        cursor.execute(BUILDS, [MOST])
        builds = [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    context = {**admin.site.each_context(request), "title": "Jobs", "builds": builds, "most": MOST}
    return render(request, "admin/jobs.html", context)


def restart(request: RealmRequest, tenant_id: Any) -> HttpResponse:
    """Have a tenant's failed indexes built anew."""
    tenant = Tenant.objects.filter(id=tenant_id).first()
    if request.method != "POST" or tenant is None:
        raise Http404
    with tenant_context(tenant.id):
        number = retry_indexes(origin=make_origin(request))
    messages.success(request, f"{number} indexes of {tenant.slug} are built anew.")
    return HttpResponseRedirect(reverse("admin:jobs"))
