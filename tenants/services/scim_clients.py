"""SCIM clients: an identity provider's connection into the bound tenant."""

from django.db import IntegrityError, transaction

from audit.actions import Action
from audit.actors import Origin
from audit.services import Event, Target, record_event
from labsninja.kernel.isolation import tenant_scope
from tenants import TenantsError
from tenants.models import Role, ScimClient
from tenants.services.roles import check_role


class ScimClientNameError(TenantsError):
    """The tenant has a SCIM client of this name."""


def create_scim_client(*, name: str, kind: ScimClient.Kind, origin: Origin) -> ScimClient:
    """A new SCIM client of the bound tenant, without tokens yet. Raises ScimClientNameError when the name is taken."""
    with tenant_scope() as scope:
        check_role(origin=origin, least=Role.ADMIN)
        client = ScimClient(name=name, kind=kind)
        try:
            with transaction.atomic(using=scope.alias):
                client.save(force_insert=True)
        except IntegrityError as error:
            raise ScimClientNameError(f"a SCIM client named {name!r} exists") from error
        event = Event(Action.CLIENT_CREATED, Target("ScimClient", str(client.id), name), details={"kind": kind})
        record_event(event=event, origin=origin)
    return client
