"""What every list of the platform's admin has: rows of all tenants, to read; bounded counts; the acts on offer."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils.http import urlencode

from labsninja.admin.acts import Act, list_act_urls, list_buttons
from labsninja.kernel.isolation.managers import TenantModel
from tenants.models import Tenant

MOST_COUNTED = 1000
MOST_CHOICES = 25


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # generic for the type checker alone
    """Counts to a thousand: beyond it nobody turns pages, they filter."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[:MOST_COUNTED].count())


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for the type checker alone
    """Nobody adds, changes or deletes here; what may be done stands in `acts`."""

    actions = None
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    paginator = BoundedPaginator
    view_on_site = False
    show_facets = admin.ShowFacets.NEVER
    hint = ""
    change_list_template = "admin/list.html"
    change_form_template = "admin/detail.html"
    acts: ClassVar[Sequence[Act]] = ()

    @property
    def is_global(self) -> bool:
        """Whether the model's rows belong to no tenant."""
        return not issubclass(self.model, TenantModel)

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request) if self.is_global else self.model.across.all()
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def name_row(self, row: Any) -> str:
        """What a person calls the row."""
        return str(row)

    def get_urls(self) -> list[URLPattern]:
        return [*list_act_urls(owner=self, acts=self.acts), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {
            "buttons": list_buttons(owner=self, acts=self.acts),
            "title": str(self.opts.verbose_name_plural).capitalize(),
            "hint": self.hint,
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """By POST nothing is changed here, so Django's way to a form, within a transaction, is not even begun."""
        if request.method == "POST":
            raise PermissionDenied
        return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(self, *_args: Any, **_options: Any) -> HttpResponse:
        raise PermissionDenied

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **options: Any) -> HttpResponse:
        row = options["obj"]
        context["buttons"] = list_buttons(owner=self, acts=self.acts, row=row)
        context["title"] = context["subtitle"] = self.name_row(row)
        answer: HttpResponse = super().render_change_form(request, context, *args, **options)
        return answer

    def history_view(self, _request: HttpRequest, object_id: str, _extra_context: Any = None) -> HttpResponse:
        """The audit history is the log: Django's own stays empty."""
        query = urlencode({"q": object_id, "since": "all"})
        return HttpResponseRedirect(f"{reverse('admin:audit_auditevent_changelist')}?{query}")


class TenantAdminBase(ReadOnlyAdmin):
    """For models whose rows belong to a tenant: its slug beside each, by a sub-select."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        slugs = Tenant.objects.filter(id=OuterRef("tenant_id")).values("slug")
        rows: QuerySet[Any] = super().get_queryset(request).annotate(tenant_slug=Subquery(slugs))
        return rows

    @admin.display(description="tenant")
    def tenant(self, row: Any) -> str:
        return str(row.tenant_slug)


class TenantFilter(admin.SimpleListFilter):
    """By tenant, whose id may also stand in the address; the first of many are offered."""

    title = "tenant"
    parameter_name = "tenant"

    def lookups(self, request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        chosen = parse_uuid(request.GET.get(self.parameter_name, ""))
        offered = list(Tenant.objects.order_by("slug")[:MOST_CHOICES])
        if chosen is not None and chosen not in {tenant.id for tenant in offered}:
            offered += Tenant.objects.filter(id=chosen)
        return [(str(tenant.id), tenant.slug) for tenant in offered]

    def has_output(self) -> bool:
        return True

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        chosen = parse_uuid(self.value() or "")
        if self.value() and chosen is None:
            return rows.none()
        return rows.filter(tenant_id=chosen) if chosen else rows


class ChoiceFilter(admin.SimpleListFilter):
    """By one of a column's known values, which are not looked up in the table."""

    choices_of: ClassVar[Sequence[tuple[str, str]]] = ()

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return list(self.choices_of)

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return rows
        is_known = self.value() in dict(self.choices_of)
        return rows.filter(**{str(self.parameter_name): self.value()}) if is_known else rows.none()


def parse_uuid(text: str) -> UUID | None:
    """None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
