"""The composition root as an app: it brings the management commands and the start-up checks."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps  # its class, imported, would count as an app of this module


class LabsNinjaConfig(AppConfig):
    """Label `labsninja`; has no tables."""

    name = "labsninja"
    default = True

    def ready(self) -> None:
        from labsninja import (
            celery,  # noqa: F401  # binds shared tasks to our broker in every process, not the worker alone
            checks,  # noqa: F401  # registers the checks
        )


class PlatformAdminConfig(admin_apps.AdminConfig):
    """Django's admin with a site of ours."""

    default = False
    default_site = "labsninja.admin_site.PlatformAdminSite"
