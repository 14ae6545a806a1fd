"""What every SCIM endpoint shares, and the endpoints that answer where there is nothing."""

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any, NoReturn, cast

from rest_framework.request import Request
from rest_framework.response import Response

from labsninja.kernel.edge import public_base_url
from scim.api.authentication import Caller
from scim.api.recording import RecordedView
from scim.api.throttling import PlanThrottle
from scim.protocol.dialects.base import Dialect, Reading
from scim.protocol.errors import ScimError
from scim.protocol.json_input import Json
from scim.protocol.schemas.definitions import ResourceType, SchemaSet
from scim.queries import PLAIN, Asker, Aspects, find_schemas, is_refreshed
from scim.services.writes import DirectoryOptions, Writing

OUTDATED = {400, 404, 503}
MOST_REPEATS = 3  # of one request, for definitions that change in quick succession


class NothingHereError(ScimError):
    """404: an address that nobody has, or that another tenant has; the answers don't differ."""

    def __init__(self) -> None:
        super().__init__("There is nothing at this address.", status=404)


class ScimView(RecordedView):
    """An endpoint below /scim/v2. People's data is in every answer, so no cache may keep one."""

    throttle_classes = (PlanThrottle,)
    _schemas: SchemaSet | None = None
    _located: tuple[SchemaSet, Mapping[str, str]] | None = None

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Headers of every answer that does not say otherwise."""
        return {"Allow": _list_methods(cast("Any", type(self))), "Cache-Control": "no-store"}

    @property
    def caller(self) -> Caller:
        """Who stands behind the request."""
        return cast("Caller", self.request.user)

    @property
    def schemas(self) -> SchemaSet:
        """The schemas and resource types of the caller's tenant. Whoever needs one asks here."""
        if self._schemas is None:
            self._schemas = find_schemas()
        return self._schemas

    @property
    def locations(self) -> Mapping[str, str]:
        """By resource type the address that stands before an id."""
        if self._located is None or self._located[0] is not self.schemas:
            found = {known.name: f"{self.base_url}{known.endpoint}/" for known in self.schemas.resource_types}
            self._located = self.schemas, found
        return self._located[1]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse an unknown host before anything is done, not when its location is written. Raises DisallowedHost."""
        _ = self.base_url
        super().initial(request, *args, **kwargs)
        self.prepare(request)

    def prepare(self, request: Request) -> None:
        """What the handlers find of the request, once it is let in."""
        self._schemas = find_schemas()
        self.reading = Reading(Dialect(self.caller.grant.client_kind, strict=self.caller.grant.strict))

    def handle_exception(self, exc: Exception) -> Response:
        """Once more from the beginning where the request met definitions that have changed meanwhile."""
        request, error = self.request, exc
        handler = getattr(self, (request.method or "").lower(), self.http_method_not_allowed)
        for _repeat in range(MOST_REPEATS):
            if not self._was_outdated(error):
                break
            try:
                self.prepare(request)
                answer: Response = handler(request, *self.args, **self.kwargs)
            except Exception as another:  # noqa: BLE001  # as in REST framework's dispatch, which handles what comes of it
                error = another
            else:
                return answer
        return super().handle_exception(error)

    def _was_outdated(self, error: Exception) -> bool:
        """What is unknown or wrong by one definition may be right by the next."""
        if self._schemas is None or not isinstance(error, ScimError) or error.status not in OUTDATED:
            return False
        return is_refreshed(self._schemas)

    def parameters(self, request: Request) -> Mapping[str, Json]:
        """What a list is asked for."""
        return request.query_params.dict()

    def asker(self, target: str) -> Asker:
        """Who asks for the list of `target`; its cursors are theirs."""
        return Asker(str(self.caller.grant.scim_client_id), target, self.caller.origin.at)

    def writing(self, resource_type: ResourceType, aspects: Aspects = PLAIN) -> Writing:
        """What the services of a write to that type are given; `aspects` are what the answer shows."""
        grant = self.caller.grant
        return Writing(
            resource_type=resource_type,
            origin=self.caller.origin,
            reading=self.reading,
            scim_client_id=grant.scim_client_id,
            options=DirectoryOptions(
                grant.unique_group_names, grant.keep_members, grant.strict_members, grant.revive_deleted
            ),
            locations=self.locations,
            if_match=self.request.META.get("HTTP_IF_MATCH"),
            aspects=aspects,
        )

    @cached_property
    def base_url(self) -> str:
        """Where the caller finds SCIM, as in https://scim.example.com/scim/v2. Raises DisallowedHost."""
        return f"{public_base_url(self.request._request)}/scim/v2"  # the wrapped request has no other name


@cache
def _list_methods(view: Any) -> str:
    return ", ".join(view().allowed_methods)


class NothingView(ScimView):
    """A SCIM 404 for every method, after authentication: strangers learn nothing of what exists."""

    def http_method_not_allowed(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Raises NothingHereError."""
        raise NothingHereError

    options = http_method_not_allowed  # REST framework's own would describe the view
