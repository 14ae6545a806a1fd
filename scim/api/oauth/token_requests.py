"""What a token request says (RFC 6749 sections 2.3.1, 3.2 and 4.4.2): a form, and who shows which client secret."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Final
from urllib.parse import parse_qsl, unquote_plus

from rest_framework.parsers import BaseParser

from scim.api.oauth.errors import OAuthError, OAuthErrorCode, invalid_client, invalid_request

TOKEN_PATH: Final = "/oauth2/token"  # noqa: S105  # an address
LARGEST_BODY, MOST_PARAMETERS = 16 * 1024, 50
FORM: Final = "application/x-www-form-urlencoded"
GRANT_TYPE: Final = "client_credentials"
# Ways to authenticate that stand in the body; a header is one, too.
IN_BODY: Final = ("client_secret", "client_assertion")
SCOPES: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*")


@dataclass(frozen=True)
class ClientCredentials:
    """What a client shows."""

    client_id: str
    secret: str = field(repr=False)


class FormParser(BaseParser):
    """Gives the parameters that have a value. Raises OAuthError for another media type, for what is no form, and for
    a parameter that stands twice.
    """

    media_type = "*/*"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Mapping[str, str]:
        """Read and parse; a body beyond the limit is not read further."""
        if (media_type or "").partition(";")[0].strip().lower() != FORM:
            raise invalid_request(f"The body has to be {FORM}.")
        data = stream.read(LARGEST_BODY + 1)
        if len(data) > LARGEST_BODY:
            raise invalid_request("The body is too large.")
        return parse_form(data)


def parse_form(data: bytes) -> Mapping[str, str]:
    """The parameters with a value: one without counts as left out (section 3.2). Raises OAuthError."""
    try:
        pairs = parse_qsl(data.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError as error:
        raise invalid_request("The body is not a form in UTF-8.") from error
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise invalid_request("A parameter stands more than once.")
    return {name: value for name, value in pairs if value}


def read_credentials(header: str, form: Mapping[str, str]) -> ClientCredentials:
    """Client id and secret, from the Authorization header or from the form. Raises OAuthError: invalid_request for
    more than one way at once, invalid_client for none that is known here.
    """
    if bool(header) + sum(name in form for name in IN_BODY) > 1:
        raise invalid_request("A client authenticates in one way at a time.")
    shown = _read_basic(header) if header else _read_form(form)
    if form.get("client_id", shown.client_id) != shown.client_id:
        raise invalid_request("The client ids in header and body differ.")
    return shown


def read_scopes(form: Mapping[str, str]) -> Sequence[str] | None:
    """The scopes asked for, None for whatever there is. Raises OAuthError for what is no list of scopes."""
    text = form.get("scope")
    if text is None:
        return None
    if not SCOPES.fullmatch(text):
        raise OAuthError(OAuthErrorCode.INVALID_SCOPE, "Scopes are names with one blank between them.")
    return text.split(" ")


def check_grant_type(form: Mapping[str, str]) -> None:
    """Raises OAuthError for a missing grant type, and for every other than the one there is."""
    wanted = form.get("grant_type")
    if wanted is None:
        raise invalid_request("The parameter grant_type is missing.")
    if wanted != GRANT_TYPE:
        raise OAuthError(OAuthErrorCode.UNSUPPORTED_GRANT_TYPE, f"The only grant type is {GRANT_TYPE}.")


def _read_form(form: Mapping[str, str]) -> ClientCredentials:
    if "client_id" not in form or "client_secret" not in form:
        raise invalid_client("no client credentials")
    return ClientCredentials(form["client_id"], form["client_secret"])


def _read_basic(header: str) -> ClientCredentials:
    """Id and secret are each encoded as in a form before they go into the header (section 2.3.1)."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise invalid_client("another scheme than Basic")
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise invalid_client("malformed header") from error
    client_id, _, secret = pair.partition(":")
    return ClientCredentials(unquote_plus(client_id), unquote_plus(secret))
