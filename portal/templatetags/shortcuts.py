"""Tag for the foot of the console's pages: whether this browser wants keys without a modifier.

The script takes its list of keys from the page that the foot links to, so that there is one list.
"""

from typing import Any

from django import template

from portal.console.shortcuts import wants_keys

register = template.Library()


@register.simple_tag(takes_context=True)
def keys_wanted(context: dict[str, Any]) -> bool:
    """For the attribute that the script looks for; a page without it takes no keys."""
    return wants_keys(context["request"])
