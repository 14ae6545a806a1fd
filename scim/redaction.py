"""What the request log keeps of a request: everything the tenant itself sent and got, but for secrets.

A tenant reads its own people's data in its own log; a password, a token or a key is nobody's to read. What cannot be
read as JSON is not kept at all, for nothing can be left out of it with certainty.
"""

import re
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

LONGEST_BODY, LONGEST_READ_BODY = 16 * 1024, 64 * 1024
LONGEST_QUERY, LONGEST_TEXT = 8 * 1024, 2_000
DEPTH = 40  # no SCIM body is as deep
HIDDEN: Final = "[redacted]"

_SENSITIVE = (
    r"passw(?:or)?d|passphrase|passcode|secret|token|credential|authorization|api_?key|private_?key|\bpwd\b|\bpin\b"
)
SECRET_NAME: Final = re.compile(_SENSITIVE, re.IGNORECASE)
# No secret is told without one of these, and looking for them costs a hundredth of the expressions.
TELLING: Final = (
    *("pass", "secret", "token", "credential", "authorization", "api", "private", "pwd", "pin"),
    *("bearer", "basic", "lnj_"),
)
# What would lead to a person's account or to ours when it stands in a text: the public part of a token may stay.
TOKEN: Final = re.compile(r"(lnj_[lt][a-z]_[0-9A-Za-z]{12})[0-9A-Za-z]+")
BEARER: Final = re.compile(r"\b(bearer|basic)\s+[^\s\"',]{16,}", re.IGNORECASE)
# A value compared with or assigned to a secret, as in `password eq "x"` and `password=x`. Repetitions are bounded, so
# that no text takes long.
COMPARED: Final = re.compile(
    rf"((?:{_SENSITIVE})[\w.:\-]{{0,80}}\]?\s{{0,9}}(?:=|\s(?:eq|ne|co|sw|ew|gt|ge|lt|le)\s)\s{{0,9}})"
    r"(?!\[redacted\])(\"(?:[^\"\\]|\\.)*\"?|[^\s)\]&]+)",
    re.IGNORECASE,
)


def keep_text(*, text: str, longest: int = LONGEST_TEXT) -> str:
    """A text without secrets and without what PostgreSQL cannot store."""
    kept = text[: 4 * longest]
    if _is_telling(kept):
        kept = COMPARED.sub(rf"\1{HIDDEN}", BEARER.sub(rf"\1 {HIDDEN}", TOKEN.sub(rf"\1{HIDDEN}", kept)))
    return kept[:longest].encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def keep_query(*, query: str) -> str:
    """A query string, decoded so that people can read it."""
    try:
        pairs = parse_qsl(query[: 4 * LONGEST_QUERY], keep_blank_values=True, errors="replace")
    except ValueError:
        return HIDDEN
    kept = (f"{name}={HIDDEN if _is_secret(name) else value}" for name, value in pairs)
    return keep_text(text="&".join(kept), longest=LONGEST_QUERY)


def read_body(*, body: bytes) -> Any:
    """The JSON of a body; None for no body, and for one that is too long or no JSON."""
    try:
        return orjson.loads(body) if 0 < len(body) <= LONGEST_READ_BODY else None
    except orjson.JSONDecodeError:
        return None


def keep_body(*, body: bytes, read: Any, size: int = 0) -> str:
    """The text of a body that read_body gave `read` of; its size alone where that could not be read."""
    size = size or len(body)
    if read is None:
        return f"[{size} bytes]" if size else ""
    text = body.decode()
    if "\\u" in text or _is_telling(text):  # a name may be written in escapes
        text = orjson.dumps(_hide(read, DEPTH)).decode()
    return text if len(text) <= LONGEST_BODY else f"{text[:LONGEST_BODY]}... [{size} bytes]"


def _is_telling(text: str) -> bool:
    folded = text.casefold()
    for word in TELLING:  # noqa: SIM110  # asked for every member of every body: any() takes three times as long
        if word in folded:
            return True
    return False


def _hide(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _hide_text(value)
    if isinstance(value, dict | list) and not depth:
        return HIDDEN
    if isinstance(value, dict):
        return {keep_text(text=name): _hide_member(name, inner, value, depth - 1) for name, inner in value.items()}
    return [_hide(inner, depth - 1) for inner in value] if isinstance(value, list) else value


def _hide_member(name: str, inner: Any, whole: dict[str, Any], depth: int) -> Any:
    """A member is secret by its own name (the last part of a URN or path), or as the value of a secret's path."""
    last = re.split(r"[.:]", name)[-1]
    if _is_secret(last) or (name.casefold() == "value" and _is_secret_place(whole)):
        return HIDDEN
    return _hide(inner, depth)


def _is_secret_place(whole: dict[str, Any]) -> bool:
    """A PATCH operation on a secret, or an element of a kind that is one."""
    places = (str(inner) for name, inner in whole.items() if name.casefold() in {"path", "type", "name"})
    return any(_is_secret(place) for place in places)


def _is_secret(name: str) -> bool:
    return _is_telling(name) and SECRET_NAME.search(name) is not None


def _hide_text(text: str) -> str:
    """JSON within a text is read by nobody here: with a secret's name in it, it goes as a whole."""
    if text.lstrip()[:1] in {"{", "["} and _is_secret(text):
        return HIDDEN
    return keep_text(text=text, longest=LONGEST_BODY)
