"""Passkeys (WebAuthn): registered, used, named, removed. What an authenticator signed is checked by py_webauthn.

A challenge lives in the person's session and is used once. `Site` is where the browser stands: a passkey of one host is
none of another's. User verification is required, so that a passkey alone is two factors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import webauthn
from django.db import IntegrityError, transaction
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from audit.actions import Action
from audit.actors import Origin
from tenants import TenantsError
from tenants.realms import Realm
from tenants.services.accounts.scopes import open_account_scope, record_act

MOST = 10
LONGEST_NAME = 60
NAME = "LabsNinja"


class PasskeyRefusedError(TenantsError):
    """What the browser sent does not prove possession of a passkey of ours."""


@dataclass(frozen=True)
class Site:
    """`rp_id` is the host, `origin` scheme, host and port, as the browser knows them."""

    rp_id: str
    origin: str


def open_registration(*, realm: Realm, person: Any, site: Site) -> tuple[str, Mapping[str, Any]]:
    """Challenge (base64url) and what `navigator.credentials.create` is given."""
    known = [
        PublicKeyCredentialDescriptor(id=bytes(row.credential)) for row in list_passkeys(realm=realm, person=person)
    ]
    options = webauthn.generate_registration_options(
        rp_id=site.rp_id,
        rp_name=NAME,
        user_id=person.id.bytes,
        user_name=person.email,
        user_display_name=person.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=known,
    )
    return bytes_to_base64url(options.challenge), options_to_json_dict(options)


def add_passkey(
    *, realm: Realm, person: Any, name: str, answer: str, challenge: str, site: Site, origin: Origin
) -> Any:
    """Keep a new passkey; `answer` is the browser's JSON. Raises PasskeyRefusedError."""
    if realm.passkey.objects.filter(person_id=person.id).count() >= MOST:
        raise PasskeyRefusedError(f"You have {MOST} passkeys already: remove one first.")
    try:
        _require_challenge(challenge)
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefusedError("The browser's answer does not make a passkey. Try again.") from error
    passkey = realm.passkey(
        person_id=person.id,
        name=name[:LONGEST_NAME] or "Passkey",
        credential=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
    )
    with open_account_scope(realm=realm, origin=origin, reason="add a passkey") as scope:
        try:
            with transaction.atomic(using=scope.alias):
                passkey.save(force_insert=True)
        except IntegrityError as error:
            raise PasskeyRefusedError("This passkey is in use already.") from error
        record_act(action=Action.PASSKEY_ADDED, person=person, origin=origin, details={"name": passkey.name})
    return passkey


def open_assertion(*, realm: Realm, person: Any | None, site: Site) -> tuple[str, Mapping[str, Any]]:
    """Challenge and what `navigator.credentials.get` is given; without a person any passkey of this site may answer."""
    known = list_passkeys(realm=realm, person=person) if person is not None else []
    options = webauthn.generate_authentication_options(
        rp_id=site.rp_id,
        allow_credentials=[PublicKeyCredentialDescriptor(id=bytes(row.credential)) for row in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return bytes_to_base64url(options.challenge), options_to_json_dict(options)


def use_passkey(*, realm: Realm, answer: str, challenge: str, site: Site, origin: Origin) -> Any:
    """The person whose passkey signed `challenge`. Raises PasskeyRefusedError."""
    refusal = "This passkey does not open an account here."
    try:
        _require_challenge(challenge)
        parsed = webauthn.helpers.parse_authentication_credential_json(answer)
        passkey = realm.passkey.objects.select_related("person").filter(credential=parsed.raw_id).first()
        if passkey is None or not passkey.person.is_active:
            raise PasskeyRefusedError(refusal)
        found = webauthn.verify_authentication_response(
            credential=parsed,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefusedError(refusal) from error
    same = realm.passkey.objects.filter(id=passkey.id, sign_count=passkey.sign_count)
    if not same.update(sign_count=found.new_sign_count, used_at=origin.at):
        raise PasskeyRefusedError(refusal)  # its count was used meanwhile
    return passkey.person


def _require_challenge(challenge: str) -> None:
    """An answer to nothing proves nothing: the session asked nobody, or has been answered."""
    if not challenge:
        raise PasskeyRefusedError("This answer came too late. Try again.")


def remove_passkey(*, realm: Realm, person: Any, passkey_id: UUID, origin: Origin) -> None:
    """Forget one of the person's passkeys; one that is gone already is no error."""
    with open_account_scope(realm=realm, origin=origin, reason="remove a passkey"):
        found = realm.passkey.objects.filter(person_id=person.id, id=passkey_id).first()
        if found is not None:
            found.delete()
            record_act(action=Action.PASSKEY_REMOVED, person=person, origin=origin, details={"name": found.name})


def list_passkeys(*, realm: Realm, person: Any) -> Sequence[Any]:
    """The person's passkeys, oldest first."""
    return list(realm.passkey.objects.filter(person_id=person.id).order_by("created_at"))
