"""/Groups/{id}/members, an extension of ours: the members of a group a page at a time, however many there are."""

from typing import Final

from rest_framework.request import Request
from rest_framework.response import Response

from scim.api.representation import represent_members
from scim.api.views.base import ScimView
from scim.api.views.search import SearchRequestMixin
from scim.protocol import urns
from scim.protocol.attributes import Schema
from scim.protocol.list_query import ListQuery, read_list_query
from scim.protocol.paths import Namespace
from scim.protocol.schemas import GROUP
from scim.queries import NoSuchResourceError, list_member_page, parse_resource_id

MEMBERS: Final = next(path.attribute for path in GROUP.attributes if path.text == "members")
NAMES: Final = Namespace(
    common=MEMBERS.sub_attributes,
    core=[Schema(id=f"{urns.GROUP}:members", name="Member", description="", attributes=())],
    extensions=(),
)


class MemberListView(ScimView):
    """Members of one group, in the order of their ids."""

    resource_type_name = "Group"

    def respond_found(self, request: Request, endpoint: str, resource_id: str) -> Response:
        """The page that is asked for. Raises NoSuchResourceError; ScimError 400."""
        query: ListQuery = read_list_query(self.parameters(request), namespace=NAMES, reading=self.reading)
        if not self.caller.grant.groups_enabled:
            raise NoSuchResourceError
        page = list_member_page(
            group_id=parse_resource_id(resource_id),
            query=query,
            locations=self.locations,
            asker=self.asker(f"/{endpoint}/{resource_id}/members"),
        )
        return Response(represent_members(page, locations=self.locations))


class MembersView(MemberListView):
    """The list itself."""

    def get(self, request: Request, endpoint: str, resource_id: str) -> Response:
        """A list; a filter names value, type, display and $ref as within `members[...]`."""
        return self.respond_found(request, endpoint, resource_id)


class MembersSearchView(SearchRequestMixin, MemberListView):
    """The same list, asked for by POST."""

    def post(self, request: Request, endpoint: str, resource_id: str) -> Response:
        """What a GET of the members answers to the same parameters."""
        return self.respond_found(request, endpoint, resource_id)
