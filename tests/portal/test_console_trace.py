"""The trace of a request: every step as it was, the failed one with its cause, nothing claimed that is not known."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from scim.protocol import urns
from scim.protocol.schemas import BUILT_IN
from scim.queries.requests import RequestFilter, RequestRow, list_requests
from scim.queries.rereading import Reread, reread_request
from scim.queries.traces import Evidence, Place, State, find_failure, list_steps, trace_request
from scim.services.request_entries import RequestEntry, make_row
from tenants.services.client_options import change_client_options
from tests.portal.provisioning import Provider, hold_people

pytestmark = pytest.mark.usefixtures("database")


def _trace(provider: Provider) -> dict[str, Any]:
    """The newest request's steps by their names."""
    provider.flush()
    with tenant_context(provider.tenant_id):
        row = list_requests(wanted=RequestFilter()).rows[0]
        return {step.place: step for step in trace_request(row=row)}


def _states(steps: dict[str, Any]) -> list[str]:
    return [str(step.state) for step in steps.values()]


def test_change_is_told_from_the_token_to_the_feed(okta: Provider) -> None:
    okta.send("post", "/Users", {"schemas": [urns.USER], "userName": "ada@example.test", "active": "False"})
    steps = _trace(okta)
    assert list(steps) == list(Place)
    assert _states(steps) == [*["passed"] * 5, "nothing to do", "passed", "passed", "waiting"]
    assert "lnj_ls_" in steps[Place.AUTHENTICATION].told
    assert "scim:read, scim:write" in steps[Place.SCOPE].told
    (rule,) = steps[Place.DIALECT].applied
    assert (rule.code, rule.where, rule.sent, rule.read) == ("W_BOOL_STRING", "active", '"False"', "false")
    assert "Version 1" in steps[Place.CHANGE].told


def test_patch_tells_what_a_rule_made_of_it_and_a_repetition_changes_nothing(okta: Provider) -> None:
    user_id = okta.add_user("ada@example.test", active=True)
    for told, state in (("Version 2", State.PASSED), ("no new version", State.NOTHING)):
        okta.replace(user_id, "active", "False")
        steps = _trace(okta)
        assert [(rule.where, rule.read) for rule in steps[Place.DIALECT].applied] == [("active", "false")]
        assert told in steps[Place.CHANGE].told
        assert steps[Place.CHANGE].state is state
        assert steps[Place.MATCH].state is State.PASSED


@pytest.mark.parametrize(
    ("method", "path", "body", "place", "told"),
    [
        ("get", "/Users/{id}x", None, Place.MATCH, "no such resource"),
        ("get", "/Nothing", None, Place.PARSING, ""),
        ("get", "/Users?filter=userName+eq", None, Place.PARSING, ""),
        ("post", "/Users", {"schemas": [urns.USER], "userName": "ada@example.test"}, Place.VALIDATION, "userName"),
        ("post", "/Users", {"schemas": [urns.USER], "active": 5, "userName": "b"}, Place.VALIDATION, "active"),
        ("patch", "/Users/{id}", {"schemas": ["x"], "Operations": []}, Place.PARSING, "peration"),
        (
            "patch",
            "/Users/{id}",
            {"Operations": [{"op": "replace", "path": "id", "value": "x"}]},
            Place.VALIDATION,
            "id",
        ),
    ],
    ids=["unknown-id", "unknown-place", "filter", "taken", "wrong-type", "no-operations", "read-only"],
)
def test_refusal_stands_at_its_step(okta: Provider, method: str, path: str, body: Any, place: Place, told: str) -> None:
    user_id = okta.add_user("ada@example.test")
    assert okta.send(method, path.replace("{id}", user_id), body).status_code >= 400
    steps = _trace(okta)
    before, after = list(Place)[: list(Place).index(place)], list(Place)[list(Place).index(place) + 1 :]
    assert steps[place].state is State.FAILED
    assert told in steps[place].told
    assert {steps[each].state for each in before} <= {State.PASSED, State.NOTHING}
    assert {steps[each].state for each in after} <= {State.SKIPPED}


def test_strict_client_is_refused_by_the_rule(okta: Provider) -> None:
    with tenant_context(okta.tenant_id):
        change_client_options(client_name="Okta", options={"strict": True}, origin=system_origin("test"))
    okta.send("post", "/Users", {"schemas": [urns.USER], "userName": "ada@example.test", "active": "False"})
    steps = _trace(okta)
    assert steps[Place.DIALECT].state is State.FAILED
    assert "A boolean came as text" in steps[Place.DIALECT].told


def test_rule_in_a_patch_of_a_group_is_found_in_its_document(okta: Provider) -> None:
    lab = okta.add_group("Lab", okta.add_user("ada@example.test"))
    okta.patch(f"/Groups/{lab}", {"op": "replace", "value": {"displayName": "Library", "color": "red"}})
    steps = _trace(okta)
    assert [(rule.code, rule.where) for rule in steps[Place.DIALECT].applied] == [("W_UNKNOWN_ATTR", "color")]
    assert steps[Place.CHANGE].state is State.PASSED


def test_departure_that_is_held_back_waits(okta: Provider) -> None:
    hold_people(okta, number=7)
    assert "Held back" in _trace(okta)[Place.FEED].told


def _row(**values: Any) -> RequestRow:
    entry = RequestEntry(
        at=system_origin("test").at, tenant_id=uuid4(), request_id="r", method="POST", path="/scim/v2/Users",
        status=400, duration_us=1, scim_client_id=uuid4(), token_prefix="lnj_ls_abc", resource_type="User",
    )  # fmt: skip
    return replace(make_row(entry=entry), **values)


def test_what_nothing_tells_is_not_recorded() -> None:
    cut = _row(request_body='{"userName":"ada... [99999 bytes]', scim_type="invalidValue", detail="active: no boolean")
    assert find_failure(row=cut, reread=Reread(is_whole=False)) is None
    states = {step.place: step.state for step in list_steps(evidence=Evidence(cut))}
    assert states.pop(Place.AUTHENTICATION) is State.PASSED
    assert states.pop(Place.SCOPE) is states.pop(Place.RATE_LIMIT) is State.PASSED  # all refusals of values are later
    assert set(states.values()) == {State.UNKNOWN}
    broken = list_steps(evidence=Evidence(_row(status=500)))
    assert {step.state for step in broken[1:]} == {State.UNKNOWN}


def test_only_rules_that_the_log_names_are_shown() -> None:
    kind = BUILT_IN.at_endpoint("/Users")
    body = '{"userName": "ada", "active": "True", "shoe": 9}'
    row = _row(status=201, request_body=body, warnings=("W_BOOL_STRING", "W_ROLE_JSON"))
    applied = reread_request(row=row, resource_type=kind, before=None).applied
    assert [(rule.code, rule.where) for rule in applied] == [("W_BOOL_STRING", "active"), ("W_ROLE_JSON", "")]


@pytest.mark.parametrize(
    ("status", "detail", "place"),
    [
        (401, "The bearer token is not valid.", Place.AUTHENTICATION),
        (403, "The tenant of this token is suspended.", Place.AUTHENTICATION),
        (403, "The token lacks the scope scim:write.", Place.SCOPE),
        (403, "Groups are disabled for this SCIM client.", Place.PARSING),
        (429, "Too many requests: try again in 3 s.", Place.RATE_LIMIT),
        (413, "", Place.PARSING),
        (409, "", Place.VALIDATION),
        (412, "", Place.MATCH),
        (501, "", Place.MATCH),
        (200, "", None),
        (503, "", None),
    ],
)
def test_status_and_words_tell_the_step(status: int, detail: str, place: Place | None) -> None:
    assert find_failure(row=_row(status=status, detail=detail), reread=Reread(is_whole=True)) is place


def test_bulk_claims_nothing_of_its_operations(okta: Provider) -> None:
    operation = {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "ada@example.test"}}
    assert okta.send("post", "/Bulk", {"schemas": [urns.BULK_REQUEST], "Operations": [operation]}).status_code == 200
    steps = _trace(okta)
    assert {steps[place].state for place in (Place.MATCH, Place.CHANGE, Place.FEED)} == {State.UNKNOWN}
