"""The endpoints of one resource type: its collection and a single resource (RFC 7644 sections 3.3 to 3.6)."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from scim.api.permissions import SCOPE_BY_METHOD
from scim.api.representation import represent_page, represent_resource, resource_location
from scim.api.views.base import NothingHereError, ScimView
from scim.protocol.errors import ScimError
from scim.protocol.list_query import ListQuery, read_list_query
from scim.protocol.paths import AttributePath
from scim.protocol.projection import View, make_view
from scim.protocol.schemas import BUILT_IN
from scim.protocol.schemas.definitions import ResourceType
from scim.protocol.versions import format_etag, is_not_modified
from scim.queries import (
    PLAIN,
    Aspects,
    NoSuchResourceError,
    Page,
    find_resource,
    parse_resource_id,
    search_resources,
)
from scim.services.resources import create_resource, delete_resource, patch_resource, replace_resource
from scim.store.resources import StoredResource

COMPUTED = {"User": "groups", "Group": "members"}


class TypeView(ScimView):
    """A view of the resource type that the tenant has at `endpoint`, the first part of the address."""

    resource_type: ResourceType
    scope_by_method: Mapping[str, str] = SCOPE_BY_METHOD

    def dispatch(self, request: HttpRequest, *args: Any, endpoint: str, **kwargs: Any) -> HttpResponseBase:
        """Keep the endpoint for all handlers. The log knows the built-in ones also when nobody is let in."""
        self.endpoint = f"/{endpoint}"
        built_in = BUILT_IN.at_endpoint(self.endpoint)
        self.resource_type_name = built_in.name if built_in else ""
        return super().dispatch(request, *args, **kwargs)

    @property
    def is_disabled(self) -> bool:
        """Whether the SCIM client provisions users alone (tolerance T66)."""
        return self.resource_type.name == "Group" and not self.caller.grant.groups_enabled

    def prepare(self, request: Request) -> None:
        """Read the query once.

        Raises NothingHereError, ScimError 400 for a malformed query, 403 for a write to a disabled type.
        """
        super().prepare(request)
        found = self.schemas.at_endpoint(self.endpoint)
        if found is None:
            raise NothingHereError
        self.resource_type, self.resource_type_name = found, found.name
        self.query: ListQuery = read_list_query(
            self.parameters(request), namespace=self.resource_type.namespace, reading=self.reading
        )
        self.view = make_view(self.resource_type, self.query.projection)
        if self.is_disabled and self.scope_by_method.get(request.method or "") == "scim:write":
            raise ScimError("Groups are disabled for this SCIM client.", status=403)

    @property
    def aspects(self) -> Aspects:
        """The computed attributes that the answer shows."""
        shown = shows_computed(self.resource_type, self.view)
        return Aspects(self.locations, groups="groups" in shown, members="members" in shown)

    def respond(self, resource: StoredResource, *, status: int = 200) -> Response:
        """The resource with its version and its location, which RFC 7643 section 3.1 wants in Content-Location too."""
        location = resource_location(resource, self.locations)
        headers = {
            "Location": location,
            "Content-Location": location,
            "ETag": format_etag(resource.version),
        }
        body = represent_resource(resource, view=self.view, locations=self.locations)
        return Response(body, status=status, headers=headers)

    def tell_subject(self, resource: StoredResource) -> None:
        """Name the resource for the request log, where the answer has no body to tell it."""
        document = orjson.loads(resource.document)
        self.subject = str(document.get("userName") or document.get("displayName") or "")


class CollectionView(TypeView):
    """What finds resources of a type."""

    def respond_found(self) -> Response:
        """A list: filtered, sorted, a page of it. Raises ScimError 400 for a cursor or count that is not its."""
        page = Page(start_index=self.query.page.start_index) if self.is_disabled else self._search()
        return Response(represent_page(page, views={self.resource_type.name: self.view}, locations=self.locations))

    def _search(self) -> Page:
        types, asker = [self.resource_type], self.asker(self.resource_type.endpoint)
        return search_resources(resource_types=types, query=self.query, aspects=self.aspects, asker=asker)


class ResourcesView(CollectionView):
    """The collection."""

    def get(self, request: Request) -> Response:
        """A list: filtered, sorted, a page of it."""
        return self.respond_found()

    def post(self, request: Request) -> Response:
        """A new resource: 201 with its location."""
        writing = self.writing(self.resource_type, self.aspects)
        return self.respond(create_resource(body=request.data, writing=writing), status=201)


class ResourceView(TypeView):
    """A single resource."""

    def get(self, request: Request, resource_id: str) -> Response:
        """The resource, or 304 when the caller has this version. Raises NoSuchResourceError."""
        if self.is_disabled:
            raise NoSuchResourceError
        wanted = parse_resource_id(resource_id)
        found = find_resource(resource_type=self.resource_type, resource_id=wanted, aspects=self.aspects)
        version = found.version
        if is_not_modified(request.META.get("HTTP_IF_NONE_MATCH"), version=version):
            return Response(status=304, headers={"ETag": format_etag(version)})
        return self.respond(found)

    def put(self, request: Request, resource_id: str) -> Response:
        """The resource in its new version."""
        wanted = parse_resource_id(resource_id)
        writing = self.writing(self.resource_type, self.aspects)
        return self.respond(replace_resource(resource_id=wanted, body=request.data, writing=writing))

    def patch(self, request: Request, resource_id: str) -> Response:
        """The resource in its new version; for a group 204, as it may be large, unless `attributes` is given."""
        wanted = parse_resource_id(resource_id)
        is_brief = self.resource_type.name == "Group" and self.query.projection.attributes is None
        writing = self.writing(self.resource_type, PLAIN if is_brief else self.aspects)
        patched = patch_resource(resource_id=wanted, body=request.data, writing=writing)
        if is_brief:
            self.tell_subject(patched)
            return Response(status=204, headers={"ETag": format_etag(patched.version)})
        return self.respond(patched)

    def delete(self, request: Request, resource_id: str) -> Response:
        """204. Raises NoSuchResourceError."""
        self.tell_subject(
            delete_resource(resource_id=parse_resource_id(resource_id), writing=self.writing(self.resource_type))
        )
        return Response(status=204)


def shows_computed(resource_type: ResourceType, view: View) -> set[str]:
    """The name of the type's computed attribute where the view shows it: else its rows need not be read."""
    name = COMPUTED.get(resource_type.name, "")
    found = resource_type.namespace.resolve(name)
    is_shown = found is not None and isinstance(found.target, AttributePath) and view.wants(found.target)
    return {name} if is_shown else set()
