"""The list of keys as a page, which a script opens as a dialog, and the switch that turns them off in this browser."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.requests import RealmRequest
from portal.console.shortcuts import ANYWHERE, list_sections, remember_keys
from portal.templatetags.shortcuts import wants_keys


@require_safe
def shortcuts(request: RealmRequest) -> HttpResponse:
    context = {"anywhere": ANYWHERE, "sections": list(list_sections()), "are_on": wants_keys(request)}
    return render(request, "console/shortcuts.html", context)


@require_POST
def shortcuts_switched(request: RealmRequest) -> HttpResponse:
    are_on = request.POST.get("keys") == "on"
    answer = HttpResponseRedirect(reverse("console:shortcuts"))
    remember_keys(answer, are_on=are_on, path=request.realm.prefix, is_secure=request.is_secure())
    messages.success(request, f"Shortcuts are {'on' if are_on else 'off'} in this browser.")
    return answer
