"""Keys of the console: what each does, and whether this browser wants them.

A key without a modifier can be pressed by accident or by speech, so that whoever wants can turn all of them off
(WCAG 2.1.4). The choice is a cookie: it belongs to a keyboard rather than to a person, and changes nothing for others.
"""

from collections.abc import Iterator
from typing import Final

from django.http import HttpResponse
from django.urls import reverse

from portal.templatetags.realms import NAVIGATION
from portal.templatetags.shortcuts import COOKIE, OFF

YEAR: Final = 365 * 24 * 60 * 60
# What follows on g. A section that is added gets a letter here.
SECTIONS: Final = {
    "console:overview": "o",
    "console:health": "h",
    "console:clients": "c",
    "console:connectors": "n",
    "console:directory": "d",
    "console:requests": "r",
    "console:audit": "a",
    "console:schemas": "s",
    "console:members": "m",
    "console:customers": "u",
    "console:settings": "e",
}
ANYWHERE: Final = (
    (("?",), "Show this list"),
    (("/",), "Go to the search of the page"),
    (("j",), "To the next row"),
    (("k",), "To the row before"),
    (("Enter",), "Open the row"),
    (("Esc",), "Close a menu or this list"),
)


def list_sections() -> Iterator[tuple[str, str, str]]:
    """Letter, name and address of every section."""
    for view, name in NAVIGATION["console"]:
        if view in SECTIONS:
            yield SECTIONS[view], name, reverse(view)


def remember_keys(answer: HttpResponse, *, are_on: bool, path: str, is_secure: bool) -> None:
    """Have the browser keep the choice."""
    if are_on:
        answer.delete_cookie(COOKIE, path=path, samesite="Lax")
    else:
        answer.set_cookie(COOKIE, OFF, max_age=YEAR, path=path, samesite="Lax", httponly=True, secure=is_secure)
