"""A token that calls too fast gets 429 with whole seconds to wait (tolerance T53)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIRequestFactory

from labsninja.kernel.isolation import tenant_context
from scim.api.exceptions import answer_with_scim_error
from scim.api.throttling import PlanThrottle, TooManyRequestsError
from scim.api.views.resources import ResourcesView
from scim.protocol import urns
from tenants.plans import Plan, PlanRates, Rate
from tenants.services import rate_limits
from tenants.services.rate_limits import forget_shares
from tests.scim.conftest import Provider


class ThrottledView(ResourcesView):
    throttle_classes = (PlanThrottle,)


@pytest.fixture(autouse=True)
def slow_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan of three requests at once and one every five seconds."""
    forget_shares()
    monkeypatch.setattr(rate_limits, "RATES", {Plan.UNLIMITED: PlanRates(tenant=Rate(0.2, 3))})


def _get(provider: Provider) -> Any:
    token = {"Authorization": f"Bearer {provider.issued.text}"}
    request = APIRequestFactory().get("/scim/v2/Users", headers=token)
    request.META["labsninja.request_id"] = "r1"
    with tenant_context():
        return ThrottledView.as_view()(request, endpoint="Users").render()


def test_fourth_request_is_refused_with_a_scim_error(provider: Provider) -> None:
    answers = [_get(provider) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    body = json.loads(answers[-1].content)
    assert (body["status"], body["schemas"]) == ("429", ["urn:ietf:params:scim:api:messages:2.0:Error"])


def test_bulk_is_one_request_whatever_it_holds(provider: Provider) -> None:
    names = iter(range(30))
    statuses = [provider.send("POST", "/Bulk", _bulk_of_users(names, 5)).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


def _bulk_of_users(names: Iterator[int], count: int) -> dict[str, Any]:
    users = ({"schemas": [urns.USER], "userName": f"user-{next(names)}"} for _ in range(count))
    creations = [
        {"method": "POST", "path": "/Users", "bulkId": f"b{place}", "data": user} for place, user in enumerate(users)
    ]
    return {"schemas": [urns.BULK_REQUEST], "Operations": creations}


def test_refusal_knows_the_seconds_to_wait() -> None:
    assert TooManyRequestsError(5).retry_after == 5
    assert answer_with_scim_error(TooManyRequestsError(5), {}).status_code == 429
