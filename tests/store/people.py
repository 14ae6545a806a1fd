"""People stored by the store's own statements, and what is left of them."""

from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat

from audit.actions import Action
from audit.actors import system_origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import current_scope, tenant_context, tenant_scope
from scim.store.changes import Step, append_change
from scim.store.resources import LookupColumns, StoredResource, insert_resource

LEFT = """
SELECT (SELECT count(*) FROM scim_resource), (SELECT count(*) FROM scim_change),
       (SELECT count(*) FROM audit_event WHERE action = 'scim.user.created')
"""


def insert_person(user_name: str) -> StoredResource:
    """A person, the change and the audit event that tell of them, in the open scope."""
    now = datetime.now(UTC)
    person = StoredResource(uuid_utils.compat.uuid7(), "User", f'{{"userName":"{user_name}"}}', 1, now, now)
    insert_resource(person, lookup=LookupColumns(user_name=user_name), scim_client_id=None)
    step = Step(person.id, "User", 1, "created", now, None, person.document)
    append_change(step, actor_id="test", request_id="test")
    event = Event(Action.USER_CREATED, Target("User", str(person.id), user_name))
    record_event(event=event, origin=system_origin("test"))
    return person


def insert_person_of(tenant_id: UUID, user_name: str) -> StoredResource:
    """The same, committed for a tenant."""
    with tenant_context(tenant_id), tenant_scope():
        return insert_person(user_name)


def count_live() -> int:
    """Live resources in the open scope."""
    cursor = current_scope().execute(
        "SELECT count(*) FROM scim_resource WHERE deleted_at IS NULL AND tenant_id = %s", [current_scope().tenant_id]
    )
    return int(cursor.fetchone()[0])


def count_left() -> tuple[int, int, int]:
    """People, changes and audit events of creations that the bound tenant has."""
    with tenant_scope() as scope:
        people, changes, events = scope.execute(LEFT, None).fetchone()
        return people, changes, events
