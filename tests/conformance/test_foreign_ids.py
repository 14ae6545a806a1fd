"""Another tenant's id answers like one that never existed, byte for byte, wherever an id can stand: in the address,
in a filter, as a member.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse

from scim.api import urls
from scim.api.views.members import MembersSearchView, MembersView
from scim.api.views.resources import ResourceView
from scim.protocol import urns
from tests.scim.answers import create_group, events_about, newest_warnings, operation, set_tenant
from tests.scim.conftest import USER, Provider

BODIES: dict[str, dict[str, Any]] = {
    "Users": {"schemas": [USER], "userName": "somebody"},
    "Groups": {"schemas": [urns.GROUP], "displayName": "Something"},
}
PATCH = {"schemas": [urns.PATCH_OP], "Operations": [operation("replace", "externalId", value="x")]}
METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "POST", "OPTIONS")
NOBODY = str(UUID(int=0))
TIMES = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


@pytest.fixture
def provider(make_provider: Callable[[], Provider]) -> Provider:
    """Who asks; its directory is not empty."""
    made = make_provider()
    create_group(made, "Own", made.create("own")["id"])
    return made


@pytest.fixture
def foreign(make_provider: Callable[[], Provider]) -> dict[str, str]:
    """Ids of a user and a group of another tenant."""
    neighbor = make_provider()
    user = neighbor.create("foreign", externalId="foreign-7")["id"]
    return {"Users": user, "Groups": create_group(neighbor, "Foreign", user)["id"]}


def _bytes(answer: HttpResponse) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """Everything of an answer but the name of the request."""
    headers = sorted((name, value) for name, value in answer.headers.items() if name != "X-Request-Id")
    return answer.status_code, tuple(headers), answer.content


def _send(provider: Provider, method: str, kind: str, wanted: str, **headers: str) -> HttpResponse:
    body = None if method in {"GET", "HEAD", "OPTIONS", "DELETE"} else PATCH if method == "PATCH" else BODIES[kind]
    return provider.send(method, f"/{kind}/{wanted}", body, **headers)


@pytest.mark.capability("tenant-isolation")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("suffix", ["", "/", "?attributes=id", "?excludedAttributes=members"])
def test_foreign_id_in_the_address_is_nobodys(
    provider: Provider, foreign: dict[str, str], method: str, kind: str, suffix: str
) -> None:
    answers = {
        _bytes(_send(provider, method, kind, f"{wanted}{suffix}"))
        for wanted in (str(uuid4()), *foreign.values(), "no-id-at-all")
    }
    ((status, _, body),) = answers
    assert status == {"POST": 405, "OPTIONS": 200}.get(method, 404)
    assert not any(wanted.encode() in body for wanted in foreign.values())


@pytest.mark.capability("tenant-isolation")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("list_of", ["members", "members/.search"])
@pytest.mark.parametrize("suffix", ["", "/", "?count=1", "?cursor=&count=1"])
def test_members_of_a_foreign_group_are_nobodys(
    provider: Provider, foreign: dict[str, str], method: str, list_of: str, suffix: str
) -> None:
    body = {"schemas": [urns.SEARCH_REQUEST], "count": 1} if method == "POST" else None
    answers = {
        _bytes(provider.send(method, f"/Groups/{wanted}/{list_of}{suffix}", body))
        for wanted in (str(uuid4()), *foreign.values(), "no-id-at-all")
    }
    ((_, _, body_told),) = answers
    assert not any(wanted.encode() in body_told for wanted in foreign.values())


def test_no_route_with_an_id_is_left_out_here() -> None:
    views = {
        pattern.callback.view_class  # type: ignore[attr-defined]  # every view here is of a class
        for pattern in urls.urlpatterns
        if "resource_id" in str(pattern.pattern)
    }
    assert views == {ResourceView, MembersView, MembersSearchView}


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
@pytest.mark.parametrize("tag", ["*", 'W/"1"', 'W/"9"'])
def test_version_of_a_foreign_resource_cannot_be_guessed(
    provider: Provider, foreign: dict[str, str], method: str, header: str, tag: str
) -> None:
    for kind, wanted in foreign.items():
        answers = [_send(provider, method, kind, one, **{header: tag}) for one in (wanted, str(uuid4()))]
        assert _bytes(answers[0]) == _bytes(answers[1])
        assert answers[0].status_code == 404


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("Users", 'id eq "{}"'),
        ("Users", 'groups.value eq "{}"'),
        ("Users", 'groups[value eq "{}"]'),
        ("Users", 'manager.value eq "{}"'),
        ("Users", 'id sw "{}"'),
        ("Groups", 'id eq "{}"'),
        ("Groups", 'members eq "{}"'),
        ("Groups", 'members.value eq "{}"'),
        ("Groups", 'members[value eq "{}" and type eq "User"]'),
        ("Groups", 'members.$ref ew "{}"'),
    ],
)
def test_foreign_id_in_a_filter_finds_what_a_random_one_finds(
    provider: Provider, foreign: dict[str, str], kind: str, text: str
) -> None:
    wanted = (*foreign.values(), str(uuid4()))
    answers = [_bytes(provider.send("GET", f"/{kind}?filter={quote(text.format(one))}")) for one in wanted]
    assert answers[0] == answers[1] == answers[2]
    assert json.loads(answers[0][2])["totalResults"] == 0


def _named(value: Any, own: str, wanted: str) -> str:
    """A trace as text, with placeholders where ids and times stand."""
    text = json.dumps(value) if not isinstance(value, bytes) else value.decode()
    return TIMES.sub("<time>", text.replace(own, "<own>").replace(wanted, "<wanted>"))


def _member_roads(provider: Provider, name: str) -> Iterator[tuple[str, Callable[[str], HttpResponse], str]]:
    """Each way in which a member can be named: what it is, how to go it, and the id of the group if it is known."""
    group = create_group(provider, name)["id"]
    path, listed = f"/Groups/{group}", [{"value": "{}"}]
    bodies = {
        "add": ("PATCH", operation("add", "members", value=listed)),
        "add a bare id": ("PATCH", operation("add", "members", value="{}")),
        "remove": ("PATCH", operation("remove", 'members[value eq "{}"]')),
        "remove a list": ("PATCH", operation("remove", "members", value=listed)),
        "replace": ("PATCH", operation("replace", "members", value=listed)),
        "put": ("PUT", {**BODIES["Groups"], "displayName": name, "members": listed}),
    }
    for road, (method, body) in bodies.items():
        sent = {"schemas": [urns.PATCH_OP], "Operations": [body]} if method == "PATCH" else body
        yield road, _sender(provider, method, path, json.dumps(sent)), group
    posted = json.dumps({**BODIES["Groups"], "displayName": f"{name} anew", "members": listed})
    yield "post", _sender(provider, "POST", "/Groups", posted), ""


def _sender(provider: Provider, method: str, path: str, text: str) -> Callable[[str], HttpResponse]:
    return lambda wanted: provider.send(method, path, text.replace("{}", wanted).encode())


@pytest.mark.parametrize("is_strict", [False, True], ids=["lenient", "strict"])
@pytest.mark.parametrize("of", BODIES)
def test_foreign_member_is_as_unknown_as_a_random_one(
    make_provider: Callable[[], Provider],
    foreign: dict[str, str],
    of: str,
    is_strict: bool,  # a column
) -> None:
    traces = []
    for wanted in (foreign[of], str(uuid4())):
        provider = make_provider()
        set_tenant(provider, strict_members=is_strict)
        found = []
        for road, send, known in _member_roads(provider, "Lab"):
            answer = send(wanted)
            group = known or json.loads(answer.content).get("id", NOBODY)
            told = [{**event["details"], "changes": event["changes"]} for event in events_about(provider, group)]
            shown = _named(answer.content, group, wanted)
            found.append((road, answer.status_code, shown, _named(told, group, wanted), newest_warnings(provider)))
        traces.append(found)
    assert traces[0] == traces[1]
    assert {status for _, status, *_ in traces[0]} == ({400, 204} if is_strict else {200, 201, 204})


def test_foreign_member_is_not_told_of_the_group(provider: Provider, make_provider: Callable[[], Provider]) -> None:
    """Nor does a pending foreign id attach when its owner names it at home."""
    neighbor = make_provider()
    theirs = neighbor.create("foreign")
    group = create_group(provider, "Lab", theirs["id"], "foreign")
    assert "members" not in group
    assert "groups" not in json.loads(neighbor.send("GET", f"/Users/{theirs['id']}").content)
    neighbor.create("another")
    assert "members" not in json.loads(provider.send("GET", f"/Groups/{group['id']}").content)


def test_unique_names_of_another_tenant_are_free(provider: Provider, foreign: dict[str, str]) -> None:
    assert provider.create("foreign", externalId="foreign-7")["id"] not in foreign.values()
    assert create_group(provider, "Foreign")["id"] not in foreign.values()


def test_own_user_is_nobody_among_groups(provider: Provider) -> None:
    own = json.loads(provider.send("GET", "/Users").content)["Resources"][0]["id"]
    assert _bytes(provider.send("GET", f"/Groups/{own}")) == _bytes(provider.send("GET", f"/Groups/{uuid4()}"))
