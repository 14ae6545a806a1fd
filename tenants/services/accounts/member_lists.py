"""The people of a tenant as the team page lists them: who belongs to it, page by page, and who was invited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from labsninja.kernel.isolation import tenant_scope
from tenants.realms import Realm

PAGE_SIZE: Final = 50
MOST_WAITING: Final = 200
# What can be sorted by, and the column that it is.
SORTS: Final[Mapping[str, str]] = {
    "email": "person__email",
    "name": "person__name",
    "role": "role",
    "joined": "accepted_at",
}


@dataclass(frozen=True)
class MemberFilter:
    """`text` is sought in name and e-mail address; `after` is where the page begins: a value, and an id."""

    text: str = ""
    sort: str = "email"
    after: tuple[str, UUID] | None = None


@dataclass(frozen=True)
class MemberList:
    """Memberships with `person` and `has_passkey`; `next` is where the next page begins, None at the end."""

    rows: Sequence[Any]
    next: tuple[str, UUID] | None


def list_team(*, realm: Realm, wanted: MemberFilter) -> MemberList:
    """A page of those who have joined the bound tenant. A position that is none begins at the first."""
    column = SORTS[wanted.sort]
    with tenant_scope():
        found = _select(realm).filter(accepted_at__isnull=False)
        if wanted.text:
            found = found.filter(Q(person__email__icontains=wanted.text) | Q(person__name__icontains=wanted.text))
        if (behind := _read_position(wanted)) is not None:
            value, member_id = behind
            found = found.filter(Q(**{f"{column}__gt": value}) | Q(**{column: value}, id__gt=member_id))
        rows = list(found.order_by(column, "id")[: PAGE_SIZE + 1])
    if len(rows) <= PAGE_SIZE:
        return MemberList(rows, None)
    last = rows[PAGE_SIZE - 1]
    return MemberList(rows[:PAGE_SIZE], (_tell(last, column), last.id))


def list_invited(*, realm: Realm) -> Sequence[Any]:
    """Those of the bound tenant who have not come yet, the newest first."""
    with tenant_scope():
        return list(_select(realm).filter(accepted_at__isnull=True).order_by("-created_at")[:MOST_WAITING])


def _select(realm: Realm) -> Any:
    has_passkey = Exists(realm.passkey.objects.filter(person_id=OuterRef("person_id")))
    return realm.membership.objects.select_related("person").annotate(has_passkey=has_passkey)


def _read_position(wanted: MemberFilter) -> tuple[Any, UUID] | None:
    if wanted.after is None:
        return None
    value, member_id = wanted.after
    if wanted.sort != "joined":
        return value, member_id
    try:
        return datetime.fromisoformat(value), member_id
    except ValueError:
        return None


def _tell(row: Any, column: str) -> str:
    holder = row.person if column.startswith("person__") else row
    value = getattr(holder, column.removeprefix("person__"))
    return value.isoformat() if isinstance(value, datetime) else str(value)
