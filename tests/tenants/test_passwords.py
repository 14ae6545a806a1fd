"""Passwords: what is refused and why, and what changing one does."""

from typing import Any

import pytest

from tenants.realms import CONSOLE, PORTAL
from tenants.services.accounts.passwords import PasswordRefusedError, change_password, check_new_password
from tenants.services.accounts.sign_in import SignInRefusedError, Step, authenticate_by_password
from tests.tenants.people import PASSWORD, make_person, make_session, origin_of

pytestmark = pytest.mark.usefixtures("database")


def _sign_in(realm: Any, person: Any, *, password: str = PASSWORD) -> Any:
    session = make_session(realm)
    given = {"email": person.email, "password": password}
    return session, authenticate_by_password(session=session, origin=origin_of(realm), **given)


def _reload(session: Any) -> Any:
    again = make_session(session.realm, key=session.session_key)
    again.get("")
    return again


def test_new_password_ends_every_other_session() -> None:
    person = make_person(PORTAL)
    here, _ = _sign_in(PORTAL, person)
    there, _ = _sign_in(PORTAL, person)
    origin = origin_of(PORTAL, person)
    change_password(
        realm=PORTAL, person=person, password="a fresh and long one", keep_session=here.row.id, origin=origin
    )
    assert _reload(here).row is not None
    assert _reload(there).row is None
    assert _sign_in(PORTAL, person, password="a fresh and long one")[1] == Step.DONE


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("eleven char", "at least 12"),
        ("x" * 257, "at most 256"),
        ("1q2w3e4r5t6y", "too common"),
        ("ada.lovelace@example.test", "too similar"),
    ],
)
def test_password_that_is_easy_to_guess_is_refused(password: str, reason: str) -> None:
    person = CONSOLE.person(email="ada.lovelace@example.test", name="Ada")
    with pytest.raises(PasswordRefusedError, match=reason):
        check_new_password(password=password, person=person)


@pytest.mark.parametrize(
    "password", ["all lower case words", "\u00fcber die Br\u00fccke", "0123 4567 8901 23", "a" + " b" * 120]
)
def test_password_needs_no_composition_and_loses_nothing(password: str) -> None:
    person = make_person(CONSOLE)
    change_password(realm=CONSOLE, person=person, password=password, origin=origin_of(CONSOLE, person))
    assert _sign_in(CONSOLE, person, password=password)[1] == Step.DONE
    with pytest.raises(SignInRefusedError):
        _sign_in(CONSOLE, person, password=password[:-1])
