"""Getting to know a target without changing anything there: the connection test of the console, step by step.

It reads what the target declares and then tries it: a filter nobody matches, pages of one, a PATCH of nobody. A step
says in plain words what works; what was seen becomes the `observed` layer of the profile.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from scim.protocol import urns
from scim.targets.client import NO_PATCH, SCIMTarget
from scim.targets.declarations import read_config, read_resource_types, read_schemas
from scim.targets.errors import ErrorClass, TargetError
from scim.targets.exchanges import Exchange
from scim.targets.listing import Page, Place, read_documents, read_page
from scim.targets.matching import build_filter
from scim.targets.profile import Facts, Paging, PatchForm, Profile, Source
from scim.targets.reading import read_json, read_object
from scim.targets.wire import Request, add_query

NOBODY: Final = "labsninja-probe-d5f1c2"  # a user name, and an id, that nobody has
READ_THROUGH: Final = "To find somebody its whole listing is read, which is slow beyond some thousand people."
CALLS_OFF: Final = frozenset({ErrorClass.AUTH, ErrorClass.THROTTLE})


class Outcome(StrEnum):
    """WORKS, or works DIFFERENTLY than a plain target would and the profile knows it, or FAILS: nothing can be sent."""

    WORKS = "works"
    DIFFERS = "differs"
    FAILS = "fails"


@dataclass(frozen=True)
class Step:
    """One step of the test, for people to read."""

    name: str
    outcome: Outcome
    words: str
    exchanges: tuple[Exchange, ...] = ()


@dataclass(frozen=True)
class Report:
    """How a target answered. It `is_usable` when nothing that sending needs failed."""

    steps: tuple[Step, ...]
    profile: Profile

    @property
    def is_usable(self) -> bool:
        return all(step.outcome is not Outcome.FAILS for step in self.steps)


def discover_profile(target: SCIMTarget) -> Profile:
    """The target's profile with new layers of what it declares and what was observed; preset and overrides stay.

    Raises TargetError when it cannot be reached or does not take the token.
    """
    return _Probe(target).run(is_strict=True).profile


def check_connection(target: SCIMTarget) -> Report:
    """The connection test. Raises nothing: what fails is a step."""
    return _Probe(target).run()


class _Probe:
    """One run of the test."""

    def __init__(self, target: SCIMTarget) -> None:
        self._target, self._facts = target, target.profile
        self._steps: list[Step] = []
        self._declared: dict[str, Any] = {}
        self._observed: dict[str, Any] = {}

    def run(self, *, is_strict: bool = False) -> Report:
        parts = {
            "Reached": self._reach,
            "Description": self._describe,
            "Users": self._read_users,
            "Search": self._filter,
            "Pages": self._page,
            "Groups": self._read_groups,
            "Changes": self._patch,
        }
        for name, part in parts.items():
            try:
                self._steps.extend(part())
            except TargetError as error:
                if is_strict:
                    raise
                self._steps.append(_failure(name, error))
                break
        return Report(tuple(self._steps), self._profile())

    def _profile(self) -> Profile:
        known = self._target.profile
        layers = {**known.layers, Source.DECLARED: self._declared, Source.OBSERVED: self._observed}
        return Profile.layered(layers, preset=known.preset)

    def _reach(self) -> Iterator[Step]:
        """Raises TargetError for no answer at all and for a token that is refused outright."""
        answer = self._target.wire.send(Request("GET", "/ServiceProviderConfig"))
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise _refused(answer.status, answer.exchanges)
        yield Step("Reached", Outcome.WORKS, "The address answers.", answer.exchanges)
        config = read_object(answer.content) if answer.is_done else {}
        self._declared |= read_config(config)
        if config:
            yield Step("Description", Outcome.WORKS, _tell_config(self._declared), answer.exchanges)
        else:
            words = f"It has no ServiceProviderConfig (answered {answer.status}); what it can do is tried out."
            yield Step("Description", Outcome.DIFFERS, words, answer.exchanges)

    def _describe(self) -> Iterator[Step]:
        for place, read in (("/ResourceTypes", read_resource_types), ("/Schemas", read_schemas)):
            answer = self._target.wire.send(Request("GET", place))
            documents = read_documents(read_json(answer.content)) if answer.is_done else None
            self._declared |= read(documents or [])
        self._facts = self._profile()
        return iter(())

    def _read_users(self) -> Iterator[Step]:
        """Raises TargetError when users cannot be read."""
        page = self._list("User", {"startIndex": 1, "count": 1})
        yield Step("Token", Outcome.WORKS, "The token is accepted.")
        told = f"; it says that there are {page.total:,}" if page.total is not None else ""
        yield Step("Users", Outcome.WORKS, f"Users can be read{told}.", page.exchanges)
        etags = [stored.etag for stored in page.resources if stored.etag]
        if page.resources:
            self._observed["etag"] = bool(etags)

    def _filter(self) -> Iterator[Step]:
        try:
            page = self._list("User", {"filter": build_filter("userName", NOBODY)})
        except TargetError as error:
            if error.error_class in CALLS_OFF or error.status is None:
                raise
            is_nobody = error.status == HTTPStatus.NOT_FOUND
            self._observed["filter"] = is_nobody
            told = (
                "It answers 404 when nobody has a user name." if is_nobody else f"It refuses to search. {READ_THROUGH}"
            )
            yield Step("Search", Outcome.DIFFERS, told, error.exchanges)
            return
        self._observed["filter"] = not page.resources
        if page.resources:
            words = f"It pays no heed to a search by user name. {READ_THROUGH}"
            yield Step("Search", Outcome.DIFFERS, words, page.exchanges)
        else:
            yield Step("Search", Outcome.WORKS, "Users can be found by user name.", page.exchanges)

    def _page(self) -> Iterator[Step]:
        if self._facts.paging is Paging.CURSOR:
            yield from self._page_by_cursor()
            return
        first = self._list("User", {"startIndex": 1, "count": 1})
        second = self._list("User", {"startIndex": 2, "count": 1})
        told = first.exchanges + second.exchanges
        if len(first.resources) > 1 or (second.resources and _ids(first) == _ids(second)):
            self._observed["paging"] = Paging.NONE
            yield Step("Pages", Outcome.DIFFERS, "It does not page: everything comes in one answer.", told)
        elif second.resources:
            self._observed["paging"] = Paging.INDEX
            yield Step("Pages", Outcome.WORKS, "Listings come in pages, by startIndex.", told)
        else:
            yield Step("Pages", Outcome.WORKS, "There are too few users to see whether it pages.", told)

    def _page_by_cursor(self) -> Iterator[Step]:
        """A target that declares cursors and refuses them is paged by index."""
        try:
            page = self._list("User", {"cursor": "", "count": 1})
        except TargetError as error:
            if error.error_class in CALLS_OFF or error.status is None:
                raise
            self._observed["paging"] = Paging.INDEX
            words = "It refuses the cursors that it declares; listings come by startIndex."
            yield Step("Pages", Outcome.DIFFERS, words, error.exchanges)
            return
        yield Step("Pages", Outcome.WORKS, "Listings come in pages, by cursor.", page.exchanges)

    def _read_groups(self) -> Iterator[Step]:
        try:
            page = self._list("Group", {"startIndex": 1, "count": 1})
        except TargetError as error:
            if error.error_class in {ErrorClass.TRANSIENT, ErrorClass.THROTTLE}:
                raise
            self._observed["groups"] = False
            words = f"Groups cannot be read (answered {error.status}): users alone will be sent."
            yield Step("Groups", Outcome.DIFFERS, words, error.exchanges)
            return
        self._observed["groups"] = True
        yield Step("Groups", Outcome.WORKS, "Groups can be read.", page.exchanges)

    def _patch(self) -> Iterator[Step]:
        """A PATCH of nobody: a target that knows the verb says 404."""
        operation = {"op": "replace", "path": "displayName", "value": NOBODY}
        body = {"schemas": [urns.PATCH_OP], "Operations": [operation]}
        answer = self._target.wire.send(Request("PATCH", f"{self._facts.endpoint('User')}/{NOBODY}", body))
        if answer.status in NO_PATCH:
            self._observed["patch"] = PatchForm.NONE
        if answer.status in NO_PATCH or self._facts.patch is PatchForm.NONE:
            outcome, words = Outcome.DIFFERS, "It has no PATCH: changes are sent as whole resources."
        elif answer.status == HTTPStatus.FORBIDDEN:
            outcome, words = Outcome.FAILS, "The token may read but not write: give it the right to change users."
        elif answer.status == HTTPStatus.NOT_FOUND:
            outcome, words = Outcome.WORKS, "Changes can be sent by PATCH."
        else:
            outcome = Outcome.DIFFERS
            words = f"A PATCH of nobody was answered {answer.status}; whether PATCH works shows at the first change."
        yield Step("Changes", outcome, words, answer.exchanges)

    def _list(self, resource_type: str, query: dict[str, str | int]) -> Page:
        request = Request("GET", add_query(self._facts.endpoint(resource_type), query))
        answer = self._target.ask(request)
        return read_page(answer, place=Place(), facts=Facts(paging=Paging.NONE))


def _failure(name: str, error: TargetError) -> Step:
    if error.error_class is ErrorClass.AUTH:
        words = f"The token is refused (answered {error.status}): is it complete, and of this service?"
        return Step("Token", Outcome.FAILS, words, error.exchanges)
    if error.error_class is ErrorClass.THROTTLE:
        return Step("Limit", Outcome.FAILS, "It asks to be left alone for a while: try again later.", error.exchanges)
    return Step(name, Outcome.FAILS, _sentence(error), error.exchanges)


def _sentence(error: TargetError) -> str:
    if error.status == HTTPStatus.NOT_FOUND:
        return "The address answers, but has no users (404): does it end with the SCIM base path, as in /scim/v2?"
    return str(error) if str(error).endswith((".", "?")) else f"{error}."


def _refused(status: int, exchanges: tuple[Exchange, ...]) -> TargetError:
    return TargetError("The token is refused.", error_class=ErrorClass.AUTH, status=status, exchanges=exchanges)


def _tell_config(declared: dict[str, Any]) -> str:
    told = {
        "PATCH": declared.get("patch") is not PatchForm.NONE,
        "search": declared.get("filter", True),
        "entity tags": declared.get("etag", False),
        "cursors": declared.get("paging") is Paging.CURSOR,
    }
    able = [name for name, is_there in told.items() if is_there]
    return f"It describes itself: {', '.join(able)}." if able else "It describes itself, and can little."


def _ids(page: Page) -> list[str]:
    return [stored.remote_id for stored in page.resources]
