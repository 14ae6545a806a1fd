"""The form of a token and its digest.

`lnj_<environment><kind>_<12 look-up id><43 secret><6 checksum>`, base62. The checksum turns garbage away before any
database or key work; the secret has 256 bits, so a keyed hash suffices and no password hash is needed (ADR 0006).
The letter of the kind stands below checksum and digest: no credential passes for one of another kind (ADR 0013).
"""

import hmac
import re
import secrets
import string
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from tenants.models import ClientToken

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
LOOKUP_LENGTH, SECRET_LENGTH, CHECKSUM_LENGTH = 12, 43, 6
LETTERS = {ClientToken.Kind.BEARER: "s", ClientToken.Kind.SECRET: "c", ClientToken.Kind.ACCESS: "a"}
KINDS = {letter: kind for kind, letter in LETTERS.items()}
KIND_AT = len("lnj_l")
DRAWN_LENGTH = LOOKUP_LENGTH + SECRET_LENGTH
FORM = re.compile(rf"lnj_[lt][{''.join(KINDS)}]_[0-9A-Za-z]{{{DRAWN_LENGTH + CHECKSUM_LENGTH}}}", re.ASCII)
PREFIX_LENGTH = len("lnj_ls_") + LOOKUP_LENGTH
PREFIX = re.compile(rf"lnj_[lt][{''.join(KINDS)}]_[0-9A-Za-z]{{{LOOKUP_LENGTH}}}", re.ASCII)


@dataclass(frozen=True)
class Credential:
    """A token or client secret in full: shown once, never stored. `prefix` is public, safe to display and log."""

    text: str

    def __repr__(self) -> str:
        return f"Credential({self.prefix!r})"

    @property
    def prefix(self) -> str:
        """Public part up to the look-up id."""
        return self.text[:PREFIX_LENGTH]

    @property
    def lookup_id(self) -> str:
        """The twelve characters by which the row is found."""
        return self.text[PREFIX_LENGTH - LOOKUP_LENGTH : PREFIX_LENGTH]

    @property
    def kind(self) -> ClientToken.Kind:
        """What it may be used as."""
        return KINDS[self.text[KIND_AT]]


def make_credential(*, environment: str, kind: ClientToken.Kind = ClientToken.Kind.BEARER) -> Credential:
    """A new one; `environment` is live or test."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(DRAWN_LENGTH))
    body = f"lnj_{environment[0]}{LETTERS[kind]}_{drawn}"
    return Credential(body + _checksum(body))


def parse_credential(*, text: str) -> Credential | None:
    """The token in `text`, or None when its form or checksum is wrong."""
    if not FORM.fullmatch(text) or not hmac.compare_digest(_checksum(text[:-CHECKSUM_LENGTH]), text[-CHECKSUM_LENGTH:]):
        return None
    return Credential(text)


def find_prefix(*, text: str) -> str:
    """Public part of the first thing in `text` that begins as a token does, also of one that was cut off; or empty."""
    found = PREFIX.search(text)
    return found.group() if found else ""


def digest_credential(*, credential: Credential, pepper: bytes) -> bytes:
    """HMAC-SHA256 of the whole token, 32 bytes."""
    return hmac.digest(pepper, credential.text.encode(), sha256)


def matches_digest(*, credential: Credential, digest: bytes, pepper_id: str, peppers: Mapping[str, bytes]) -> bool:
    """Whether `digest` was made of this token; an unknown pepper costs the same time and never matches."""
    pepper = peppers.get(pepper_id)
    made = digest_credential(credential=credential, pepper=pepper or bytes(32))
    return hmac.compare_digest(made, digest) and pepper is not None


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
