"""The scheduler, which tells Redis at every turn that it lives: the dashboard of the admin reads it there."""

import logging
from typing import Any, Final

import redis
from celery.beat import PersistentScheduler
from django.conf import settings

ALIVE: Final = "labsninja:scheduler"
TURN_SECONDS, ALIVE_SECONDS = 20.0, 60
logger = logging.getLogger(__name__)


class NotingScheduler(PersistentScheduler):
    """Celery's own, with turns that are short enough to be missed soon."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Seconds until the next turn."""
        wait = float(super().tick(*args, **kwargs))
        try:
            with redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=1, socket_connect_timeout=1) as client:
                client.set(ALIVE, "alive", ex=ALIVE_SECONDS)
        except redis.RedisError as error:
            logger.warning("the scheduler cannot tell that it lives: %s", error)
        return min(wait, TURN_SECONDS)
