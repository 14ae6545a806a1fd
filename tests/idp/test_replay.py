"""Recorded conversations of identity providers, replayed against the web server, each in a directory of its own.

The project's own stand in tests/idp/cases; a collection that lies beside the project in ../shared/idp is played too.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from audit.actors import system_origin
from labsninja.kernel.isolation import cross_tenant
from tenants.models import Tenant
from tenants.plans import Plan
from tenants.services.tenants import change_plan
from tests.idp.conversation import ABSENT, Conversation, compare, look_up, meets
from tests.labsninja.processes import ROOT, served
from tests.scim.conftest import Provider

OWN = Path(__file__).parent / "cases"
BESIDE = ROOT.parent / "shared" / "idp"


def _read(folder: Path) -> list[Any]:
    """The cases of every file in a folder, by their id."""
    files = sorted(folder.glob("*.json"))
    cases = [case for file in files for case in json.loads(file.read_text())["cases"]]
    return [pytest.param(case, id=case["id"]) for case in cases]


CASES = [*_read(OWN), *_read(BESIDE)]


@pytest.fixture(scope="module")
def server(migrated_database: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The web server, a process of its own."""
    with served(log=tmp_path_factory.mktemp("web") / "log") as client:
        client.timeout = httpx.Timeout(60)
        yield client


def _limit(provider: Provider) -> str:
    """The token of a tenant whose plan has a limit."""
    origin = system_origin("test")
    with cross_tenant(reason="a plan for a test", actor=origin):
        slug = Tenant.objects.get(id=provider.tenant_id).slug
        change_plan(slug=slug, plan=Plan.FREE, origin=origin)
    return provider.issued.text


@pytest.mark.capability("tolerances")
@pytest.mark.parametrize("case", CASES)
def test_recorded_case_is_answered_as_its_identity_provider_needs(
    server: httpx.Client, make_provider: Callable[[], Provider], case: dict[str, Any]
) -> None:
    provider, text = make_provider(), json.dumps(case)
    known = {"token": provider.issued.text}
    if "{{read_token}}" in text:
        known["read_token"] = provider.holds(scopes=["scim:read"]).issued.text
    if "{{limited_token}}" in text:
        known["limited_token"] = _limit(make_provider())
    if "{{other_tenant.user_id}}" in text:
        known["other_tenant.user_id"] = make_provider().create("foreign@example.test")["id"]
    assert Conversation(server, known).play(case) == []


def test_cases_of_the_project_are_found() -> None:
    assert len(_read(OWN)) >= 10
    assert len({case.id for case in CASES}) == len(CASES)


DOCUMENT = {"emails": [{"type": "work", "value": "a"}, {"type": "home", "value": "b"}], "urn:x:y": {"on": True}, "n": 3}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.n", 3),
        ("$.emails[1].value", "b"),
        ("$.emails[?(@.type == 'home')].value", "b"),
        ("$['urn:x:y'].on", True),
        ("$.emails[2].value", ABSENT),
        ("$.emails[?(@.type == 'other')]", ABSENT),
        ("$.n.deeper", ABSENT),
    ],
)
def test_path_of_a_case_leads_to_the_value(path: str, found: Any) -> None:
    assert look_up(DOCUMENT, path) is found or look_up(DOCUMENT, path) == found


@pytest.mark.parametrize(
    ("found", "wanted", "is_met"),
    [
        ("a", "a", True),
        (1, True, False),
        (1, 1.0, False),
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"b": 2}, {"a": 1}, False),
        ([1, 2], [1], False),
        (ABSENT, {"$absent": True}, True),
        ("", {"$absent": True}, False),
        (True, {"$type": "integer"}, False),
        (True, {"$type": "boolean"}, True),
        (5, {"$gte": 5, "$lte": 4}, False),
        ([{"value": "a"}], {"$contains": {"value": "a"}}, True),
        ("an error", {"$contains": "error"}, True),
        ([], {"$contains": "a"}, False),
        (ABSENT, {"$len": 0}, True),
        ([1], {"$len": 2}, False),
        ("a", {"$any_of": ["b", "a"]}, True),
        ("a", {"$not": "a"}, False),
        ({"$ref": None}, {"$ref": None}, True),
    ],
)
def test_value_is_compared_as_the_case_says(found: Any, wanted: Any, is_met: bool) -> None:  # a column
    assert meets(found, wanted) is is_met


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ({"status": 201}, "status 200"),
        ({"status": [404, 409]}, "status 200"),
        ({"headers": {"ETag": "^W/"}}, "header ETag"),
        ({"headers": {"Content-Type": None}}, "header Content-Type"),
        ({"body_contains": {"$.n": 4}}, "$.n"),
    ],
)
def test_answer_that_differs_is_told(expected: dict[str, Any], told: str) -> None:
    answer = httpx.Response(200, json=DOCUMENT)
    assert [problem[: len(told)] for problem in compare(answer, expected)] == [told]
