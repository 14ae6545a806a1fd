"""The pages people see, as an app: it brings templates' tags and static files, and has no tables."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Label `portal`."""

    name = "portal"
