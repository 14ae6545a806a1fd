"""What a tenant has defined: schemas, resource types, how far their indexes are, what providers send, and removal."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.presenters import describe_event
from audit.queries import list_events_of
from labsninja.kernel.edge import public_base_url
from portal.accounts.members import draw_for_member, member_page
from portal.accounts.requests import RealmRequest, make_origin
from portal.console.provider_fields import list_provider_fields
from portal.console.views.clients import GET_POST
from portal.shared.htmx import render_page
from scim.description.examples import make_new_resource, make_patch
from scim.protocol.attributes import Schema
from scim.protocol.schemas import BUILT_IN
from scim.protocol.schemas.definitions import ResourceType, SchemaDefinitionError, SchemaSet
from scim.protocol.schemas.tenant import IndexState
from scim.queries import find_present_schemas, list_attribute_indexes
from scim.services.index_builds import retry_indexes
from scim.services.schemas import SchemaInUseError, remove_definition
from tenants import TenantsError

UNPROCESSABLE, FORBIDDEN = 422, 403
NEWEST = 5
# What the list can be sorted by. A tenant has a hundred schemas at most: the list is one page.
SORTS: Final[Mapping[str, Callable[[Schema], Any]]] = {
    "name": lambda schema: (schema.name.casefold(), schema.id),
    "urn": lambda schema: schema.id,
    "attributes": lambda schema: (-len(schema.attributes), schema.id),
}


@require_safe
@member_page()
def schemas(request: RealmRequest) -> HttpResponse:
    known = find_present_schemas()
    types = [(one, BUILT_IN.resource_type(one.name) is None) for one in known.resource_types]
    text, sort = request.GET.get("q", ""), request.GET.get("sort", "")
    found = [one for one in known.defined if text.casefold() in f"{one.name} {one.id}".casefold()]
    found.sort(key=SORTS.get(sort, SORTS["name"]))
    return draw_for_member(
        request,
        "console/schemas",
        rows=[(one, list_types(known, one)) for one in found],
        types=types,
        text=text,
        sort=sort,
        sorts=SORTS,
        has_schemas=bool(known.defined),
        **_describe_indexes(""),
    )


@require_safe
@member_page()
def schema(request: RealmRequest, urn: str) -> HttpResponse:
    """One schema with what has to be sent."""
    known = find_present_schemas()
    found = find_own_schema(known, urn)
    events = list_events_of(target_id=found.id)[-NEWEST:]
    return draw_for_member(
        request,
        "console/schema",
        schema=found,
        types=list_types(known, found),
        sentences=[describe_event(event) for event in reversed(events)],
        **_describe_indexes(found.id),
        **describe_preview(request, known, found),
    )


@require_safe
@member_page()
def indexes(request: RealmRequest) -> HttpResponse:
    """The state of the indexes alone, asked for every two seconds while one is building."""
    context = _describe_indexes(request.GET.get("schema", ""))
    if request.htmx:
        return render_page(request, "console/schemas.html", "console/_indexes.html", context)
    return HttpResponseRedirect(reverse("console:schemas"))


@require_POST
@member_page()
def indexes_retried(request: RealmRequest) -> HttpResponse:
    try:
        number = retry_indexes(origin=make_origin(request))
    except TenantsError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Indexes to be built anew: {number}.")
    return HttpResponseRedirect(reverse("console:schemas"))


@require_http_methods(GET_POST)
@member_page()
def removal(request: RealmRequest, name: str) -> HttpResponse:
    """Asked first; what stands in the way is told with its count."""
    known = find_present_schemas()
    is_type = ":" not in name
    shown = find_own_type(known, name).name if is_type else find_own_schema(known, name).id
    context: dict[str, Any] = {}
    if request.method == "POST":
        try:
            remove_definition(name=shown, origin=make_origin(request))
        except SchemaInUseError as error:
            context = {"in_use": error, "status": UNPROCESSABLE}
        except SchemaDefinitionError as error:
            context = {"refused": str(error), "status": UNPROCESSABLE}
        except TenantsError as error:
            context = {"refused": str(error), "status": FORBIDDEN}
        else:
            messages.success(request, f"{shown} is removed.")
            return HttpResponseRedirect(reverse("console:schemas"))
    return draw_for_member(request, "console/schema_removal", name=shown, is_type=is_type, **context)


def find_own_schema(known: SchemaSet, urn: str) -> Schema:
    """A schema that the bound tenant has defined. Raises Http404."""
    found = known.schema(urn)
    if found is None or found not in known.defined:
        raise Http404
    return found


def find_own_type(known: SchemaSet, name: str) -> ResourceType:
    """A resource type that the bound tenant has defined. Raises Http404."""
    found = known.resource_type(name)
    if found is None or BUILT_IN.resource_type(name) is not None:
        raise Http404
    return found


def list_types(known: SchemaSet, schema: Schema) -> list[tuple[ResourceType, str]]:
    """The types that have the schema, and in what way."""
    found = []
    for one in known.resource_types:
        if one.schema.id == schema.id:
            found.append((one, "is made of it"))
        held = next((extension for extension in one.extensions if extension.schema.id == schema.id), None)
        if held is not None:
            found.append((one, "has to carry it" if held.required else "may carry it"))
    return found


def describe_preview(request: RealmRequest, known: SchemaSet, schema: Schema, type_name: str = "") -> dict[str, Any]:
    """What an identity provider must send to fill the schema, and where that is entered."""
    used = list_types(known, schema)
    chosen = known.resource_type(type_name) if type_name else (used[0][0] if used else None)
    resource_type = chosen or known.resource_type("User") or known.resource_types[0]
    return {
        "address": f"{public_base_url(request)}/scim/v2{resource_type.endpoint}",
        "post": _write(make_new_resource(resource_type, schema)),
        "patch": _write(make_patch(resource_type, schema)),
        "fields": list_provider_fields(schema) if resource_type.name == "User" else None,
        "previewed": schema,
        "previewed_type": resource_type,
    }


def _write(body: dict[str, Any]) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)


def _describe_indexes(urn: str) -> dict[str, Any]:
    found = [one for one in list_attribute_indexes() if one.path.startswith(f"{urn}:") or not urn]
    states = {one.state for one in found}
    return {
        "indexes": found,
        "of": urn,
        "is_building": IndexState.BUILDING in states,
        "has_failed": IndexState.FAILED in states,
    }
