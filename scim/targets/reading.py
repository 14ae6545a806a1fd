"""Reading what targets answer: by what it is, whatever its content type says, without insisting on what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import orjson

from scim.targets.errors import ErrorClass, TargetError
from scim.targets.exchanges import Exchange
from scim.targets.wire import Answer

LONGEST_ID: Final = 1000
NOT_SCIM: Final = "The target answers with something that is no JSON: is this the address of its SCIM interface?"


@dataclass(frozen=True, slots=True)
class Stored:
    """A resource as the target has it. `document` is None when the target did not show it (204)."""

    remote_id: str
    document: Mapping[str, Any] | None = None
    etag: str | None = None
    exchanges: tuple[Exchange, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Removed:
    """A resource that is not there any more. `was_there` is False when it had already been gone."""

    was_there: bool
    exchanges: tuple[Exchange, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """Resources that have the value asked for. None, one, or several: then it is for people to say which."""

    resources: tuple[Stored, ...]
    exchanges: tuple[Exchange, ...] = field(default=(), repr=False)


def read_object(content: bytes) -> dict[str, Any]:
    """The JSON object of a body; empty when it is none."""
    read = read_json(content)
    return read if isinstance(read, dict) else {}


def read_json(content: bytes) -> Any:
    """The JSON of a body, behind a byte order mark too; None when it is none."""
    try:
        return orjson.loads(content.removeprefix(b"\xef\xbb\xbf")) if content.strip() else None
    except orjson.JSONDecodeError:
        return None


def read_stored(answer: Answer, *, remote_id: str = "") -> Stored:
    """The resource of a successful answer; `remote_id` is known for all but creates. The id is empty when neither body
    nor Location tell it. Raises TargetError for a body that is no JSON, such as the page of a sign-in.
    """
    document = read_object(answer.content)
    if answer.content.strip() and not document:
        raise TargetError(NOT_SCIM, error_class=ErrorClass.PERMANENT, status=answer.status, exchanges=answer.exchanges)
    found = read_id(document) or remote_id or _last_part(answer.headers.get("location", ""))
    etag = answer.headers.get("etag") or read_version(document)
    return Stored(found, document or None, etag, answer.exchanges)


def read_listed(document: Any) -> Stored | None:
    """A resource of a listing; None when it is none or has no id, so nothing could be done with it."""
    if not isinstance(document, dict):
        return None
    remote_id = read_id(document)
    return Stored(remote_id, document, read_version(document)) if remote_id else None


def read_id(document: Mapping[str, Any]) -> str:
    """A number is taken for an id too; everything else that is no text counts as missing."""
    for name in ("id", "Id", "ID"):
        value = document.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and _is_id(str(value)):
            return str(value)
    meta = document.get("meta")
    location = meta.get("location") if isinstance(meta, dict) else None
    return _last_part(location) if isinstance(location, str) else ""


def read_version(document: Mapping[str, Any]) -> str | None:
    """The entity tag in `meta`."""
    meta = document.get("meta")
    version = meta.get("version") if isinstance(meta, dict) else None
    return version if isinstance(version, str) and _can_be_sent(version) else None


def _can_be_sent(version: str) -> bool:
    """It comes back in a header."""
    return bool(version) and version.isascii() and version.isprintable()


def _is_id(text: str) -> bool:
    """Dots alone would lead to another address than a resource's."""
    return bool(text.strip(" .")) and len(text) <= LONGEST_ID


def _last_part(location: str) -> str:
    """The id at the end of an address like .../Users/2819; an endpoint alone has none."""
    try:
        parts = [part for part in urlsplit(location).path.split("/") if part]
    except ValueError:
        return ""
    last = unquote(parts[-1]) if len(parts) > 1 else ""
    return last if _is_id(last) and not last.endswith(("Users", "Groups")) else ""
