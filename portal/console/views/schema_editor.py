"""Defining schemas and resource types: the form, its buttons, its preview, and what the service says of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portal.accounts.members import draw_for_member, member_page
from portal.accounts.pages import refuse
from portal.accounts.requests import RealmRequest, make_origin
from portal.console.schema_editor import Editor, change_editor, open_editor, read_editor
from portal.console.schema_forms import TypeForm
from portal.console.views.clients import GET_POST
from portal.console.views.schemas import UNPROCESSABLE, describe_preview, find_own_schema, find_own_type
from portal.shared.htmx import render_page
from scim.protocol.attributes import Schema
from scim.protocol.schemas.definitions import ResourceType, SchemaDefinitionError, SchemaSet
from scim.protocol.schemas.reading import read_schema
from scim.queries import find_present_schemas
from scim.services.schemas import SchemaInUseError, define_schema, define_schemas
from tenants import TenantsError
from tenants.models import Role

SAVE, PREVIEW = "save", "preview"


@require_http_methods(GET_POST)
@member_page(least=Role.ADMIN)
def new_schema(request: RealmRequest) -> HttpResponse:
    return _edit(request, find_present_schemas(), None)


@require_http_methods(GET_POST)
@member_page(least=Role.ADMIN)
def edited_schema(request: RealmRequest, urn: str) -> HttpResponse:
    known = find_present_schemas()
    return _edit(request, known, find_own_schema(known, urn))


@require_http_methods(GET_POST)
@member_page(least=Role.ADMIN)
def new_type(request: RealmRequest) -> HttpResponse:
    return _edit_type(request, find_present_schemas(), None)


@require_http_methods(GET_POST)
@member_page(least=Role.ADMIN)
def edited_type(request: RealmRequest, name: str) -> HttpResponse:
    known = find_present_schemas()
    return _edit_type(request, known, find_own_type(known, name))


def _edit(request: RealmRequest, known: SchemaSet, schema: Schema | None) -> HttpResponse:
    if request.method != "POST":
        editor = open_editor(known, schema)
        preview = describe_preview(request, known, schema) if schema else {}
        return _draw(request, editor, schema, **preview)
    act = request.POST.get("do", PREVIEW)
    if act not in {SAVE, PREVIEW}:
        return _draw(request, change_editor(request.POST, known, act, schema), schema)
    editor = read_editor(request.POST, known, schema)
    if act == PREVIEW:
        return _preview(request, known, editor, schema)
    return _save(request, known, editor, schema)


def _save(request: RealmRequest, known: SchemaSet, editor: Editor, schema: Schema | None) -> HttpResponse:
    if not editor.is_valid():
        return _draw(request, editor, schema, status=UNPROCESSABLE)
    definition, uses = editor.make_definition(), editor.form.read_uses()
    context: dict[str, Any] = {"status": UNPROCESSABLE}
    try:
        define_schema(definition=definition, uses=uses, is_new=schema is None, origin=make_origin(request))
    except SchemaDefinitionError as error:
        editor.place(error)
    except SchemaInUseError as error:
        context |= {"in_use": error, **_describe(request, known, editor)}
    except TenantsError as error:
        context = refuse(editor.form, error)
    else:
        messages.success(request, "The schema is in force. What is stored already gets its indexes in the background.")
        return HttpResponseRedirect(reverse("console:schema", args=[definition["id"]]))
    return _draw(request, editor, schema, **context)


def _preview(request: RealmRequest, known: SchemaSet, editor: Editor, schema: Schema | None) -> HttpResponse:
    """What would have to be sent, or what is missing for that to be told."""
    context: dict[str, Any] = {"missing": "The preview comes once every attribute has a name, and the schema a URN."}
    if editor.is_valid():
        context = _describe(request, known, editor)
    if request.htmx:
        return render_page(request, "console/schema_edit.html", "console/_schema_preview.html", context)
    return _draw(request, editor, schema, **context)


def _describe(request: RealmRequest, known: SchemaSet, editor: Editor) -> dict[str, Any]:
    """The preview of what can be read, or why there is none."""
    try:
        read = read_schema(editor.make_definition())
    except SchemaDefinitionError as error:
        editor.place(error)
        return {"missing": str(error)}
    return describe_preview(request, known, read, next(iter(editor.form.read_uses()), ""))


def _draw(
    request: RealmRequest, editor: Editor, schema: Schema | None, *, status: int = 200, **context: Any
) -> HttpResponse:
    known = {"form": editor.form, "rows": editor.rows, "schema": schema}
    return draw_for_member(request, "console/schema_edit", status=status, **known, **context)


def _edit_type(request: RealmRequest, known: SchemaSet, resource_type: ResourceType | None) -> HttpResponse:
    initial = _describe_type(resource_type) if resource_type else {}
    form = TypeForm(request.POST or None, known=known, initial=initial)
    context: dict[str, Any] = {}
    if resource_type is not None:
        form.fields["name"].disabled = True
    if form.is_valid():
        try:
            _check_name(known, resource_type, form.cleaned_data["name"])
            define_schemas(definitions=[form.read()], origin=make_origin(request))
        except SchemaDefinitionError as error:
            form.add_error(error.member if error.member in form.fields else None, str(error))
            context["status"] = UNPROCESSABLE
        except SchemaInUseError as error:
            context = {"in_use": error, "status": UNPROCESSABLE}
        except TenantsError as error:
            context = refuse(form, error)
        else:
            messages.success(request, f"The resource type {form.cleaned_data['name']} is in force.")
            return HttpResponseRedirect(reverse("console:schemas"))
    return draw_for_member(
        request, "console/type_edit", form=form, type=resource_type, has_schemas=bool(known.defined), **context
    )


def _check_name(known: SchemaSet, resource_type: ResourceType | None, name: str) -> None:
    """A new type takes no other's place. Raises SchemaDefinitionError."""
    if resource_type is None and known.resource_type(name) is not None:
        raise SchemaDefinitionError(f"There is a resource type {name} already.", member="name")


def _describe_type(resource_type: ResourceType) -> dict[str, str]:
    named = {name: getattr(resource_type, name) for name in ("name", "endpoint", "description")}
    uses = {f"use-{one.schema.id}": "must" if one.required else "may" for one in resource_type.extensions}
    return {**named, "schema": resource_type.schema.id, **uses}
