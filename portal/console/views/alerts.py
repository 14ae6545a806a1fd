"""Alerts: the rules of the tenant, where they are sent, a test of that, and what they have found."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.members import draw_for_member, member_page
from portal.accounts.pages import refuse, status_of, stepped_up
from portal.accounts.requests import RealmRequest, make_origin
from portal.console.alert_forms import AlertRulesForm, WebhookForm
from scim.queries.alerts import KINDS, list_alert_rules, list_incidents
from scim.services.alert_webhooks import (
    UnknownWebhookError,
    add_alert_webhook,
    list_alert_webhooks,
    remove_alert_webhook,
    resume_alert_webhook,
)
from scim.services.alerts import change_alert_rules, send_test_alert
from tenants import TenantsError
from tenants.queries import list_client_uses


@require_safe
@member_page()
def alerts(request: RealmRequest) -> HttpResponse:
    return _draw(request)


@require_POST
@member_page()
def rules_changed(request: RealmRequest) -> HttpResponse:
    form = AlertRulesForm(request.POST, rules=list_alert_rules())
    if not form.is_valid():
        return _draw(request, status=422, rules_form=form)
    try:
        change_alert_rules(rules=form.read(), origin=make_origin(request))
    except TenantsError as error:
        return _draw(request, **refuse(form, error), rules_form=form)
    return _done(request, "The rules are saved. They are looked after once a minute.")


@require_POST
@member_page()
def tested(request: RealmRequest) -> HttpResponse:
    try:
        people = send_test_alert(origin=make_origin(request))
    except TenantsError as error:
        return _say(request, error)
    hooks = len(list_alert_webhooks())
    told = f"{people} e-mail{'' if people == 1 else 's'} and {hooks} webhook{'' if hooks == 1 else 's'}"
    return _done(request, f"A test goes out by {told} within some seconds.")


@require_POST
@never_cache
@member_page()
@stepped_up
def webhook_added(request: RealmRequest) -> HttpResponse:
    """The answer shows the secret, this once."""
    form = WebhookForm(request.POST)
    if not form.is_valid():
        return _draw(request, status=422, webhook_form=form)
    try:
        made = add_alert_webhook(url=form.cleaned_data["url"], origin=make_origin(request))
    except TenantsError as error:
        return _draw(request, **refuse(form, error, field="url"), webhook_form=form)
    return draw_for_member(request, "console/alert_secret", secret=made.secret, url=form.cleaned_data["url"])


@require_POST
@member_page()
def webhook_resumed(request: RealmRequest, stream_id: UUID) -> HttpResponse:
    try:
        resume_alert_webhook(stream_id=stream_id, origin=make_origin(request))
    except UnknownWebhookError as error:
        raise Http404 from error
    except TenantsError as error:
        return _say(request, error)
    return _done(request, "The webhook sends again, from where it stopped.")


@require_POST
@member_page()
def webhook_removed(request: RealmRequest, stream_id: UUID) -> HttpResponse:
    try:
        remove_alert_webhook(stream_id=stream_id, origin=make_origin(request))
    except UnknownWebhookError as error:
        raise Http404 from error
    except TenantsError as error:
        return _say(request, error)
    return _done(request, "The webhook is removed: nothing is sent there any more.")


def _draw(request: RealmRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page, with the form that was refused in place of what is stored."""
    names = {use.client.id: use.client.name for use in list_client_uses()}
    incidents = [(row, KINDS[row.kind].name, names.get(row.scim_client_id, "")) for row in list_incidents()]
    context: dict[str, Any] = {
        "rules_form": AlertRulesForm(rules=list_alert_rules()),
        "webhook_form": WebhookForm(),
        "webhooks": list_alert_webhooks(),
        "incidents": incidents,
        **forms,
    }
    return draw_for_member(request, "console/alerts", status=status, **context)


def _say(request: RealmRequest, error: TenantsError) -> HttpResponse:
    messages.error(request, str(error))
    return _draw(request, status=status_of(error))


def _done(request: RealmRequest, told: str) -> HttpResponse:
    messages.success(request, told)
    return HttpResponseRedirect(reverse("console:alerts"))
