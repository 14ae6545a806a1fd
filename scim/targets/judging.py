"""Which class of error an answer is, in the many ways that targets have of saying the same thing.

The RFC's own words come first (RFC 7644 section 3.12). Then what is known of real targets: limits told as 403 or 500,
a taken name told as 400 or as 409 without scimType, and errors that are no JSON at all.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from scim.protocol.errors import ScimType
from scim.targets.errors import ErrorClass, TargetError, strip_values
from scim.targets.profile import Facts
from scim.targets.reading import read_object
from scim.targets.wire import Answer

# The classes of statuses that mean one thing wherever they come from; others of 400 and more are permanent below 500.
CLASSES: Final[Mapping[int, ErrorClass]] = {
    HTTPStatus.UNAUTHORIZED: ErrorClass.AUTH,
    HTTPStatus.TOO_MANY_REQUESTS: ErrorClass.THROTTLE,
    HTTPStatus.CONFLICT: ErrorClass.CONFLICT,
    HTTPStatus.GONE: ErrorClass.GONE,
    HTTPStatus.REQUEST_TIMEOUT: ErrorClass.TRANSIENT,
    HTTPStatus.PRECONDITION_FAILED: ErrorClass.TRANSIENT,  # somebody else wrote: read it again
    HTTPStatus.LOCKED: ErrorClass.TRANSIENT,
    HTTPStatus.TOO_EARLY: ErrorClass.TRANSIENT,
    HTTPStatus.NOT_IMPLEMENTED: ErrorClass.PERMANENT,
    HTTPStatus.HTTP_VERSION_NOT_SUPPORTED: ErrorClass.PERMANENT,
}
# A limit may hide behind these, and a taken name behind those.
MAYBE_THROTTLED: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN})
MAYBE_DUPLICATE: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
READ: Final = 2000  # bytes of an answer that are looked at
# Where targets that are no SCIM server by heart put the text of an error.
DETAILS: Final = ("detail", "message", "error_description", "error", "title", "description")


def judge(answer: Answer, *, facts: Facts, names_one: bool, writes: bool, sent: Any = None) -> TargetError | None:
    """None for success. `names_one`: the address had the id of a resource. `sent` is the document that was sent."""
    if answer.is_done:
        return None
    body = read_object(answer.content)
    detail, scim_type = _detail(answer, body), _scim_type(body)
    values = tuple(list_texts(sent))
    # What belongs to the person must not decide: somebody may be a rate limit engineer.
    said = strip_values(f"{detail} {answer.content[:READ].decode('utf-8', 'replace')}", values)
    error_class = _classify(answer, facts, said, scim_type)
    if error_class is None:
        error_class = _classify_place(answer.status, names_one=names_one, writes=writes)
    return TargetError(
        detail,
        error_class=error_class,
        status=answer.status,
        scim_type=scim_type,
        seconds=answer.seconds if error_class in {ErrorClass.THROTTLE, ErrorClass.TRANSIENT} else None,
        values=values,
        exchanges=answer.exchanges,
    )


def list_texts(document: Any) -> Iterator[str]:
    """Every text in a document, which an error's detail may repeat."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _classify(answer: Answer, facts: Facts, said: str, scim_type: str | None) -> ErrorClass | None:
    """By what the answer says, wherever it comes from."""
    status = answer.status
    is_failure = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if (is_failure or status in MAYBE_THROTTLED) and _has(said, facts.throttle_words):
        return ErrorClass.THROTTLE
    if answer.seconds is not None and status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.FORBIDDEN}:
        return ErrorClass.THROTTLE
    if scim_type and scim_type.casefold() == ScimType.UNIQUENESS.casefold():
        return ErrorClass.CONFLICT
    if not scim_type and (is_failure or status in MAYBE_DUPLICATE) and _has(said, facts.duplicate_words):
        return ErrorClass.CONFLICT
    if status in CLASSES:
        return CLASSES[status]
    return ErrorClass.TRANSIENT if is_failure else None


def _classify_place(status: int, *, names_one: bool, writes: bool) -> ErrorClass:
    """By what was asked. A 404 to the id of a resource is of the resource, any other one of the address; a 403 to a
    write may be of the one person, while a token that may not even read is no good.
    """
    if status == HTTPStatus.NOT_FOUND and names_one:
        return ErrorClass.GONE
    if status == HTTPStatus.FORBIDDEN and not writes:
        return ErrorClass.AUTH
    return ErrorClass.PERMANENT


def _detail(answer: Answer, body: Mapping[str, Any]) -> str:
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        return "The target answers with a redirect; redirects are not followed, so give the address it leads to."
    for name in DETAILS:
        value = body.get(name)
        if isinstance(value, dict):
            value = value.get("message")
        if isinstance(value, str) and value.strip():
            return value.strip()
    errors = body.get("Errors") or body.get("errors")
    if isinstance(errors, list) and errors:
        return _detail_of(errors[0])
    return f"The target answered {answer.status} without saying why."


def _detail_of(error: Any) -> str:
    """The text of the first of several errors."""
    if isinstance(error, dict):
        told = (error.get(name) for name in ("description", "detail", "message"))
        error = next((text for text in told if isinstance(text, str)), "")
    return str(error).strip() or "The target reports errors without saying which."


def _scim_type(body: Mapping[str, Any]) -> str | None:
    found = body.get("scimType") or body.get("scimtype")
    return found if isinstance(found, str) else None


def _has(text: str, words: tuple[str, ...]) -> bool:
    return any(word.casefold() in text for word in words)
