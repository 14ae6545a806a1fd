"""Short texts of the code as HTML: `code`, **bold** and [links](/docs), everything else escaped."""

import re
from typing import Final

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Applied to escaped text, so that no character of it is markup; a link leads inside this site or to https.
MARKS: Final = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\[([^\]]+)\]\((/[^)\s]*|#[^)\s]*|https://[^)\s]+)\)"), r'<a class="link-text" href="\2">\1</a>'),
)


@register.filter
def prose(text: str) -> SafeString:
    """For texts written in the code and never for what a person typed."""
    html = str(escape(text))
    for pattern, replacement in MARKS:
        html = pattern.sub(replacement, html)
    return mark_safe(html)  # noqa: S308  # escaped before the marks were set


@register.filter
def fill(text: str, base: str) -> str:
    """`text` with this deployment's SCIM base URL where it says `{base}`."""
    return text.replace("{base}", base)
