"""Where a tenant's alerts are sent by webhook: streams of notices, made and removed by its admins.

The stream itself is the audit app's (signed, repeated, in order), which knows no roles: they are asked for here.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from audit.actors import Origin
from audit.streams.records import Kind, Stream
from audit.streams.services import (
    NewStream,
    StreamError,
    create_stream,
    list_streams,
    remove_stream,
    resume_stream,
)
from labsninja.kernel.isolation import tenant_scope
from tenants import TenantsError
from tenants.models import Role
from tenants.services.roles import check_role

FORM: Final = "cloudevents"


class WebhookError(TenantsError):
    """The webhook cannot be, or is not there."""


class UnknownWebhookError(WebhookError):
    """The tenant has no such webhook."""


def list_alert_webhooks() -> Sequence[Stream]:
    """Those of the bound tenant."""
    return [stream for stream in list_streams() if stream.kind == Kind.NOTICES]


def add_alert_webhook(*, url: str, origin: Origin) -> NewStream:
    """From now on send alerts and other notices there; gives the secret that signs them, this once. Raises
    RoleRefusedError, WebhookError.
    """
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        try:
            return create_stream(url=url, kind=Kind.NOTICES, form=FORM, origin=origin)
        except StreamError as error:
            raise WebhookError(f"This address cannot be used: {error}.") from error


def resume_alert_webhook(*, stream_id: UUID, origin: Origin) -> None:
    """Send again what has waited since it stopped. Raises RoleRefusedError, WebhookError."""
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        _check(stream_id)
        resume_stream(stream_id=stream_id, origin=origin)


def remove_alert_webhook(*, stream_id: UUID, origin: Origin) -> None:
    """Send nothing there any more. Raises RoleRefusedError, WebhookError."""
    with tenant_scope():
        check_role(origin=origin, least=Role.ADMIN)
        _check(stream_id)
        remove_stream(stream_id=stream_id, origin=origin)


def _check(stream_id: UUID) -> None:
    if stream_id not in {stream.id for stream in list_alert_webhooks()}:
        raise UnknownWebhookError("There is no such webhook any more.")
