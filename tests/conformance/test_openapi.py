"""The published description is OpenAPI, tells of every route and of nothing else, and the API keeps to it."""

from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.urls import Resolver404, resolve
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import checks
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks as openapi_checks

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from scim.api import urls
from scim.api.views.base import NothingView
from scim.api.views.description import DescriptionView
from scim.description import list_operations
from scim.protocol.schemas import BUILT_IN
from tenants.services.authentication import forget_grants
from tenants.services.client_options import bind_client_user
from tests.scim.answers import body_of, create_group, read, refusal
from tests.scim.conftest import Provider
from tests.scim.defining import DEVICES, LAB, define, extend, post_device

pytestmark = [pytest.mark.capability("openapi")]

PATH = "/openapi.json"
HELD_AGAINST = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.response_headers_conformance,
]


@pytest.fixture(name="described")
def _described(provider: Provider) -> dict[str, Any]:
    """The description that a tenant with types of its own reads."""
    define(provider, *DEVICES)
    extend(provider)
    found: dict[str, Any] = read(provider, PATH)
    return found


def test_description_is_openapi_by_the_letter(described: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(described).validate()
    ids = [operation["operationId"] for path in described["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids)) > 30


def test_stranger_reads_what_is_built_in_and_a_tenant_its_own(described: dict[str, Any]) -> None:
    answer = Client().get(f"/scim/v2{PATH}")
    told = answer.json()
    assert "/Users" in told["paths"]
    assert "/Devices" not in told["paths"]
    assert "/Devices/{id}" in described["paths"]
    assert LAB in described["components"]["schemas"]["User"]["properties"]
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Content-Type"] == "application/json"


def test_description_that_one_has_is_not_sent_again(database: None) -> None:
    etag = Client().get(f"/scim/v2{PATH}").headers["ETag"]
    again = Client().get(f"/scim/v2{PATH}", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_every_operation_has_a_route_that_knows_its_method() -> None:
    for operation in list_operations(BUILT_IN.resource_types):
        path = operation.path.replace("{id}", "x").replace("{name}", "x")
        view = resolve(f"/scim/v2{path}").func.view_class  # type: ignore[attr-defined]  # every view here is of a class
        assert view is not NothingView, path
        assert hasattr(view, operation.method.lower()), operation.id


def test_every_route_is_described() -> None:
    described = {
        (resolve(f"/scim/v2{row.path.replace('{id}', 'x').replace('{name}', 'x')}").func, row.method.lower())
        for row in list_operations(BUILT_IN.resource_types)
    }
    told = {(view.view_class, method) for view, method in described}  # type: ignore[attr-defined]  # as above
    served = {
        (view, method)
        for view in (pattern.callback.view_class for pattern in urls.urlpatterns)  # type: ignore[attr-defined]  # as above
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(view, method) and view not in {NothingView, DescriptionView}
    }
    assert served == told


def test_address_beside_the_description_is_none() -> None:
    with pytest.raises(Resolver404):
        resolve("/scim/v3/openapi.json")


def test_description_can_only_be_read(provider: Provider) -> None:
    refusal(provider.send("POST", PATH, {}), 405)


def _check_operations(provider: Provider, described: dict[str, Any], examples: int) -> int:
    """Sends so many generated requests to each operation; gives how many answers were held against the description."""
    api = schemathesis.openapi.from_dict(described)
    api.app = get_wsgi_application()
    headers, held = {"Authorization": f"Bearer {provider.issued.text}"}, 0
    for operation in (found.ok() for found in api.get_all_operations() if isinstance(found, Ok)):

        @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def check(case: schemathesis.Case[Any]) -> None:
            nonlocal held
            case.call_and_validate(base_url="http://testserver/scim/v2", headers=headers, checks=HELD_AGAINST)
            held += 1

        check()
    return held


def _fill(provider: Provider) -> None:
    ada = provider.create("ada", emails=[{"value": "a@x.test"}], **{LAB: {"number": 7}})
    create_group(provider, "crew", ada["id"])
    body_of(post_device(provider, serial="a"), 201)
    with tenant_context(provider.tenant_id):
        name, origin = provider.scim_client.name, system_origin("test")
        bind_client_user(client_name=name, user_id=UUID(ada["id"]), origin=origin)
    forget_grants()


def test_answers_are_as_described(provider: Provider, described: dict[str, Any]) -> None:
    _fill(provider)
    assert _check_operations(provider, described, 12) >= 12 * 20


@pytest.mark.long
def test_very_many_answers_are_as_described(provider: Provider, described: dict[str, Any]) -> None:
    _fill(provider)
    assert _check_operations(provider, described, 300) >= 300 * 20
