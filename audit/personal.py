"""Personal values of events (ADR 19): what an event tells of a person stands in its text as a salted digest alone.

The values themselves are a text of their own, sealed under the person's key beside the event. While the key lives,
readers get them back; destroying it erases them, and every proof of the event stands.
"""

import json
import logging
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from audit.canonical import write_canonical
from audit.models import AuditEvent, Values
from audit.subject_keys import load_subject_keys, take_subject_key
from labsninja.kernel.isolation import current_scope
from labsninja.kernel.secrets import SecretError
from labsninja.kernel.secrets.data_keys import OpenKey
from labsninja.kernel.secrets.sealing import Place, read_key_id, seal, unseal

# Attributes of a person whose values are facts of the account, not of the person. Everything else is personal.
NOT_PERSONAL = frozenset({"active", "userType"})
SALT_BYTES = 32
Change = Mapping[str, Any]
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Personal:
    """The personal part of one event as text, its salt included, so that its digest tells nothing to who guesses."""

    text: str

    @property
    def digest(self) -> str:
        """SHA-256 as hex: what the event's own text says of it."""
        return sha256(self.text.encode()).hexdigest()


def set_apart(*, display: str, changes: Sequence[Change]) -> tuple[list[Change], Personal]:
    """Changes with the values of personal attributes taken out, and what was taken out with the person's name."""
    apart = [change for change in changes if change["path"] not in NOT_PERSONAL]
    text = {"changes": [dict(change) for change in apart], "display": display, "salt": secrets.token_hex(SALT_BYTES)}
    kept = [change if change["path"] in NOT_PERSONAL else {"path": change["path"]} for change in changes]
    return kept, Personal(write_canonical(text))


def seal_personal(*, personal: Personal, subject_id: str, event_id: UUID) -> bytes:
    """The text under the person's key, for this one event."""
    key = take_subject_key(subject_id=subject_id)
    return seal(key=key.key, key_id=key.id, place=_place(event_id), plaintext=personal.text.encode())


def open_events(events: Sequence[AuditEvent]) -> None:
    """Give events of the bound tenant their personal values back where the person's key lives. In the open scope."""
    sealed = [event for event in events if event.personal is not None]
    keys, damaged = _load_keys({event.target_id for event in sealed})
    for event in sealed:
        event.values, event.opened = _open(event, keys)
        if event.values is Values.ERASED and event.target_id in damaged:
            event.values = Values.DAMAGED
        if event.opened:
            event.target_display = json.loads(event.opened)["display"]


def tell_event(event: AuditEvent) -> dict[str, Any]:
    """The event as its text tells it, with the values that open_events has given back where they were taken out."""
    whole: dict[str, Any] = json.loads(event.canonical)
    if event.opened:
        personal = json.loads(event.opened)
        values = {change["path"]: change for change in personal["changes"]}
        whole["target"]["display"] = personal["display"]
        whole["changes"] = [values.get(change["path"], change) for change in whole["changes"]]
    return whole


def _load_keys(subject_ids: Collection[str]) -> tuple[Mapping[UUID, OpenKey], set[str]]:
    """Those that open, and the persons with one that does not: it hides their own values alone."""
    try:
        return load_subject_keys(subject_ids=subject_ids), set()
    except SecretError:
        found: dict[UUID, OpenKey] = {}
        damaged = set()
        for subject_id in subject_ids:
            try:
                found.update(load_subject_keys(subject_ids=[subject_id]))
            except SecretError as error:
                logger.warning("audit: a key of subject %s does not open: %s", subject_id, error)
                damaged.add(subject_id)
        return found, damaged


def _open(event: AuditEvent, keys: Mapping[UUID, OpenKey]) -> tuple[Values, str]:
    ciphertext = bytes(event.personal or b"")
    try:
        key = keys.get(read_key_id(ciphertext=ciphertext))
        if key is None:
            return Values.ERASED, ""
        text = unseal(key=key.key, place=_place(event.id), ciphertext=ciphertext).decode()
    except SecretError as error:
        logger.warning("audit: personal values of event %s do not open: %s", event.id, error)
        return Values.DAMAGED, ""
    is_genuine = Personal(text).digest == json.loads(event.canonical).get("personal")
    return (Values.SHOWN, text) if is_genuine else (Values.DAMAGED, "")


def _place(event_id: UUID) -> Place:
    return Place(current_scope().tenant_id, "audit_event", "personal", str(event_id))
