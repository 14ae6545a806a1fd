"""An act of an administrator as a page: what it does in words, a plain form, one call of a service, a message.

Whatever is dangerous or shows a secret asks first who is there, if that was shown more than five minutes ago.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from portal.accounts.pages import refuse, stepped_up
from portal.accounts.requests import RealmRequest
from tenants import TenantsError
from tenants.services.tenants import LONGEST_REASON

Run = Callable[[RealmRequest, Any, Mapping[str, Any]], str | HttpResponseBase]


class ActForm(forms.Form):
    """`row` is what the act is done to; None where something new is made."""

    def __init__(self, *args: Any, row: Any = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.row = row


class ReasonForm(ActForm):
    """For what others will ask about."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 3, "cols": 60}),
        help_text="It stands in the audit history.",
    )


class TypedNameForm(ActForm):
    """For what cannot be taken back: the row's name has to be typed."""

    typed = forms.CharField(label="Name", widget=forms.TextInput({"autocomplete": "off", "size": 40}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["typed"].help_text = f"Type {self.row} to confirm."

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if typed != str(self.row):
            raise forms.ValidationError("This is another name.")
        return typed


@dataclass(frozen=True)
class Act:
    """`name` stands in the address, `label` on the button, `effect` above the form. `run` makes the one call and gives
    the message to show, or an answer of its own.
    """

    name: str
    label: str
    effect: str
    run: Run
    form: type[ActForm] = ActForm
    is_of_row: bool = True
    needs_step_up: bool = False
    is_dangerous: bool = False
    is_offered: Callable[[Any], bool] = lambda _row: True


def list_act_urls(*, owner: Any, acts: Sequence[Act]) -> list[URLPattern]:
    """Addresses of a model's acts, for its admin's get_urls."""
    return [
        path(
            f"<uuid:object_id>/{act.name}/" if act.is_of_row else f"{act.name}/",
            owner.admin_site.admin_view(_make_view(owner, act)),
            name=name_act(options=owner.opts, act=act),
        )
        for act in acts
    ]


def list_buttons(*, owner: Any, acts: Sequence[Act], row: Any = None) -> list[dict[str, Any]]:
    """What the page of a row, or of the list, offers to do."""
    offered = (act for act in acts if act.is_of_row == (row is not None) and (row is None or act.is_offered(row)))
    values = [row.pk] if row is not None else []
    return [
        {
            "label": act.label,
            "url": reverse(f"admin:{name_act(options=owner.opts, act=act)}", args=values),
            "is_dangerous": act.is_dangerous,
        }
        for act in offered
    ]


def name_act(*, options: Any, act: Act) -> str:
    """The address's name within the admin."""
    return f"{options.app_label}_{options.model_name}_{act.name}"


def _make_view(owner: Any, act: Act) -> Callable[..., Any]:
    def view(request: RealmRequest, object_id: Any = None) -> Any:
        row = _find(owner, act, request, object_id)
        form = act.form(request.POST or None, row=row) if request.method == "POST" else act.form(row=row)
        form.is_bound = request.method == "POST"
        status: int = HTTPStatus.OK
        if form.is_bound and form.is_valid():
            try:
                told = act.run(request, row, form.cleaned_data)
            except TenantsError as error:
                status = refuse(form, error)["status"]
            else:
                return told if isinstance(told, HttpResponseBase) else _go_back(owner, request, row, told)
        elif form.is_bound:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        answer = _draw(owner, act, request, row, form)
        answer.status_code = status
        return answer

    return stepped_up(view) if act.needs_step_up else view


def _find(owner: Any, act: Act, request: RealmRequest, object_id: Any) -> Any:
    """Raises Http404 for a row that is not there, or of which the act is not offered."""
    if not act.is_of_row:
        return None
    row = owner.get_object(request, str(object_id))
    if row is None or not act.is_offered(row):
        raise Http404
    return row


def _go_back(owner: Any, request: RealmRequest, row: Any, told: str) -> HttpResponse:
    messages.success(request, told)
    options = owner.opts
    name = f"admin:{options.app_label}_{options.model_name}_"
    still_there = row is not None and owner.get_object(request, str(row.pk)) is not None
    return HttpResponseRedirect(
        reverse(f"{name}change", args=[row.pk]) if still_there else reverse(f"{name}changelist")
    )


def _draw(owner: Any, act: Act, request: RealmRequest, row: Any, form: ActForm) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": act.label,
        "subtitle": owner.name_row(row) if row is not None else None,
        "opts": owner.opts,
        "act": act,
        "original": row,
        "name": owner.name_row(row) if row is not None else "",
        "form": form,
    }
    return TemplateResponse(request, "admin/act.html", context)
