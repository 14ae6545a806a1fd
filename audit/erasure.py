"""Erasing a person from the audit history: their keys go, and with them what events tell of them; every proof stands.

What is left are ids, times, actions and the names of changed attributes; of the words by which a search finds events,
those alone that say no more. Call it inside cross_tenant: destroying a key is the platform role's.
"""

from collections.abc import Sequence

from audit.actions import Action
from audit.actors import Origin
from audit.models import AuditEvent
from audit.reading.contents import Content, read_contents
from audit.reading.indexing import add_words, forget_words
from audit.services import Event, Target, record_event
from audit.subject_keys import destroy_subject_keys
from labsninja.kernel.isolation import tenant_scope


class NothingToEraseError(Exception):
    """The history holds no personal value of this subject that can still be read."""


def erase_subject(*, subject_id: str, origin: Origin) -> int:
    """Make personal values of the bound tenant's events about a subject unreadable for ever; gives how many keys went.

    The erasure is an event in the same transaction. A write that runs at this moment may seal its values under the key
    that goes: they are erased with it. Raises NothingToEraseError.
    """
    with tenant_scope() as scope:
        forget_words(scope=scope, contents=_read_contents(subject_id))
        destroyed = destroy_subject_keys(subject_id=subject_id)
        if not destroyed:
            raise NothingToEraseError(f"there are no personal values of {subject_id} in the audit history")
        event = Event(Action.SUBJECT_ERASED, Target("Subject", subject_id), details={"keys": destroyed})
        record_event(event=event, origin=origin)
        add_words(scope=scope, contents=_read_contents(subject_id))
    return destroyed


def _read_contents(subject_id: str) -> Sequence[Content]:
    return read_contents(list(AuditEvent.objects.filter(target_id=subject_id)))
