"""/Bulk (RFC 7644 section 3.7)."""

from rest_framework.request import Request
from rest_framework.response import Response

from scim.api.views.base import ScimView
from scim.protocol.bulk.response import bulk_response
from scim.queries import find_present_schemas
from scim.services.bulk import BulkSetting, process_bulk


class BulkView(ScimView):
    """Many operations in one request; POST alone."""

    def prepare(self, request: Request) -> None:
        """Ask for the present definitions beforehand: what is done cannot be done once more when others turn up."""
        super().prepare(request)
        self._schemas = find_present_schemas()

    @property
    def setting(self) -> BulkSetting:
        """What the operations share; each has a type of its own, whatever the first of the tenant's is."""
        return BulkSetting(
            writing=self.writing(self.schemas.resource_types[0]),
            schemas=self.schemas,
            base_url=self.base_url,
            groups_enabled=self.caller.grant.groups_enabled,
        )

    def post(self, request: Request) -> Response:
        """200 with a result for each operation that was processed. Raises ScimError 400 or 413 for the whole."""
        return Response(bulk_response(process_bulk(body=request.data, setting=self.setting)))
