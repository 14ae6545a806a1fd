"""What a list of the directory is asked for, read from its address so that it can be shared."""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django import forms

from scim.queries.directory import SORTS, DirectoryQuery

LONGEST_TEXT, LONGEST_FILTER, LONGEST_CURSOR, LONGEST_NUMBER = 200, 2000, 4000, 9
STATES: Final = (("", "Any"), ("active", "Active"), ("inactive", "Inactive"))
ORDERS: Final = tuple((f"{sign}{name}", name) for name in SORTS for sign in ("", "-"))
COLUMNS: Final = {
    "User": (("name", "User name"), ("display", "Name"), ("", "E-mail"), ("", "State"), ("changed", "Last change")),
    "Group": (("name", "Name"), ("", "Members"), ("created", "Since"), ("changed", "Last change")),
}


class DirectoryForm(forms.Form):
    """Every field may be empty."""

    text = forms.CharField(required=False, max_length=LONGEST_TEXT)
    state = forms.ChoiceField(choices=STATES, required=False)
    filter = forms.CharField(required=False, max_length=LONGEST_FILTER)
    sort = forms.ChoiceField(choices=ORDERS, required=False)
    cursor = forms.CharField(required=False, max_length=LONGEST_CURSOR)

    def read(self) -> DirectoryQuery:
        """What the query takes."""
        given = self.cleaned_data
        return DirectoryQuery(given["text"], given["state"], given["filter"], given["sort"] or "name")


def link_to(given: dict[str, Any], **changed: str) -> str:
    """The same list with something else; what is empty is left out."""
    return "?" + urlencode({name: value for name, value in {**given, **changed}.items() if value})


def link_sorts(type_name: str, given: dict[str, Any]) -> list[tuple[str, str, str]]:
    """By column: its title, where its head leads, and in which order the list stands by it."""
    current = given.get("sort") or "name"
    return [_link_sort(name, title, current, given) for name, title in COLUMNS[type_name]]


def _link_sort(name: str, title: str, current: str, given: dict[str, Any]) -> tuple[str, str, str]:
    if not name:
        return title, "", ""
    order = {name: "ascending", f"-{name}": "descending"}.get(current, "")
    return title, link_to(given, sort=f"-{name}" if current == name else name, cursor=""), order


class MomentForm(forms.Form):
    """A moment in UTC, as a browser's own field writes it."""

    at = forms.DateTimeField(
        label="As of (UTC)",
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"],
        widget=forms.DateTimeInput(
            {"type": "datetime-local", "class": "input w-full", "step": "0.001"}, "%Y-%m-%dT%H:%M:%S"
        ),
    )

    def clean_at(self) -> datetime:
        """Of a whole second its end: what happened within it is part of the answer."""
        given: datetime = self.cleaned_data["at"].replace(tzinfo=UTC)
        return given if given.microsecond else given.replace(microsecond=999_999)


def read_number(text: str) -> int | None:
    """A version in an address; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else None
