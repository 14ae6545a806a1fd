"""Warnings before a token expires: at 30, 7 and 1 days, once each."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from audit.queries import list_events_of
from labsninja.kernel.isolation import NoTenantBoundError, current_tenant, tenant_context
from tenants.models import ClientToken, Role
from tenants.queries import list_ending_tokens
from tenants.realms import CONSOLE
from tenants.services.accounts.memberships import add_member
from tenants.services.tokens import revoke_token, rotate_token, warn_of_expiry
from tenants.tasks import warn_of_expiring_token
from tests.tenants.conftest import Issue, origin_at
from tests.tenants.people import make_person

DAY = timedelta(days=1)


def _warn(token: ClientToken, *, left: timedelta) -> bool:
    return warn_of_expiry(token_id=token.id, origin=origin_at(token.expires_at - left))


def _warned_days(token: ClientToken) -> list[int]:
    told = [event for event in list_events_of(target_id=token.id) if event.action == "tenants.token.warned"]
    return [json.loads(event.canonical)["details"]["days"] for event in told]


def test_token_is_warned_of_once_per_threshold(issue: Issue) -> None:
    token = issue().token
    written = [_warn(token, left=days * DAY) for days in (31, 30, 30, 29, 8, 7, 6, 2, 1, 0.5, 0.01)]
    assert _warned_days(token) == [30, 7, 1]
    assert written.count(True) == 3


def test_threshold_that_was_slept_through_is_not_told_afterwards(issue: Issue) -> None:
    token = issue().token
    _warn(token, left=0.5 * DAY)
    _warn(token, left=0.1 * DAY)
    assert _warned_days(token) == [1]


def test_warning_goes_by_e_mail_to_who_can_rotate_the_token(issue: Issue) -> None:
    token, origin = issue().token, origin_at()
    people = {role: make_person(CONSOLE) for role in Role}
    for role, person in people.items():
        add_member(realm=CONSOLE, person=person, role=role, origin=origin, is_accepted=True)
    add_member(realm=CONSOLE, person=make_person(CONSOLE), role=Role.OWNER, origin=origin)  # has not accepted
    _warn(token, left=DAY)
    rows = CONSOLE.notification.objects.filter(dedupe_key__startswith=f"token:{token.id}:1")
    assert {row.email for row in rows} == {people[Role.OWNER].email, people[Role.ADMIN].email}
    assert {row.details["prefix"] for row in rows} == {token.prefix}


@pytest.mark.parametrize("left", [31 * DAY, timedelta(0), -DAY], ids=str)
def test_token_far_from_its_end_or_past_it_is_not_warned_of(issue: Issue, left: timedelta) -> None:
    assert not _warn(issue().token, left=left)


def test_token_that_ends_on_purpose_is_not_warned_of(issue: Issue) -> None:
    revoked, rotated = issue().token, issue().token
    revoke_token(prefix=revoked.prefix, origin=origin_at())
    rotate_token(prefix=rotated.prefix, origin=origin_at())
    assert not _warn(revoked, left=DAY)
    assert not _warn(rotated, left=DAY)


def test_ending_tokens_are_those_of_all_tenants_that_end_before_the_moment(issue: Issue) -> None:
    now = datetime.now(UTC)
    soon, later, rotated = issue(at=now, lifetime=DAY), issue(at=now, lifetime=40 * DAY), issue(at=now)
    rotate_token(prefix=rotated.token.prefix, origin=origin_at(now), overlap=DAY)
    with tenant_context():
        found = {ending.token_id: ending for ending in list_ending_tokens(before=now + 30 * DAY)}
    assert later.token.id not in found
    assert (found[soon.token.id].ends_at, found[soon.token.id].is_rotated) == (now + DAY, False)
    assert (found[rotated.token.id].ends_at, found[rotated.token.id].is_rotated) == (now + DAY, True)


def test_task_warns_for_the_tenant_it_is_given_and_leaves_none_bound(issue: Issue) -> None:
    token = issue(lifetime=DAY).token
    with tenant_context():
        first = warn_of_expiring_token(str(token.tenant_id), str(token.id))
        doubled = warn_of_expiring_token(str(token.tenant_id), str(token.id))
        with pytest.raises(NoTenantBoundError):
            current_tenant()
    assert (first, doubled) == (True, False)
    assert _warned_days(token) == [1]
