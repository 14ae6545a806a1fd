"""Searches by POST (RFC 7644 section 3.4.3) and queries of all types at once, at the root (section 3.4.2.1)."""

from collections.abc import Mapping

from rest_framework.request import Request
from rest_framework.response import Response

from scim.api.permissions import SCOPE_OF_SEARCHES
from scim.api.representation import represent_page
from scim.api.views.base import ScimView
from scim.api.views.resources import CollectionView, shows_computed
from scim.protocol import urns
from scim.protocol.json_input import Json
from scim.protocol.list_query import PARAMETERS, read_list_query
from scim.protocol.messages import read_members
from scim.protocol.projection import make_view
from scim.queries import Aspects, search_resources


class SearchRequestMixin(ScimView):
    """A view that is asked by a SearchRequest message; reading is all it takes."""

    scope_by_method: Mapping[str, str] = SCOPE_OF_SEARCHES

    def parameters(self, request: Request) -> Mapping[str, Json]:
        """The members of the message. Raises ScimError 400 invalidSyntax."""
        if request.method != "POST":
            return {}
        return read_members(request.data, PARAMETERS, urn=urns.SEARCH_REQUEST, reading=self.reading)


class SearchView(SearchRequestMixin, CollectionView):
    """/Users/.search and its like."""

    def post(self, _request: Request) -> Response:
        """What a GET of the type answers to the same parameters."""
        return self.respond_found()


class AllTypesView(ScimView):
    """What finds resources of every type the tenant has, in one order."""

    def prepare(self, request: Request) -> None:
        """Read the query once. Raises ScimError 400."""
        super().prepare(request)
        are_groups_shown = self.caller.grant.groups_enabled
        self.resource_types = [k for k in self.schemas.resource_types if are_groups_shown or k.name != "Group"]
        namespace = self.schemas.namespace
        self.query = read_list_query(self.parameters(request), namespace=namespace, reading=self.reading)

    def respond_found(self) -> Response:
        """A list. Raises ScimError 400 for a cursor or count that is not its."""
        views = {known.name: make_view(known, self.query.projection) for known in self.resource_types}
        shown = {name for known in self.resource_types for name in shows_computed(known, views[known.name])}
        page = search_resources(
            resource_types=self.resource_types,
            query=self.query,
            aspects=Aspects(self.locations, groups="groups" in shown, members="members" in shown),
            asker=self.asker(",".join(views)),
        )
        return Response(represent_page(page, views=views, locations=self.locations))


class RootView(AllTypesView):
    """The root."""

    def get(self, _request: Request) -> Response:
        """A list of resources of all types."""
        return self.respond_found()


class RootSearchView(SearchRequestMixin, AllTypesView):
    """/.search"""

    def post(self, _request: Request) -> Response:
        """What a GET of the root answers to the same parameters."""
        return self.respond_found()
