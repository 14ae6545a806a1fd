"""A process serves the surfaces that it is told to: the admin stands apart, and the others know the way there."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.labsninja.processes import served

WITHOUT_PLATFORM = {"PLATFORM_DATABASE_URL": ""}


@pytest.fixture(scope="module")
def web(migrated_database: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The web process of a deployment: it does not hold the platform's role."""
    log = tmp_path_factory.mktemp("web") / "log"
    with served(log=log, LABSNINJA_SURFACES="public,scim,console,portal", **WITHOUT_PLATFORM) as client:
        yield client


@pytest.fixture(scope="module")
def admin(migrated_database: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The process of the admin."""
    with served(log=Path(tmp_path_factory.mktemp("admin") / "log"), LABSNINJA_SURFACES="admin") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/console/sign-in", 200), ("/portal/sign-in", 200), ("/scim/v2/Users", 401), ("/console", 302)],
)
def test_web_process_serves_all_but_the_admin(web: httpx.Client, path: str, status: int) -> None:
    assert web.get(path).status_code == status


@pytest.mark.parametrize("path", ["/admin", "/admin/", "/admin/sign-in"])
def test_web_process_tells_the_way_to_the_admin(web: httpx.Client, path: str) -> None:
    answer = web.get(path)
    where = httpx.URL(answer.headers["Location"])
    assert (answer.status_code, where.host, where.port) == (302, "127.0.0.1", (web.base_url.port or 0) + 1)
    assert where.path.startswith("/admin/")


@pytest.mark.parametrize(
    ("path", "status"),
    [("/admin/sign-in", 200), ("/livez", 200), ("/console/sign-in", 404), ("/portal/", 404), ("/scim/v2/Users", 404)],
)
def test_process_of_the_admin_serves_the_admin_alone(admin: httpx.Client, path: str, status: int) -> None:
    assert admin.get(path).status_code == status
