"""Whether this browser wants keys without a modifier: a cookie, which the foot of the console's pages tells the script.

The script takes its list of keys from the page that the foot links to, so that there is one list.
"""

from typing import Any, Final

from django import template
from django.http import HttpRequest

register = template.Library()
COOKIE: Final = "lnj-keys"
OFF: Final = "off"


def wants_keys(request: HttpRequest) -> bool:
    """On, unless this browser has turned them off."""
    return request.COOKIES.get(COOKIE) != OFF


@register.simple_tag(takes_context=True)
def keys_wanted(context: dict[str, Any]) -> bool:
    """For the attribute that the script looks for; a page without it takes no keys."""
    return wants_keys(context["request"])
