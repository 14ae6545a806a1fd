"""What the lists of deleted and of held people are asked for, read from their addresses so that they can be shared."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django import forms

from scim.queries.holds import HoldFilter, HoldPosition
from scim.queries.trash import TrashFilter, TrashPosition

LONGEST_TEXT, LONGEST_POSITION = 200, 2000
BY_NAME: Final = "name"
SORTS: Final = (("", "Newest first"), (BY_NAME, "Name"))
STATES: Final = (("held", "Held back"), ("released", "Released"), ("undone", "Brought back"))


class ListForm(forms.Form):
    """Every field may be empty; `start` is where the page begins."""

    text = forms.CharField(required=False, max_length=LONGEST_TEXT)
    sort = forms.ChoiceField(choices=SORTS, required=False)
    start = forms.CharField(required=False, max_length=LONGEST_POSITION)

    def read_start(self) -> tuple[UUID, dict[str, Any]] | None:
        """The row that the page begins behind, by time or by name; what is none begins at the first."""
        found, _, value = self.cleaned_data["start"].partition(" ")
        try:
            row_id = UUID(found)
            return row_id, {"name": value} if self.is_by_name else {"at": datetime.fromisoformat(value)}
        except ValueError:
            return None

    @property
    def is_by_name(self) -> bool:
        return bool(self.cleaned_data["sort"] == BY_NAME)


class TrashForm(ListForm):
    """What is looked for in the trash."""

    type = forms.CharField(required=False, max_length=LONGEST_TEXT)

    def read(self) -> tuple[TrashFilter, TrashPosition | None]:
        """What the query takes."""
        given, start = self.cleaned_data, self.read_start()
        wanted = TrashFilter(given["text"], given["type"], self.is_by_name)
        return wanted, TrashPosition(start[0], **start[1]) if start else None


class HoldsForm(ListForm):
    """What is looked for among those who are, or were, held back."""

    state = forms.ChoiceField(choices=STATES, required=False)

    def read(self) -> tuple[HoldFilter, HoldPosition | None]:
        """What the query takes."""
        given, start = self.cleaned_data, self.read_start()
        wanted = HoldFilter(given["state"] or "held", given["text"], self.is_by_name)
        return wanted, HoldPosition(start[0], **start[1]) if start else None


class ChosenForm(forms.Form):
    """Whom an act on held people is about: those who are chosen, or `all`; `sure` once it was asked about."""

    all = forms.BooleanField(required=False)
    sure = forms.BooleanField(required=False)


def read_chosen(values: list[str]) -> list[UUID]:
    """Ids out of a form; what is none is passed over, as whoever is not held any more is."""
    found = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def tell_start(row_id: UUID, at: datetime | None, name: str, *, by_name: bool) -> str:
    """Where the next page begins, for its address."""
    return f"{row_id} {name}" if by_name else f"{row_id} {at.isoformat() if at else ''}"
