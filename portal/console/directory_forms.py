"""What a list of the directory is asked for, read from its address so that it can be shared."""

from typing import Any, Final
from urllib.parse import urlencode

from django import forms

from scim.queries.directory import SORTS, DirectoryQuery

LONGEST_TEXT, LONGEST_FILTER, LONGEST_CURSOR = 200, 2000, 4000
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
