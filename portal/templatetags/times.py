"""Moments on the pages: one form for each way to tell of them, the exact one always with it.

`ago` is for what a person looks at; `exact` for histories, and for parts that renew themselves, which would be another
text at every look otherwise; `day` where the day is what counts.
"""

from datetime import datetime

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
NOTHING = SafeString("")


@register.simple_tag
def ago(at: datetime | None) -> SafeString:
    """As "3 minutes ago", the exact moment under the pointer and for a screen reader."""
    if at is None:
        return NOTHING
    told = str(naturaltime(at)).replace("\xa0", " ")
    shown = '<time datetime="{0}" title="{1}">{2}<span class="sr-only"> ({1})</span></time>'
    return format_html(shown, at.isoformat(), _tell(at), told)


@register.simple_tag
def exact(at: datetime | None) -> SafeString:
    """As "2026-11-26 14:03:12 UTC"."""
    return NOTHING if at is None else format_html('<time datetime="{}">{}</time>', at.isoformat(), _tell(at))


@register.simple_tag
def day(at: datetime | None) -> SafeString:
    """As "2026-11-26", the moment under the pointer."""
    if at is None:
        return NOTHING
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), _tell(at), f"{at:%Y-%m-%d}")


def _tell(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
