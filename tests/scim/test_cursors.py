"""Lists by cursor (RFC 9865) as an identity provider walks them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from labsninja.kernel.isolation import tenant_context
from labsninja.kernel.secrets import rotate_data_key
from scim.protocol import urns
from scim.protocol.cursors import CURSOR_SECONDS
from scim.queries import cursors
from tests.scim.answers import body_of, read, refusal
from tests.scim.conftest import Provider

TITLES = ["b", None, "a", "b", None, "c", "a"]


@pytest.fixture(name="staffed")
def _staffed(provider: Provider) -> Provider:
    """A provider with seven people, titles equal, different and missing."""
    for number, title in enumerate(TITLES):
        provider.create(f"user{number}", title=title, nickName="\u00e9 %" + str(title))
    return provider


def _walk(provider: Provider, path: str) -> Iterator[Any]:
    cursor: str | None = ""
    while cursor is not None:
        page = read(provider, f"{path}&cursor={cursor}")
        yield page
        cursor = page.get("nextCursor")


def _ids(page: Any) -> list[str]:
    return [one["id"] for one in page["Resources"]]


@pytest.mark.rfc("9865#2")
@pytest.mark.parametrize(
    "asked",
    [
        "",
        '&filter=userName sw "u"',
        "&sortBy=title",
        "&sortBy=title&sortOrder=descending",
        "&sortBy=userName&sortOrder=descending",
        "&sortBy=meta.created",
        "&sortBy=active",
        "&sortBy=nickName&filter=title pr or userName pr",
        "&sortBy=emails.value",
    ],
)
def test_walk_shows_what_one_page_by_index_shows_there_and_back(staffed: Provider, asked: str) -> None:
    asked = asked.replace(" ", "%20").replace('"', "%22")
    whole = _ids(read(staffed, f"/Users?count=100{asked}"))
    pages = list(_walk(staffed, f"/Users?count=3{asked}"))
    assert [found for page in pages for found in _ids(page)] == whole
    assert [len(page["Resources"]) for page in pages] == [3, 3, 1]
    assert "previousCursor" not in pages[0]
    assert all("startIndex" not in page and page["totalResults"] == 7 for page in pages)
    middle = read(staffed, f"/Users?count=3{asked}&cursor={pages[2]['previousCursor']}")
    first = read(staffed, f"/Users?count=3{asked}&cursor={middle['previousCursor']}")
    assert (_ids(middle), _ids(first)) == (whole[3:6], whole[:3])
    assert "previousCursor" not in first
    assert _ids(read(staffed, f"/Users?count=3{asked}&cursor={first['nextCursor']}")) == whole[3:6]


def test_list_without_cursor_stays_by_index(staffed: Provider) -> None:
    page = read(staffed, "/Users?count=3&startIndex=2")
    assert (page["startIndex"], page["itemsPerPage"]) == (2, 3)
    assert "nextCursor" not in page


@pytest.mark.rfc("9865#2")
def test_cursor_is_written_in_unreserved_characters(staffed: Provider) -> None:
    cursor = read(staffed, "/Users?count=1&cursor")["nextCursor"]
    assert quote(cursor, safe="") == cursor
    assert "user0" not in cursor


@pytest.mark.rfc("9865#2")
def test_count_of_0_and_below_asks_for_the_total_alone(staffed: Provider) -> None:
    for count in (0, -5):
        page = read(staffed, f"/Users?count={count}&cursor=")
        assert (page["totalResults"], page["Resources"]) == (7, [])
        assert "nextCursor" not in page


@pytest.mark.rfc("9865#2.1")
@pytest.mark.parametrize(
    ("path", "scim_type"),
    [
        ("/Users?count=3&cursor={0}x", "invalidCursor"),
        ("/Users?count=3&cursor=x", "invalidCursor"),
        ("/Users?count=3&cursor=%C3%A9", "invalidCursor"),
        ("/Users?count=3&filter=title%20pr&cursor={0}", "invalidCursor"),
        ("/Users?count=3&sortBy=title&cursor={0}", "invalidCursor"),
        ("/Groups?count=3&cursor={0}", "invalidCursor"),
        ("/?count=3&cursor={0}", "invalidCursor"),
        ("/Users?count=4&cursor={0}", "invalidCount"),
        ("/Users?cursor={0}", "invalidCount"),
        ("/Users?count=1001&cursor", "invalidCount"),
        ("/Users?count=x&cursor", "invalidCount"),
        ("/Users?startIndex=1&cursor", "invalidValue"),
    ],
)
def test_cursor_of_another_query_is_refused(staffed: Provider, path: str, scim_type: str) -> None:
    cursor = read(staffed, "/Users?count=3&cursor")["nextCursor"]
    refusal(staffed.send("GET", path.format(cursor)), 400, scim_type)


def test_changed_cursor_is_refused_whatever_was_changed(staffed: Provider) -> None:
    cursor = read(staffed, "/Users?count=3&cursor")["nextCursor"]
    for place in range(0, len(cursor) - 1, 7):
        other = "A" if cursor[place] != "A" else "B"
        changed = cursor[:place] + other + cursor[place + 1 :]
        refusal(staffed.send("GET", f"/Users?count=3&cursor={changed}"), 400, "invalidCursor")


def test_cursor_of_another_tenant_is_refused(staffed: Provider, make_provider: Callable[[], Provider]) -> None:
    cursor = read(staffed, "/Users?count=3&cursor")["nextCursor"]
    refusal(make_provider().send("GET", f"/Users?count=3&cursor={cursor}"), 400, "invalidCursor")


@pytest.mark.rfc("9865#2.1")
def test_cursor_expires(staffed: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cursors, "CURSOR_SECONDS", -timedelta(hours=1).total_seconds())
    cursor = read(staffed, "/Users?count=3&cursor")["nextCursor"]
    refusal(staffed.send("GET", f"/Users?count=3&cursor={cursor}"), 400, "expiredCursor")


def test_cursor_outlives_the_rotation_of_the_key(staffed: Provider) -> None:
    cursor = read(staffed, "/Users?count=3&cursor")["nextCursor"]
    with tenant_context(staffed.tenant_id):
        rotate_data_key(tenant_id=staffed.tenant_id)
    assert len(_ids(read(staffed, f"/Users?count=3&cursor={cursor}"))) == 3


def test_cursor_goes_on_behind_a_resource_that_was_deleted(staffed: Provider) -> None:
    whole = _ids(read(staffed, "/Users?sortBy=title"))
    page = read(staffed, "/Users?sortBy=title&count=3&cursor")
    assert staffed.send("DELETE", f"/Users/{whole[2]}").status_code == 204
    assert _ids(read(staffed, f"/Users?sortBy=title&count=3&cursor={page['nextCursor']}")) == whole[3:6]


@pytest.mark.rfc("9865#4")
def test_cursors_are_advertised(provider: Provider) -> None:
    told = read(provider, "/ServiceProviderConfig")["pagination"]
    assert (told["cursor"], told["index"], told["defaultPaginationMethod"]) == (True, True, "index")
    assert told["cursorTimeout"] == CURSOR_SECONDS


@pytest.mark.rfc("9865#3")
def test_search_by_post_walks_by_cursor_too(staffed: Provider) -> None:
    asked = {"schemas": [urns.SEARCH_REQUEST], "count": 4, "cursor": "", "sortBy": "userName"}
    first = body_of(staffed.send("POST", "/Users/.search", asked))
    second = body_of(staffed.send("POST", "/Users/.search", {**asked, "cursor": first["nextCursor"]}))
    assert _ids(first) + _ids(second) == _ids(read(staffed, "/Users?sortBy=userName"))
