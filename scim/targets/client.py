"""A client of SCIM targets as they are: it expects little, takes whatever can be understood, and says what it is not.

Every call blocks until there is a result or a TargetError. Threads may share a target; it keeps no state of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from labsninja.kernel.outbound import OutboundClient
from scim.protocol import urns
from scim.targets.errors import ErrorClass, TargetError
from scim.targets.exchanges import Exchange
from scim.targets.judging import judge
from scim.targets.listing import Page, Place, read_page
from scim.targets.matching import build_filter, has_value
from scim.targets.operations import Operation, shape_patches
from scim.targets.profile import PatchForm, Profile
from scim.targets.reading import Found, Removed, Stored, read_stored
from scim.targets.wire import Answer, Request, Wire, add_query, clean_token

Document = Mapping[str, Any]
NO_PATCH: Final = frozenset({HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED})
NO_FILTER: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED})
# What finds a resource again when nothing better is given.
NAMING: Final[Mapping[str, str]] = {"User": "userName"}
MOST_PAGES: Final = 1000


class SCIMTarget:
    """One target with what is known of it. All methods raise TargetError."""

    def __init__(self, *, base_url: str, token: str, client: OutboundClient, profile: Profile | None = None) -> None:
        self.profile = profile or Profile()
        self.wire = Wire(base_url.strip().rstrip("/"), clean_token(token), client)

    def create(self, resource_type: str, document: Document, *, match: tuple[str, str] | None = None) -> Stored:
        """A resource that was not there. A target that tells no id is asked for it by `match`, an attribute and its
        value: userName of a user and displayName of others unless given.
        """
        place = self.profile.endpoint(resource_type)
        answer = self.ask(Request("POST", place, document), writes=True)
        stored = read_stored(answer)
        return stored if stored.remote_id else self._look_up(resource_type, document, match, answer)

    def read(self, resource_type: str, remote_id: str) -> Stored:
        """Raises TargetError of class GONE when it is not there."""
        answer = self.ask(Request("GET", self._place(resource_type, remote_id)), names_one=True)
        return read_stored(answer, remote_id=remote_id)

    def patch(self, resource_type: str, remote_id: str, operations: Sequence[Operation]) -> Stored:
        """Send operations, members in the target's way and in as many requests as it wants. What the target shows at
        the end is returned.
        """
        stored = Stored(remote_id)
        told: tuple[Exchange, ...] = ()
        for part in shape_patches(operations, self.profile):
            body = {"schemas": [urns.PATCH_OP], "Operations": part}
            request = Request("PATCH", self._place(resource_type, remote_id), body)
            answer = self.ask(request, names_one=True, writes=True, before=told)
            stored = read_stored(answer, remote_id=remote_id)
            told = answer.exchanges
        return stored

    def replace(self, resource_type: str, remote_id: str, document: Document, etag: str | None = None) -> Stored:
        """Put a whole document in place of the other; with `etag` only while nobody else has changed it."""
        known = etag if self.profile.etag else None
        request = Request("PUT", self._place(resource_type, remote_id), {**document, "id": remote_id}, known)
        return read_stored(self.ask(request, names_one=True, writes=True), remote_id=remote_id)

    def update(
        self,
        resource_type: str,
        remote_id: str,
        *,
        operations: Sequence[Operation],
        document: Document,
        etag: str | None = None,
    ) -> Stored:
        """The change by PATCH where the target takes it, by the whole document otherwise."""
        if self.profile.patch is PatchForm.NONE:
            return self.replace(resource_type, remote_id, document, etag)
        try:
            return self.patch(resource_type, remote_id, operations)
        except TargetError as error:
            if error.status not in NO_PATCH or not self.profile.put:
                raise
            stored = self.replace(resource_type, remote_id, document, etag)
            return replace(stored, exchanges=error.exchanges + stored.exchanges)

    def delete(self, resource_type: str, remote_id: str) -> Removed:
        """Gone is gone: a target that does not know it any more has nothing left to do."""
        request = Request("DELETE", self._place(resource_type, remote_id))
        try:
            return Removed(was_there=True, exchanges=self.ask(request, names_one=True, writes=True).exchanges)
        except TargetError as error:
            if error.error_class is not ErrorClass.GONE:
                raise
            return Removed(was_there=False, exchanges=error.exchanges)

    def find(self, resource_type: str, attribute: str, value: str) -> Found:
        """Those that really have the value. A target that cannot filter, or pays no heed to it, is read through."""
        if not self.profile.can_filter(attribute):
            return self._find_by_reading(resource_type, attribute, value)
        query = {"filter": build_filter(attribute, value)}
        request = Request("GET", add_query(self.profile.endpoint(resource_type), query))
        try:
            answer = self.ask(request)
        except TargetError as error:
            if error.status == HTTPStatus.NOT_FOUND:  # some say so when nobody has the value
                return Found((), error.exchanges)
            if error.status not in NO_FILTER or error.error_class is not ErrorClass.PERMANENT:
                raise
            return self._find_by_reading(resource_type, attribute, value, error.exchanges)
        page = read_page(answer, place=Place(), facts=self.profile)
        matching = tuple(stored for stored in page.resources if has_value(stored, attribute, value))
        if not matching and page.resources:
            return self._find_by_reading(resource_type, attribute, value, answer.exchanges)
        return Found(matching, answer.exchanges)

    def list_page(self, resource_type: str, cursor: str | None = None, *, without: Sequence[str] = ()) -> Page:
        """One page; `cursor` is that of the page before, None for the first. Members named in `without` are left out by
        targets that can. Raises ValueError for a cursor that came from elsewhere.
        """
        place = Place.parse(cursor)
        left_out = {"excludedAttributes": ",".join(without)} if without else {}
        address = add_query(self.profile.endpoint(resource_type), {**place.query(self.profile), **left_out})
        return read_page(self.ask(Request("GET", address)), place=place, facts=self.profile)

    def _find_by_reading(
        self, resource_type: str, attribute: str, value: str, told: tuple[Exchange, ...] = ()
    ) -> Found:
        found: list[Stored] = []
        cursor: str | None = None
        for _page in range(MOST_PAGES):
            page = self.list_page(resource_type, cursor)
            found.extend(stored for stored in page.resources if has_value(stored, attribute, value))
            cursor = page.cursor
            if cursor is None:
                return Found(tuple(found), told + page.exchanges)
        raise TargetError(
            f"The target cannot filter by {attribute}, and has too many resources to be read through.",
            error_class=ErrorClass.PERMANENT,
            exchanges=told,
        )

    def _look_up(self, resource_type: str, document: Document, match: tuple[str, str] | None, answer: Answer) -> Stored:
        attribute, value = match or _naming(resource_type, document)
        found = self.find(resource_type, attribute, value)
        told = answer.exchanges + found.exchanges
        if len(found.resources) == 1:
            return replace(found.resources[0], exchanges=told)
        is_several = bool(found.resources)
        raise TargetError(
            f"The target took it without telling its id, and {'several have' if is_several else 'nothing has'} "
            f"this {attribute}.",
            error_class=ErrorClass.CONFLICT if is_several else ErrorClass.TRANSIENT,
            status=answer.status,
            may_have_arrived=True,
            exchanges=told,
        )

    def _place(self, resource_type: str, remote_id: str) -> str:
        return f"{self.profile.endpoint(resource_type)}/{quote(remote_id, safe='')}"

    def ask(
        self, request: Request, *, names_one: bool = False, writes: bool = False, before: tuple[Exchange, ...] = ()
    ) -> Answer:
        """The successful answer to any request, with what was said `before` in front of it."""
        try:
            answer = self.wire.send(replace(request, content_type=self.profile.content_type))
        except TargetError as error:
            error.exchanges = before + error.exchanges
            raise
        answer = replace(answer, exchanges=before + answer.exchanges)
        refusal = judge(answer, facts=self.profile, names_one=names_one, writes=writes, sent=request.document)
        if refusal:
            raise refusal
        return answer


def _naming(resource_type: str, document: Document) -> tuple[str, str]:
    attribute = NAMING.get(resource_type, "displayName")
    return attribute, str(document.get(attribute, ""))
