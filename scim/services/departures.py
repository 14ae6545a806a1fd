"""People who leave and who come back, as the breaker sees them: noted in the transaction of the write itself.

On the wire nothing is different: what a SCIM client writes is accepted and read as it was written.
"""

from uuid import UUID

from audit.actors import ActorKind, Origin
from scim.protocol.json_input import JsonObject
from scim.services.history import Deed
from scim.store.departures import Departure, count_departure, settle_return


def note_departure(*, deed: Deed, origin: Origin, scim_client_id: UUID | None = None) -> None:
    """Note what a write of a User means, if it means anything: operators who deactivate people are not counted.

    Call it last in the transaction.
    """
    resource = deed.resource
    if resource.resource_type != "User":
        return
    was, stays = is_active(document=deed.before), is_active(document=deed.after)
    if stays and not was and deed.kind != "created":
        settle_return(resource_id=resource.id, at=origin.at, by=origin.actor.label)
    is_gone = deed.after is None
    if (is_gone or (was and not stays)) and origin.actor.kind == ActorKind.SCIM_CLIENT:
        kind = "deletion" if is_gone else "deactivation"
        departure = Departure(resource.id, kind, resource.version, was, scim_client_id, origin.request_id, origin.at)
        count_departure(departure)


def is_active(*, document: JsonObject | None) -> bool:
    """Whether a document is that of an active person; whoever says nothing is."""
    return document is not None and document.get("active") is not False
