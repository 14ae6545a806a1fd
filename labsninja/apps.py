"""The composition root as an app: it brings the management commands and the start-up checks."""

from django.apps import AppConfig


class LabsNinjaConfig(AppConfig):
    """Label `labsninja`; has no tables."""

    name = "labsninja"

    def ready(self) -> None:
        from labsninja import (
            celery,  # noqa: F401  # binds shared tasks to our broker in every process, not the worker alone
            checks,  # noqa: F401  # registers the checks
        )
