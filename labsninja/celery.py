"""Celery: it wakes workers and keeps the clock; what is to be done stands in PostgreSQL."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labsninja.settings")

app = Celery("labsninja")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_scheduler = "labsninja.scheduling:NotingScheduler"
app.conf.beat_schedule = {
    "warn-of-expiring-tokens": {"task": "tenants.tasks.warn_of_expiring_tokens", "schedule": crontab(minute="17")},
}


@worker_init.connect
def check_worker(**_options: Any) -> None:
    """A worker serves tenants too: it refuses to start where that would not be safe."""
    from labsninja.checks import refuse_to_serve  # noqa: PLC0415  # the checks need the apps, which need this module

    refuse_to_serve()
