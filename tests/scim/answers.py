"""What tests of the API say over and over: groups and operations that are sent, answers and traces that are read."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpResponse

from audit.actors import system_origin
from audit.personal import tell_event
from audit.queries import list_events_of
from labsninja.kernel.isolation import cross_tenant, tenant_context, tenant_scope
from scim.models import Change
from scim.protocol import urns
from tenants.models import Tenant
from tenants.services.authentication import forget_grants
from tenants.services.client_options import change_client_options, change_tenant_options
from tests.scim.conftest import MEDIA_TYPE, Provider
from tests.scim.recorded import rows_of


def body_of(answer: HttpResponse, status: int = 200) -> Any:
    """The JSON of an answer of that status."""
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


def refusal(answer: HttpResponse, status: int = 400, scim_type: str | None = None) -> str:
    """The detail of a SCIM error of that status and keyword."""
    body = body_of(answer, status)
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert (body["schemas"], body["status"]) == ([urns.ERROR], str(status))
    assert body.get("scimType") == scim_type, body
    detail: str = body["detail"]
    return detail


def operation(op: str, path: str | None = None, **value: Any) -> dict[str, Any]:
    """One operation; `value` only where it is given."""
    return {"op": op, **({"path": path} if path else {}), **value}


def patch(provider: Provider, path: str, *operations: Any, **headers: str) -> HttpResponse:
    """The answer to a PATCH with these operations."""
    return provider.send("PATCH", path, {"schemas": [urns.PATCH_OP], "Operations": list(operations)}, **headers)


def read(provider: Provider, path: str) -> Any:
    """The JSON of a GET that is served."""
    return body_of(provider.send("GET", path))


def create_group(provider: Provider, name: str, *members: Any, **attributes: Any) -> dict[str, Any]:
    """The new group with members by their ids."""
    listed = {"members": [{"value": member} for member in members]} if members else {}
    body = {"schemas": [urns.GROUP], "displayName": name, **listed, **attributes}
    made: dict[str, Any] = body_of(provider.send("POST", "/Groups", body), 201)
    return made


def members_of(provider: Provider, group: dict[str, Any]) -> list[str]:
    """Ids of the members as a GET shows them."""
    return [member["value"] for member in read(provider, f"/Groups/{group['id']}").get("members", ())]


def changes_of(provider: Provider, resource_id: str) -> list[Change]:
    """The change rows of a resource, oldest first."""
    with tenant_context(provider.tenant_id), tenant_scope():
        return list(Change.objects.filter(resource_id=UUID(resource_id)).order_by("version"))


def events_about(provider: Provider, resource_id: str) -> list[dict[str, Any]]:
    """The audit events about a resource, oldest first, as readers are told them."""
    with tenant_context(provider.tenant_id):
        return [tell_event(event) for event in list_events_of(target_id=resource_id)]


def newest_warnings(provider: Provider) -> list[str]:
    """The warnings on the last row of the request log."""
    found: list[str] = rows_of(provider.tenant_id)[-1]["warnings"]
    return found


def set_client(provider: Provider, **options: bool) -> None:
    """Switches of the provider's SCIM client, effective at once."""
    with tenant_context(provider.tenant_id):
        name = provider.scim_client.name
        change_client_options(client_name=name, options=options, origin=system_origin("test"))
    forget_grants()


def set_tenant(provider: Provider, **options: bool) -> None:
    """Switches of the provider's tenant, effective at once."""
    origin = system_origin("test")
    with cross_tenant(reason="an option for a test", actor=origin):
        slug = Tenant.objects.get(id=provider.tenant_id).slug
        change_tenant_options(slug=slug, options=options, origin=origin)
    forget_grants()
