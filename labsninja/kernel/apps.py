"""The kernel as an app, so that its two tables have migrations: data keys and leases."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Label `kernel`."""

    name = "labsninja.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"
