"""Scheduled work about tokens: one task looks for what is due, one task a tenant does it with that tenant bound."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from celery import shared_task

from audit.actors import system_origin
from labsninja.kernel.isolation.tasks import TenantTask
from tenants.queries import list_ending_tokens
from tenants.services.tokens import WARNING_DAYS, warn_of_expiry


@shared_task(ignore_result=True)
def warn_of_expiring_tokens() -> int:
    """Ask for a warning about every token that comes within 30, 7 or 1 days of its end. Gives how many were asked
    for.
    """
    now = datetime.now(UTC)
    ending = list_ending_tokens(before=now + timedelta(days=max(WARNING_DAYS)))
    due = [token for token in ending if not token.is_rotated]
    for token in due:
        warn_of_expiring_token.delay(str(token.tenant_id), str(token.token_id))
    return len(due)


@shared_task(base=TenantTask, ignore_result=True)
def warn_of_expiring_token(_tenant_id: str, token_id: str) -> bool:
    """Warn once per threshold; a doubled or lost message changes nothing. Gives whether a warning was written."""
    return warn_of_expiry(token_id=UUID(token_id), origin=system_origin("token expiry"))
