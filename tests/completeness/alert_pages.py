"""The console's pages about alerts that may change something, and the event that each leaves."""

from collections.abc import Callable
from typing import Any

from audit.actions import Action
from labsninja.kernel.isolation import tenant_context
from scim.services.alert_webhooks import add_alert_webhook
from tests.completeness.desk import SYSTEM, Desk

Deed = tuple[Callable[[Desk], Any], Action | None]
HOOK = "https://hooks.example.test/"
THRESHOLDS = {
    "errors_threshold": "5",
    "refused_threshold": "9",
    "limited_threshold": "1",
    "expiring_threshold": "7",
}


def _of_webhook(desk: Desk, name: str) -> Any:
    with tenant_context(desk.tenant_id):
        made = add_alert_webhook(url=HOOK, origin=SYSTEM)
    return desk.post(f"console:{name}", None, made.id)


ALERTS: dict[str, Deed] = {
    "alerts-rules": (lambda desk: desk.post("console:alerts-rules", THRESHOLDS), Action.ALERT_RULES_CHANGED),
    "alerts-test": (lambda desk: desk.post("console:alerts-test"), Action.ALERT_TESTED),
    "alerts-webhook-add": (
        lambda desk: desk.post("console:alerts-webhook-add", {"url": HOOK}),
        Action.STREAM_CREATED,
    ),
    "alerts-webhook-resume": (lambda desk: _of_webhook(desk, "alerts-webhook-resume"), Action.STREAM_RESUMED),
    "alerts-webhook-remove": (lambda desk: _of_webhook(desk, "alerts-webhook-remove"), Action.STREAM_REMOVED),
}
