"""What identity providers check in our replies, beside what the RFC's own tests say: `docs/tolerances.md` lists it."""

from typing import Any

import pytest

from scim.protocol import urns
from tests.scim.answers import body_of, operation, patch, read
from tests.scim.conftest import USER, Provider

LAB = urns.ENTERPRISE_USER


@pytest.mark.parametrize("path", ["/Users", '/Users?filter=userName eq "nobody"', "/Groups", "/Schemas"])
def test_list_is_read_by_everybody(provider: Provider, path: str) -> None:
    provider.create("ada")
    found = read(provider, path)
    assert found["schemas"] == [urns.LIST_RESPONSE]
    assert [type(found[name]) for name in ("totalResults", "startIndex", "itemsPerPage")] == [int, int, int]
    assert isinstance(found["Resources"], list)
    assert "resources" not in found


def test_inactive_user_says_so_with_a_boolean(provider: Provider) -> None:
    path = f"/Users/{provider.create('ada', active=False)['id']}"
    assert read(provider, path)["active"] is False
    assert [user["active"] for user in read(provider, "/Users")["Resources"]] == [False]


@pytest.mark.parametrize("manager", ["boss-7", [{"value": "boss-7"}], {"value": "boss-7"}])
def test_manager_is_an_object_however_it_came(provider: Provider, manager: Any) -> None:
    ada = provider.create("ada", **{LAB: {"manager": manager}})
    assert ada[LAB]["manager"] == read(provider, f"/Users/{ada['id']}")[LAB]["manager"] == {"value": "boss-7"}


def test_meta_is_spelled_as_in_the_rfc(provider: Provider) -> None:
    meta = provider.create("ada")["meta"]
    assert set(meta) == {"resourceType", "created", "lastModified", "location", "version"}
    assert meta["resourceType"] == "User"
    assert meta["location"].startswith("http")


@pytest.mark.parametrize(("path", "token", "status"), [("/Groups/7", None, 404), ("/Users", "Bearer nonsense", 401)])
def test_error_is_whole_whatever_its_status(provider: Provider, path: str, token: str | None, status: int) -> None:
    headers = {"Authorization": token} if token else {}
    error = body_of(provider.send("GET", path, **headers), status)
    assert (error["schemas"], error["status"]) == ([urns.ERROR], str(status))
    assert error["detail"]


def test_user_in_the_way_of_a_post_is_found_by_its_name(provider: Provider) -> None:
    ada = provider.create("ada")
    assert provider.send("POST", "/Users", {"schemas": [USER], "userName": "ADA"}).status_code == 409
    assert [user["id"] for user in read(provider, '/Users?filter=userName eq "ADA"')["Resources"]] == [ada["id"]]


def test_empty_extension_is_not_shown(provider: Provider) -> None:
    bob = provider.create("bob", **{LAB: {}})
    ada = provider.create("ada", **{LAB: {"division": "A"}})
    cleared = body_of(patch(provider, f"/Users/{ada['id']}", operation("remove", f"{LAB}:division")))
    for user in (bob, cleared):
        assert LAB not in user
        assert user["schemas"] == [USER]
