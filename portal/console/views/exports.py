"""A list of the directory, or the request log, as a file: exactly what its search finds, streamed. Taking it is an
event.
"""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.accounts.members import member_page
from portal.accounts.requests import RealmRequest, make_origin
from portal.console.directory_forms import DirectoryForm, link_to
from portal.console.request_search import read_search
from portal.console.views.directory import locate_resources
from portal.shared.files import send_file
from scim.protocol.errors import ScimError
from scim.services.directory_export import FORMS, export_directory
from scim.services.request_export import FORMS as REQUEST_FORMS
from scim.services.request_export import export_requests
from tenants import TenantsError

LISTS = {"User": "console:directory", "Group": "console:groups"}


@require_POST
@member_page()
def exported(request: RealmRequest, type_name: str) -> HttpResponse:
    """What cannot be exported leads back to the list, which says why."""
    form, wanted = DirectoryForm(request.POST), request.POST.get("form", "")
    given = {name: request.POST.get(name, "") for name in ("text", "state", "filter", "sort")}
    back = HttpResponseRedirect(reverse(LISTS[type_name]) + link_to(given))
    if not form.is_valid() or wanted not in FORMS:
        return back
    try:
        file = export_directory(
            type_name=type_name,
            wanted=form.read(),
            form=wanted,
            locations=locate_resources(request),
            origin=make_origin(request),
        )
    except (TenantsError, ScimError) as error:
        messages.error(request, str(error))
        return back
    return send_file(name=f"{type_name.lower()}s", suffix=wanted, media_type=FORMS[wanted], pieces=file)


@require_POST
@member_page()
def requests_exported(request: RealmRequest) -> HttpResponse:
    """As above."""
    search, form = read_search(request.POST), request.POST.get("form", "")
    back = HttpResponseRedirect(reverse("console:requests") + search.link())
    if search.wanted is None or form not in REQUEST_FORMS:
        return back
    try:
        file = export_requests(wanted=search.wanted, form=form, asked=search.link(), origin=make_origin(request))
    except TenantsError as error:
        messages.error(request, str(error))
        return back
    return send_file(name="requests", suffix=form, media_type=REQUEST_FORMS[form], pieces=file)
