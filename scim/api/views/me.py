"""/Me, the alias of whoever is authenticated (RFC 7644 section 3.11): the User that the SCIM client is bound to."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from scim.api.views.resources import ResourceView
from scim.protocol.errors import ScimError


class MeView(ResourceView):
    """That User, as at its own address. Why 501 without one, and no POST: ADR 0010."""

    permanent_location = ""

    def prepare(self, request: Request) -> None:
        """Name the User. Raises ScimError 501 where the SCIM client is bound to none."""
        user_id = self.caller.grant.user_id
        if user_id is None:
            raise ScimError("This SCIM client is bound to no User.", status=501)
        super().prepare(request)
        self.kwargs["resource_id"] = str(user_id)  # what the handlers are called with
        self.permanent_location = f"{self.locations[self.resource_type.name]}{user_id}"

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        """Every answer about a subject names the permanent location."""
        final = super().finalize_response(request, response, *args, **kwargs)
        if self.permanent_location:
            final["Location"] = self.permanent_location
        return final
