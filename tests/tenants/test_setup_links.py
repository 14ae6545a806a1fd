"""Links to a set-up: how many, for how long, by whom, and what the table itself refuses."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError

from audit.actors import Actor, ActorKind, Origin
from audit.notices import Kind
from labsninja.kernel.isolation import tenant_context, tenant_scope
from tenants.models import ScimClient, SetupLink
from tenants.queries import list_setup_links
from tenants.realms import CONSOLE
from tenants.services.notifications import send_due_messages
from tenants.services.roles import RoleRefusedError
from tenants.services.setup_links import KEPT, MOST_OPEN, SetupLinkError, revoke_setup_link, share_setup
from tenants.services.setup_secrets import matches_secret, renew_secret
from tenants.services.setup_visits import VisitRefusedError, claim_link
from tenants.services.token_rows import UnknownTokenError
from tenants.services.tokens import SCOPES, issue_token
from tests.tenants.conftest import origin_at

DAY = timedelta(days=1)
COLUMNS = {"digest": b"x", "created_by": "test", "expires_at": datetime(2030, 1, 1, tzinfo=UTC)}


def test_table_refuses_a_link_that_is_half_opened_or_of_no_client(scim_client: ScimClient) -> None:
    half = {"scim_client_id": scim_client.id, "opened_at": datetime.now(UTC)}
    nobodys = {"scim_client_id": uuid4()}
    for values, name in ((half, "tenants_setup_link_opened_whole"), (nobodys, "tenants_setup_link_scim_client_id_fk")):
        with pytest.raises(IntegrityError, match=name), tenant_scope():
            SetupLink.objects.create(**COLUMNS, **values)


def test_links_are_good_for_a_few_days_and_not_without_number(scim_client: ScimClient) -> None:
    for days in (0, 2, 15, -1):
        with pytest.raises(SetupLinkError, match="1, 3, 7 or 14 days"):
            share_setup(client_id=scim_client.id, days=days, origin=origin_at())
    made = [share_setup(client_id=scim_client.id, days=1, origin=origin_at()).link for _ in range(MOST_OPEN)]
    with pytest.raises(SetupLinkError, match="revoke one first"):
        share_setup(client_id=scim_client.id, days=1, origin=origin_at())
    revoke_setup_link(client_id=scim_client.id, link_id=made[0].id, origin=origin_at())
    share_setup(client_id=scim_client.id, days=1, origin=origin_at())


def test_link_that_ended_long_ago_goes_when_the_next_is_made(scim_client: ScimClient) -> None:
    now = datetime.now(UTC)
    for days in (KEPT + 2 * DAY, 2 * DAY):
        share_setup(client_id=scim_client.id, days=1, origin=origin_at(now - days))
    share_setup(client_id=scim_client.id, days=1, origin=origin_at(now))
    assert [shown.state for shown in list_setup_links(client_id=scim_client.id)] == ["waiting", "expired"]


def test_client_or_link_that_is_not_the_tenants_is_not_there(
    scim_client: ScimClient, make_tenant: Callable[[], UUID]
) -> None:
    link = share_setup(client_id=scim_client.id, days=1, origin=origin_at()).link
    with tenant_context(make_tenant()):
        with pytest.raises(UnknownTokenError):
            share_setup(client_id=scim_client.id, days=1, origin=origin_at())
        with pytest.raises(SetupLinkError):
            revoke_setup_link(client_id=scim_client.id, link_id=link.id, origin=origin_at())


def test_holder_of_a_link_may_do_nothing_that_asks_for_a_role(scim_client: ScimClient) -> None:
    holder = Origin(Actor(ActorKind.SETUP_LINK, str(uuid4()), "holder"), "setup")
    with pytest.raises(RoleRefusedError):
        issue_token(scim_client=scim_client, scopes=SCOPES, origin=holder)
    with pytest.raises(RoleRefusedError):
        share_setup(client_id=scim_client.id, days=1, origin=holder)


def test_secret_that_is_renewed_for_an_e_mail_replaces_the_one_before(scim_client: ScimClient) -> None:
    link, now = share_setup(client_id=scim_client.id, days=1, origin=origin_at()).link, datetime.now(UTC)
    first, second = (renew_secret(tenant_id=link.tenant_id, link_id=link.id, now=now) for _ in range(2))
    assert first
    assert second
    with tenant_scope():
        digest = SetupLink.objects.get(id=link.id).digest
    assert [matches_secret(secret=secret, digest=digest) for secret in (first, second)] == [False, True]
    with pytest.raises(VisitRefusedError):
        claim_link(link_id=link.id, secret=first, origin=origin_at())
    claim_link(link_id=link.id, secret=second, origin=origin_at())
    assert renew_secret(tenant_id=link.tenant_id, link_id=link.id, now=now) is None


def test_e_mail_of_a_link_that_ended_meanwhile_is_not_sent(scim_client: ScimClient) -> None:
    email = f"{uuid4().hex}@example.test"
    link = share_setup(client_id=scim_client.id, days=1, origin=origin_at(), email=email).link
    waiting = CONSOLE.notification.objects.filter(kind=Kind.SETUP_LINK, email=email)
    assert waiting.count() == 1
    revoke_setup_link(client_id=scim_client.id, link_id=link.id, origin=origin_at())
    with tenant_context():
        while send_due_messages(now=datetime.now(UTC) + DAY / 24, origin=origin_at()):
            pass
    assert waiting.count() == 0
