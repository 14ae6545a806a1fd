"""A small directory in every tenant table, for tests of isolation."""

from datetime import UTC, datetime

import uuid_utils.compat

from audit.actors import system_origin
from labsninja.kernel.isolation import current_tenant, tenant_scope
from labsninja.kernel.secrets import encrypt_secret
from scim.store.changes import Step, append_change
from scim.store.resources import LookupColumns, StoredResource, insert_resource
from tenants.models import ScimClient
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token

PEOPLE = 20


def populate() -> None:
    """SCIM clients, tokens, people with their changes and a data key for the bound tenant."""
    origin = system_origin("test")
    for number in range(3):
        client = create_scim_client(name=f"client {number}", kind=ScimClient.Kind.CUSTOM, origin=origin)
        issue_token(scim_client=client, scopes=SCOPES, origin=origin)
    encrypt_secret(tenant_id=current_tenant(), table="test", column="secret", row="1", plaintext=b"secret")
    with tenant_scope():
        for number in range(PEOPLE):
            _insert_person(f"person{number}@example.test")


def _insert_person(user_name: str) -> None:
    now, document = datetime.now(UTC), f'{{"userName":"{user_name}"}}'
    person = StoredResource(uuid_utils.compat.uuid7(), "User", document, 1, now, now)
    insert_resource(person, lookup=LookupColumns(user_name=user_name), scim_client_id=None)
    step = Step(person.id, "User", 1, "created", now, None, document)
    append_change(step, actor_id="test", request_id="test")
