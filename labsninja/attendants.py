"""What the ledger does without pause, each in a thread of its own, so that no other duty keeps it waiting."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from django.db import DatabaseError, connections

from audit.actors import system_origin
from audit.anchors import append_anchors
from audit.reading.indexing import index_words
from audit.sealing import Sealer
from audit.streams.duty import StreamsDuty
from labsninja.kernel.isolation import cross_tenant
from scim.services.feed import dispatch_waiting
from scim.sync.duty import SyncDuty
from tenants.services.notifications import send_due_messages

SEAL_SECONDS, ANCHOR_SECONDS, WORDS_SECONDS, STREAM_SECONDS, MAIL_SECONDS = 1.0, 10.0, 1.0, 1.0, 1.0
FEED_SECONDS, SYNC_SECONDS = 0.5, 0.5
logger = logging.getLogger(__name__)


class Attendant:
    """Calls `work` every `seconds` within a stay on the platform role; what fails for want of the database or a disk is
    tried again on a new stay. `work` is told by what it can ask whether to come to an end.
    """

    def __init__(self, name: str, seconds: float, work: Callable[[Callable[[], bool]], int]) -> None:
        self.name = name
        self._seconds, self._work = seconds, work
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the work in hand is done."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._seconds):
            try:
                with cross_tenant(reason=self.name, actor=system_origin("ledger")):
                    self._work_on()
            except (DatabaseError, OSError) as error:
                logger.warning("ledger: %s is tried again: %s", self.name, error)
            finally:
                connections.close_all()

    def _work_on(self) -> None:
        while not self._ended.wait(self._seconds):
            self._work(self._ended.is_set)


class SealingDuty:
    """Seals what is new, and lets the newest checkpoint of each tenant leave the database every ANCHOR_SECONDS."""

    def __init__(self) -> None:
        self._sealer = Sealer()
        self._anchored_at = 0.0

    def work(self, is_ending: Callable[[], bool] = lambda: False) -> int:
        sealed = self._sealer.seal_some(is_ending=is_ending)
        if self._sealer.fresh and monotonic() >= self._anchored_at + ANCHOR_SECONDS:
            append_anchors(self._sealer.fresh, at=datetime.now(UTC))
            self._sealer.fresh.clear()
            self._anchored_at = monotonic()
        return sealed


def send_mail(_is_ending: Callable[[], bool]) -> int:
    """Send what is due: a mail server that is slow holds up no other duty."""
    return send_due_messages(now=datetime.now(UTC), origin=system_origin("ledger"))


def make_attendants() -> list[Attendant]:
    """New ones for a ledger that comes on duty. Every stay of theirs on the platform role is one event."""
    return [
        Attendant("sealing", SEAL_SECONDS, SealingDuty().work),
        Attendant("feed", FEED_SECONDS, lambda is_ending: dispatch_waiting(is_ending=is_ending)),
        Attendant("sync", SYNC_SECONDS, SyncDuty().work),
        Attendant("e-mail", MAIL_SECONDS, send_mail),
        Attendant("audit words", WORDS_SECONDS, lambda is_ending: index_words(is_ending=is_ending)),
        Attendant("audit streams", STREAM_SECONDS, StreamsDuty().work),
    ]
