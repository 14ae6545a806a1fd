"""A list of the directory as a file: exactly what its search finds, streamed. Taking it is an event."""

from datetime import UTC, datetime
from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.accounts.members import member_page
from portal.accounts.requests import RealmRequest, make_origin
from portal.console.directory_forms import DirectoryForm, link_to
from portal.console.views.directory import locate_resources
from scim.protocol.errors import ScimError
from scim.services.directory_export import FORMS, export_directory
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
    name = f"{type_name.lower()}s-{datetime.now(UTC):%Y-%m-%d}.{wanted}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    answer: Any = StreamingHttpResponse(file, content_type=FORMS[wanted].media_type, headers=headers)
    return cast("HttpResponse", answer)  # what every view is said to give; the two share all that is asked of one
