"""What every write is given, and what may stand in its way."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from django.db import IntegrityError
from psycopg.errors import UniqueViolation

from audit.actors import Origin
from scim.protocol.dialects.base import Reading
from scim.protocol.errors import ScimError, ScimType, invalid_value
from scim.protocol.json_input import Json
from scim.protocol.paths import AttributePath
from scim.protocol.schemas.definitions import ResourceType
from scim.store.computed import PLAIN, Aspects
from scim.store.members import MembershipLoopError, find_unknown
from scim.store.pipeline import pipelined_scope
from scim.store.schemas import hold_revision
from scim.store.unique import unique_paths
from scim.store.unsettled import find_taken

# Which attribute a constraint of the database stands for: the detail names it, never another person's value.
UNIQUE_ATTRIBUTES = {
    "scim_resource_user_name_unique": "userName",
    "scim_resource_unique_name_unique": "displayName",
}


UNIQUE_VALUE = "scim_unique_value_pkey"


@dataclass(frozen=True)
class DirectoryOptions:
    """A tenant's switches (protocol choices where the RFC leaves room)."""

    unique_group_names: bool = True
    keep_members: bool = False  # PUT of a group without members
    strict_members: bool = False  # unknown members are refused, not kept as pending
    revive_deleted: bool = False  # a user who comes back under the same userName gets the old id


@dataclass(frozen=True)
class Writing:
    """One write: who and when (`origin`), through which SCIM client, how its request is read, under which switches.

    `locations` gives by resource type the address before an id. `if_match` is the header as sent; `aspects` are the
    computed attributes that come back with what was written.
    """

    resource_type: ResourceType
    origin: Origin
    reading: Reading
    scim_client_id: UUID | None = None
    options: DirectoryOptions = field(default_factory=DirectoryOptions)
    locations: Mapping[str, str] = field(default_factory=dict)
    if_match: str | None = None
    aspects: Aspects = PLAIN


@contextmanager
def open_write(*, resource_type: ResourceType | None = None) -> Iterator[None]:
    """A pipelined scope whose refusals by the database leave as ScimError: 409 uniqueness, 400 for a loop of groups.

    Whoever writes a document by a resource type names it: the type's definition holds until the scope closes. Raises
    OutdatedSchemasError where it does no longer.
    """
    try:
        with pipelined_scope(by_keys=True):
            if resource_type is not None:
                hold_revision(resource_type.revision)
            yield
    except IntegrityError as error:
        raise _explain(error, resource_type) from error
    except MembershipLoopError as error:
        raise invalid_value(f"members: {error}.") from error


def refuse_unknown_members(*, values: list[str], options: DirectoryOptions) -> None:
    """Under the strict switch, raises ScimError 400 invalidValue naming only the members that are not known."""
    if options.strict_members and values:
        unknown = find_unknown(values=values)
        if unknown:
            raise invalid_value(f"members: not known: {', '.join(unknown[:20])}.")


def refuse_taken(
    *, resource_type: ResourceType, resource_id: UUID, values: Iterable[tuple[AttributePath, Json]]
) -> None:
    """Raises ScimError 409 uniqueness where another resource has one of the values, which no row need tell yet."""
    taken = find_taken(resource_type=resource_type, resource_id=resource_id, values=values)
    if taken is not None:
        raise _taken(taken.text)


def _taken(attribute: str) -> ScimError:
    return ScimError(f"Another resource has this {attribute}.", scim_type=ScimType.UNIQUENESS)


def _explain(error: IntegrityError, resource_type: ResourceType | None) -> Exception:
    cause = error.__cause__
    constraint = cause.diag.constraint_name or "" if isinstance(cause, UniqueViolation) else ""
    attribute = UNIQUE_ATTRIBUTES.get(constraint)
    if constraint == UNIQUE_VALUE:  # in a circle of a Bulk request it may be that of any type
        attribute = " or ".join(path.text for path in unique_paths(resource_type)) if resource_type else "unique value"
    if attribute is None:
        return error
    return _taken(attribute)
