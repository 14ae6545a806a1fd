"""/events: the feed of a tenant's changes, to be pulled from a number on by whoever has a token that may read."""

from typing import Any, Final

import orjson
from rest_framework.request import Request
from rest_framework.response import Response

from scim.api.views.base import ScimView
from scim.protocol.errors import invalid_value
from scim.protocol.projection import DEFAULT_PROJECTION, make_view
from scim.protocol.security_events import ResourceStep, Subject, describe_step, identify_subject
from scim.queries.feed import read_feed
from scim.store.feed import FeedEntry

DEFAULT, MOST = 100, 1000
HIGHEST: Final = 2**63 - 1


class EventsView(ScimView):
    """Events in order, without a gap: number 8 is never seen before 7. `after` is the number that the caller has."""

    def get(self, request: Request) -> Response:
        """A page. Raises ScimError 400 invalidValue."""
        after = _read_number(request, "after", default=0, least=0, most=HIGHEST)
        limit = _read_number(request, "limit", default=DEFAULT, least=1, most=MOST)
        page = read_feed(after=after, limit=limit, revision=self.schemas.revision)
        events = [{"number": entry.number, "claims": self._claims(entry)} for entry in page.entries]
        last = page.entries[-1].number if page.entries else after
        body = {"events": events, "after": last, "isLast": page.is_last}
        return Response(body, content_type="application/json")

    def _claims(self, entry: FeedEntry) -> dict[str, Any]:
        known = self.schemas.resource_type(entry.resource_type)
        members = orjson.loads(entry.members) if entry.members else {"added": (), "removed": ()}
        before, after = (self._show(entry.resource_type, text) for text in (entry.before, entry.after))
        named = after or before or {}
        place = f"{known.endpoint if known else f'/{entry.resource_type}'}/{entry.resource_id}"
        subject = Subject(str(entry.resource_id), place, named.get("externalId"))
        step = ResourceStep(entry.kind, entry.version, before, after, members["added"], members["removed"])
        return {
            "iss": self.base_url,
            "aud": str(self.caller.grant.tenant_id),
            "jti": str(entry.id),
            "txn": entry.request_id,
            "iat": int(entry.at.timestamp()),
            "sub_id": identify_subject(subject),
            "events": describe_step(step),
        }

    def _show(self, resource_type: str, text: str | None) -> dict[str, Any] | None:
        """A stored document with nothing that is never returned; of a type that is gone, what names it."""
        if text is None:
            return None
        document: dict[str, Any] = orjson.loads(text)
        known = self.schemas.resource_type(resource_type)
        return make_view(known, DEFAULT_PROJECTION).project(document) if known else {}


def _read_number(request: Request, name: str, *, default: int, least: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most):
        raise invalid_value(f"{name} has to be a whole number from {least} to {most}.")
    return int(text)
