"""The audit history of all tenants, to read: filtered, each event with its sentence, its text, and what proves it."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from audit.actions import Action, Outcome
from audit.actors import ActorKind
from audit.models import AuditEvent
from audit.personal import open_events
from audit.presenters import describe_event
from audit.standing import prove_standing
from labsninja.admin.lists import ChoiceFilter, TenantAdminBase, TenantFilter
from labsninja.kernel.isolation import tenant_context, tenant_scope


class SinceFilter(admin.SimpleListFilter):
    """A day unless asked otherwise: there is no index by time alone, so a short time keeps a look short."""

    title = "time"
    parameter_name = "since"
    DAYS: ClassVar = {"day": 1, "week": 7, "month": 31}

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [("day", "24 hours"), ("week", "7 days"), ("month", "31 days"), ("all", "Everything kept")]

    def choices(self, changelist: Any) -> Any:
        """Without Django's own first choice: no choice is a day."""
        choices = list(super().choices(changelist))[1:]
        choices[0]["selected"] = self.value() in {None, "day"}
        return choices

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return rows
        days = self.DAYS.get(self.value() or "day", 1)
        return rows.filter(at__gte=datetime.now(UTC) - timedelta(days=days))


class ActionFilter(ChoiceFilter):
    title = "action"
    template = "admin/closed_filter.html"
    parameter_name = "action"
    choices_of = [(action, action) for action in sorted(Action)]


class OutcomeFilter(ChoiceFilter):
    title = "outcome"
    parameter_name = "outcome"
    choices_of = [(outcome, outcome) for outcome in Outcome]


class ActorFilter(ChoiceFilter):
    title = "actor"
    parameter_name = "actor_kind"
    choices_of = [(kind, kind.replace("_", " ")) for kind in ActorKind]


@admin.register(AuditEvent)
class AuditEventAdmin(TenantAdminBase):
    """The search is exact: an id of a target, of a request, or of whoever acted, or one of their names."""

    list_display = ("at", "sentence", "tenant", "action", "outcome", "address")
    list_display_links = ("at", "sentence")
    list_filter = (SinceFilter, TenantFilter, OutcomeFilter, ActorFilter, ActionFilter)
    search_fields = ("target_id",)
    hint = "The search is exact: id of a target or a request, or the name of who acted or of what was acted on."
    ordering = ("-at", "-id")
    fields = (
        *("sentence", "at", "tenant", "action", "outcome", "actor_kind", "actor_id", "actor_label", "token_prefix"),
        *("surface", "address", "user_agent", "target_type", "target_id", "target_display", "request_id", "proof"),
        "text",
    )
    readonly_fields = ("sentence", "tenant", "proof", "text")
    sortable_by = ()

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """With the personal values that still open; in the list of all tenants they stay sealed."""
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            with tenant_context(row.tenant_id), tenant_scope():
                open_events([row])
        return row

    def name_row(self, row: Any) -> str:
        return f"{row.action} {row.at:%Y-%m-%d %H:%M:%S}"

    def get_search_results(self, _request: HttpRequest, rows: QuerySet[Any], term: str) -> tuple[QuerySet[Any], bool]:
        names = ("target_id", "request_id", "actor_id", "actor_label", "target_display", "token_prefix")
        asked = Q()
        for name in names:
            asked |= Q(**{name: term.strip()})
        return (rows.filter(asked) if term.strip() else rows), False

    def history_view(self, request: HttpRequest, object_id: str, _extra_context: Any = None) -> Any:
        row = self.get_object(request, object_id)
        return super().history_view(request, row.target_id if row else object_id)

    @admin.display(description="what happened")
    def sentence(self, row: Any) -> str:
        return describe_event(row)

    @admin.display(description="canonical text")
    def text(self, row: Any) -> str:
        return format_html('<pre class="canonical">{}</pre>', row.canonical)

    @admin.display(description="proof")
    def proof(self, row: Any) -> str:
        with tenant_context(row.tenant_id):
            return prove_standing(event_id=row.id, canonical=row.canonical).told
