"""Tags of the pages behind a sign-in: addresses within the realm that the request belongs to."""

from typing import Any, Final

from django import template
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from heroicons.templatetags.heroicons import heroicon_outline

register = template.Library()
LABELS: Final = {"admin": "Administration", "console": "Console", "portal": "Portal"}
# What stands in the head of every page of a realm: name of the view, and text.
NAVIGATION: Final = {
    "admin": (("admin:index", "Administration"),),
    "console": (
        ("console:overview", "Overview"),
        ("console:health", "Health"),
        ("console:clients", "SCIM clients"),
        ("console:connectors", "Connectors"),
        ("console:directory", "Directory"),
        ("console:requests", "Requests"),
        ("console:audit", "Audit"),
        ("console:schemas", "Schemas"),
        ("console:members", "Members"),
        ("console:customers", "Customers"),
        ("console:settings", "Settings"),
    ),
    "portal": (
        ("customer:status", "Status"),
        ("customer:people", "People"),
        ("customer:groups", "Groups"),
        ("customer:members", "Members"),
    ),
}

ICONS: Final = {
    "admin:index": "wrench-screwdriver",
    "console:overview": "home",
    "console:clients": "link",
    "console:connectors": "share",
    "console:requests": "arrows-right-left",
    "console:health": "signal",
    "console:directory": "users",
    "console:trash": "trash",
    "console:audit": "clipboard-document-list",
    "console:schemas": "rectangle-stack",
    "console:members": "identification",
    "console:customers": "building-office",
    "console:settings": "cog-6-tooth",
    "customer:status": "home",
    "customer:people": "user",
    "customer:groups": "user-group",
    "customer:members": "identification",
}
OTHER_ICON: Final = "document-text"


@register.simple_tag(takes_context=True)
def realm_url(context: dict[str, Any], name: str, *values: Any) -> str:
    """Address of an account page in this request's realm."""
    return reverse(f"accounts-{context['request'].realm.name}:{name}", args=values)


@register.simple_tag(takes_context=True)
def realm_label(context: dict[str, Any]) -> str:
    """What the realm is called in the head of its pages."""
    return LABELS[context["request"].realm.name]


def _is_current(path: str, url: str) -> bool:
    """The page itself, or one below it; the first page of a realm has everything below it, and counts alone."""
    return path == url or (not url.endswith("/") and path.startswith(f"{url}/"))


@register.simple_tag(takes_context=True)
def realm_navigation(context: dict[str, Any]) -> SafeString:
    """Entries of the main navigation, the current one marked."""
    request = context["request"]
    entries = [
        (reverse(view), heroicon_outline(ICONS.get(view, OTHER_ICON), size=18), text)
        for view, text in NAVIGATION[request.realm.name]
    ]
    return format_html_join(
        "",
        '<li><a href="{}" class="nav-link flex items-center gap-2.5 whitespace-nowrap"{}>{}{}</a></li>',
        (
            (url, mark_safe(' aria-current="page"') if _is_current(request.path, url) else "", icon, text)
            for url, icon, text in entries
        ),
    )
