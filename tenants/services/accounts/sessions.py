"""A person's sessions: begun, confirmed by a second factor, stepped up for what is dangerous, listed, ended."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.actions import Action
from audit.actors import Origin
from audit.notices import Kind
from tenants.realms import REALMS, STEP_UP_LASTS, UNKNOWN_LASTS, Realm
from tenants.services.accounts.scopes import make_actor, open_account_scope, record_act
from tenants.services.accounts.session_store import RealmSession
from tenants.services.accounts.throttling import clear_attempts, prune_attempts, release_network
from tenants.services.notifications import Message, queue_message


def begin_session(*, session: RealmSession, person: Any, factor: str, is_complete: bool, origin: Origin) -> None:
    """Put `person` into the session under a new key. `factor` names what was shown, as in password or passkey.

    Unless `is_complete` a second factor is still asked for, and nobody counts as signed in.
    """
    values = {
        "person_id": person.id,
        "confirmed_at": origin.at if is_complete else None,
        "stepped_up_at": origin.at if is_complete else None,
        "expires_at": origin.at + (session.realm.absolute if is_complete else UNKNOWN_LASTS),
        "seen_at": origin.at,
        "tenant_id": None,
    }
    _renew(session, person, values, factor if is_complete else "", origin)


def confirm_session(*, session: RealmSession, person: Any, factor: str, origin: Origin) -> None:
    """The second factor was right: the person is signed in."""
    values = {
        "confirmed_at": origin.at,
        "stepped_up_at": origin.at,
        "expires_at": origin.at + session.realm.absolute,
        "seen_at": origin.at,
    }
    _renew(session, person, values, factor, origin)


def confirm_step_up(*, session: RealmSession, person: Any, factor: str, origin: Origin) -> None:
    """For five minutes the session may do what is dangerous."""
    with open_account_scope(realm=session.realm, origin=origin, reason="confirm who is there") as scope:
        session.renew({"stepped_up_at": origin.at})
        release_network(scope=scope, realm=session.realm, origin=origin)
        clear_attempts(scope=scope, realm=session.realm, account=person.email, origin=origin)
        record_act(action=Action.SESSION_STEPPED_UP, person=person, origin=origin, details={"factor": factor})


def is_stepped_up(*, row: Any, now: datetime) -> bool:
    """Whether the person has shown within five minutes who they are."""
    return row.stepped_up_at is not None and row.stepped_up_at + STEP_UP_LASTS > now


def end_session(*, session: RealmSession, origin: Origin) -> None:
    """Sign out here."""
    person = session.row.person if session.row is not None else None
    with open_account_scope(realm=session.realm, origin=origin, reason="sign out"):
        session.flush()
        if person is not None:
            record_act(action=Action.SESSION_ENDED, person=person, origin=origin, details={"ended": 1})


def end_sessions(
    *, realm: Realm, person: Any, origin: Origin, only: UUID | None = None, keep: UUID | None = None
) -> int:
    """End the session `only`, or all of the person's but `keep`. Gives how many."""
    with open_account_scope(realm=realm, origin=origin, reason="end sessions"):
        chosen = realm.session.objects.filter(person_id=person.id).exclude(id=keep)
        ended: int = (chosen.filter(id=only) if only else chosen).delete()[0]
        if ended:
            record_act(action=Action.SESSION_ENDED, person=person, origin=origin, details={"ended": ended})
    return ended


def list_sessions(*, realm: Realm, person: Any, now: datetime) -> Sequence[Any]:
    """The person's live sessions, the one seen last first."""
    alive = {"expires_at__gt": now, "seen_at__gt": now - realm.idle, "confirmed_at__isnull": False}
    return list(realm.session.objects.filter(person_id=person.id, **alive).order_by("-seen_at"))


def sweep_sessions(*, now: datetime, origin: Origin) -> int:
    """Delete what has ended, in all realms, and forget old attempts. Gives how many sessions."""
    swept = 0
    for realm in REALMS.values():
        with open_account_scope(realm=realm, origin=origin, reason="sweep sessions that have ended"):
            swept += realm.session.objects.filter(expires_at__lte=now).delete()[0]
            swept += realm.session.objects.filter(seen_at__lte=now - max(realm.idle, UNKNOWN_LASTS)).delete()[0]
    with open_account_scope(realm=REALMS["console"], origin=origin, reason="") as scope:
        prune_attempts(scope=scope, now=now)
    return swept


def name_device(*, user_agent: str) -> str:
    """Browser and system in a few words, for a list of sessions; the whole text tells more to nobody."""
    browsers = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {"Android": "Android", "iPhone": "iPhone", "Windows": "Windows", "Mac OS": "macOS", "Linux": "Linux"}
    browser = next((name for mark, name in browsers.items() if mark in user_agent), "A browser")
    system = next((name for mark, name in systems.items() if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


def _renew(session: RealmSession, person: Any, values: dict[str, Any], factor: str, origin: Origin) -> None:
    """`factor` is empty for the first half of a sign-in, which is no event yet."""
    acting = replace(origin, actor=make_actor(realm=session.realm, person=person))
    with open_account_scope(realm=session.realm, origin=acting, reason="sign in") as scope:
        session.renew(values)
        release_network(scope=scope, realm=session.realm, origin=origin)
        if factor:
            is_known = clear_attempts(scope=scope, realm=session.realm, account=person.email, origin=origin)
            if not is_known and person.last_login is not None:
                _tell_of_new_place(session.realm, person, origin)
            session.realm.person.objects.filter(id=person.id).update(last_login=origin.at)
            record_act(action=Action.SESSION_STARTED, person=person, origin=acting, details={"factor": factor})
    session.row.person = person


def _tell_of_new_place(realm: Realm, person: Any, origin: Origin) -> None:
    details = {"address": origin.address, "device": name_device(user_agent=origin.user_agent)}
    key = f"new device:{person.id}:{origin.request_id}"
    queue_message(realm=realm, message=Message(Kind.NEW_DEVICE, person.email, key, person, details))
