"""From what a driver tells to what a link is next: the table of errors stands here. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from scim.sync.breaker import MOST_ATTEMPTS, wait_for_retry
from scim.sync.decisions import Act, Decision
from scim.sync.drivers.base import Failure, Job, Outcome
from scim.sync.store.links import Link

AGAIN: Final = timedelta(seconds=1)
FIRST_WAIT: Final = timedelta(seconds=5)
NEXT_TRY: Final = timedelta(days=1)  # of what failed for good, should something over there have changed
LONGEST_ASKED: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Settlement:
    """The link as it is to be stored, when it is due again, and how the item names it."""

    link: Link
    outcome: str
    told: str = ""
    wait: timedelta = timedelta()


def settle_unsent(link: Link, decision: Decision) -> Settlement:
    """Of what needs no call."""
    if decision.act is Act.FAIL:
        failed = replace(link, state="failed", reason=decision.reason, error_sig="mapping", chosen=decision.chosen)
        return Settlement(failed, "failed", decision.reason)
    if decision.act is Act.SKIP:
        gone = link.remote_id is None and link.applied is not None
        state = "deprovisioned" if gone else "skipped"
        skipped = replace(link, state=state, reason=decision.reason, error_sig=None)
        return Settlement(skipped, "skipped", decision.reason)
    return Settlement(replace(link, state="applied", reason="", attempts=0, error_sig=None), "done")


def settle_staged(link: Link, reason: str) -> Settlement:
    """Of what a guard keeps for a person to decide."""
    return Settlement(replace(link, state="staged", reason=reason, error_sig=None), "staged", reason)


def settle_sent(job: Job, outcome: Outcome, *, draw: Callable[[], float]) -> Settlement:
    """Of a call. `draw` gives a random number between 0 and 1."""
    known = replace(job.link, remote_id=outcome.remote_id, is_ours=outcome.is_ours, chosen=job.decision.chosen)
    if outcome.was_written:
        known = replace(known, applied=job.decision.document, applied_hash=job.decision.digest)
    if outcome.failure is not None:
        return _settle_failure(known, outcome.failure, draw)
    if job.decision.act is Act.DELETE:
        left = replace(known, state="deprovisioned", applied=None, applied_hash=None, is_ours=False)
        return Settlement(replace(left, reason=job.decision.reason, attempts=0, error_sig=None), "done", left.reason)
    done = replace(known, state="applied", reason=job.decision.reason, attempts=0, error_sig=None)
    if not job.members.is_whole:  # more members than one look takes
        return Settlement(replace(done, state="pending"), "done")
    return Settlement(done, "done", job.decision.reason)


def _settle_failure(link: Link, failure: Failure, draw: Callable[[], float]) -> Settlement:
    told = failure.told
    if failure.kind == "throttle":  # no attempt of its own: the other side asked us to wait
        wait = timedelta(seconds=failure.seconds) if failure.seconds else FIRST_WAIT
        return Settlement(replace(link, state="retry", reason=told), "retry", told, min(wait, LONGEST_ASKED))
    if failure.kind == "gone":  # it was deleted there: the next look makes it anew
        again = replace(link, remote_id=None, applied=None, applied_hash=None, attempts=link.attempts + 1)
        return Settlement(replace(again, state="retry", reason=told), "retry", told, AGAIN)
    tried = replace(link, attempts=link.attempts + 1, reason=told)
    if failure.kind in {"transient", "auth"} and tried.attempts < MOST_ATTEMPTS:
        wait = wait_for_retry(tried.attempts, share=draw())
        return Settlement(replace(tried, state="retry"), "retry", told, wait)
    state = "conflict" if failure.kind == "conflict" else "failed"
    return Settlement(replace(tried, state=state, error_sig=failure.signature), state, told, NEXT_TRY)
