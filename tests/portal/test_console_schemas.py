"""Schemas in the console: put in force and used by a provider, changed, removed, and who may."""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from audit.queries import list_events
from labsninja.kernel.isolation import tenant_context
from scim.protocol import urns
from scim.queries import find_present_schemas
from scim.services.index_builds import build_batch
from tenants.models import Role, ScimClient
from tenants.services.authentication import forget_grants
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token
from tests.portal.schema_forms import (
    BADGE,
    NEW,
    NUMBER,
    OFFICE,
    SYSTEM,
    define_badge,
    enter_console,
    make_form,
    read_text,
)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def operator(client: Client, tenant_id: UUID) -> Client:
    return enter_console(client, tenant_id, Role.ADMIN)


def _post_user(tenant_id: UUID, name: str, **badge: Any) -> Any:
    forget_grants()
    with tenant_context(tenant_id):
        made = create_scim_client(name=f"Okta {name}", kind=ScimClient.Kind.OKTA, origin=SYSTEM)
        token = issue_token(scim_client=made, scopes=SCOPES, origin=SYSTEM).text
    body = json.dumps({"schemas": [urns.USER, BADGE], "userName": name, BADGE: badge})
    headers = {"Authorization": f"Bearer {token}"}
    return Client().post("/scim/v2/Users", body, content_type="application/scim+json", headers=headers)


def test_extension_is_put_in_force_with_one_event_and_taken_from_a_provider(operator: Client, tenant_id: UUID) -> None:
    phone = {"name": "phone", "type": "complex", "multi_valued": "on"}
    part = {"name": "line", "type": "string", "part": "on", "canonical_values": "desk\n\n lab "}
    answer = operator.post(NEW, make_form(OFFICE, NUMBER, phone, part))
    assert answer.headers["Location"] == f"/console/schemas/show/{BADGE}"
    with tenant_context(tenant_id):
        found = find_present_schemas().schema(BADGE)
        event = list_events(newest=1)[0]
    assert found
    assert [(one.name, one.type.value, one.required) for one in found.attributes] == [
        ("office", "string", False),
        ("number", "integer", True),
        ("phone", "complex", False),
    ]
    assert found.attributes[2].sub_attributes[0].canonical_values == ("desk", "lab")
    assert (event.action, event.target_id) == ("scim.schema.defined", BADGE)
    created = _post_user(tenant_id, "ada", office="North", number=4, phone=[{"line": "lab"}])
    assert (created.status_code, created.json()[BADGE]["number"]) == (201, 4)
    assert _post_user(tenant_id, "eve", office="North").status_code == 400


def test_page_of_a_schema_tells_what_to_send_and_where_to_enter_it(operator: Client, tenant_id: UUID) -> None:
    several = {"name": "colors", "multiValued": True}
    define_badge(
        tenant_id, {"name": "office", "canonicalValues": ["North"]}, several, {"name": "floor", "type": "decimal"}
    )
    page = read_text(operator.get(f"/console/schemas/show/{BADGE}"))
    assert "POST http://testserver/scim/v2/Users" in page
    assert "&quot;office&quot;: &quot;North&quot;" in page
    assert f"&quot;path&quot;: &quot;{BADGE}:office&quot;" in page
    assert "string array" in page
    assert "number" in page
    assert page.count("Entra sends single texts alone") == 2
    assert "Entra takes URNs of the form" not in page


def test_extension_under_a_urn_that_entra_does_not_take_says_so(operator: Client) -> None:
    answer = operator.post(NEW, make_form(OFFICE, do="preview", id="urn:example:badge:2.0:User"))
    assert "Entra takes URNs of the form" in read_text(answer)


def test_change_tells_how_many_resources_stand_in_the_way(operator: Client, tenant_id: UUID) -> None:
    define_badge(tenant_id)
    for name in ("ada", "eve"):
        assert _post_user(tenant_id, name, office="North").status_code == 201
    address = f"/console/schemas/edit/{BADGE}"
    assert 'value="office"' in read_text(operator.get(address))
    answer = operator.post(address, make_form({"name": "office", "type": "integer"}))
    page = read_text(answer)
    assert answer.status_code == 422
    assert "2 resources stand in the way" in page
    assert operator.post(address, make_form(OFFICE, NUMBER | {"required": ""})).status_code == 302
    with tenant_context(tenant_id):
        found = find_present_schemas().schema(BADGE)
    assert found
    assert [one.name for one in found.attributes] == ["office", "number"]


def test_type_that_is_taken_from_a_schema_no_longer_carries_it(operator: Client, tenant_id: UUID) -> None:
    define_badge(tenant_id)
    address = f"/console/schemas/edit/{BADGE}"
    operator.post(address, make_form(OFFICE, **{"use-User": "", "use-Group": "must"}))
    with tenant_context(tenant_id):
        types = {one.name: one for one in find_present_schemas().resource_types}
    assert BADGE not in types["User"].schema_ids.values()
    assert [one.required for one in types["Group"].extensions if one.schema.id == BADGE] == [True]


def test_removal_tells_what_stands_in_the_way_and_then_removes(operator: Client, tenant_id: UUID) -> None:
    define_badge(tenant_id)
    user = _post_user(tenant_id, "ada", office="North").json()
    address = f"/console/schemas/remove/{BADGE}"
    assert "As long as resources hold values" in read_text(operator.get(address))
    refused = operator.post(address)
    assert (refused.status_code, "1 resource stands in the way" in read_text(refused)) == (422, True)
    with tenant_context(tenant_id):
        made = create_scim_client(name="Custom", kind=ScimClient.Kind.CUSTOM, origin=SYSTEM)
        token = issue_token(scim_client=made, scopes=SCOPES, origin=SYSTEM).text
    headers = {"Authorization": f"Bearer {token}"}
    assert Client().delete(f"/scim/v2/Users/{user['id']}", headers=headers).status_code == 204
    assert operator.post(address).headers["Location"] == "/console/schemas"
    with tenant_context(tenant_id):
        assert list_events(newest=1)[0].action == "scim.schema.removed"


def test_resource_type_is_defined_changed_and_removed(operator: Client, tenant_id: UUID) -> None:
    device = "urn:example:device:2.0:Device"
    assert "Define the schema first" in read_text(operator.get("/console/schemas/types/new"))
    operator.post(NEW, make_form({"name": "serial", "type": "string"}, id=device, name="Device", **{"use-User": ""}))
    sent = {"name": "Device", "endpoint": "/Devices", "schema": device, "description": "Things"}
    wrong = operator.post("/console/schemas/types/new", {**sent, "endpoint": "Devices"})
    assert (wrong.status_code, 'id="id_endpoint_error"' in read_text(wrong)) == (422, True)
    taken = operator.post("/console/schemas/types/new", {**sent, "name": "User"})
    assert (taken.status_code, 'id="id_name_error"' in read_text(taken)) == (422, True)
    assert operator.post("/console/schemas/types/new", sent).status_code == 302
    changed = operator.post("/console/schemas/types/edit/Device", {**sent, "description": "Machines"})
    assert changed.status_code == 302
    with tenant_context(tenant_id):
        found = find_present_schemas().resource_type("Device")
    assert found
    assert (found.endpoint, found.description) == ("/Devices", "Machines")
    in_use = operator.post(f"/console/schemas/remove/{device}")
    assert (in_use.status_code, "remove that first" in read_text(in_use)) == (422, True)
    assert operator.post("/console/schemas/remove/Device").status_code == 302


def test_state_of_an_index_is_shown_until_it_is_ready(operator: Client, tenant_id: UUID) -> None:
    define_badge(tenant_id)
    _post_user(tenant_id, "ada", office="North")
    define_badge(tenant_id, {"name": "office", "indexed": True})
    asked: dict[str, Any] = {"headers": {"HX-Request": "true"}, "data": {"schema": BADGE}}
    building = read_text(operator.get("/console/schemas/indexes", **asked))
    assert "building" in building
    assert 'hx-trigger="every 2s"' in building
    with tenant_context(tenant_id):
        while build_batch(origin=SYSTEM):
            pass
    ready = read_text(operator.get("/console/schemas/indexes", **asked))
    assert "ready" in ready
    assert "hx-trigger" not in ready


def test_schemas_are_searched_and_sorted(operator: Client, tenant_id: UUID) -> None:
    define_badge(tenant_id)
    others = {"id": "urn:example:desk:2.0:Desk", "name": "Desk", "use-User": ""}
    operator.post(NEW, make_form(OFFICE, NUMBER, **others))

    def names(query: str) -> list[str]:
        page = read_text(operator.get(f"/console/schemas{query}"))
        return re.findall(r"/console/schemas/show/[^>]*>(\w+)<", page)

    assert names("") == names("?sort=nonsense") == ["Badge", "Desk"]
    assert names("?sort=attributes") == names("?sort=urn") == ["Desk", "Badge"]
    assert names("?q=EXAMPLE:desk") == ["Desk"]
    assert "No schema like this" in read_text(operator.get("/console/schemas?q=nothing"))


def test_viewer_looks_and_changes_nothing(tenant_id: UUID) -> None:
    define_badge(tenant_id)
    viewer = enter_console(Client(), tenant_id, Role.VIEWER)
    pages = [read_text(viewer.get(address)) for address in ("/console/schemas", f"/console/schemas/show/{BADGE}")]
    assert not any(f"/console/schemas/{act}" in page for page in pages for act in ("edit", "new", "remove"))
    assert viewer.post(NEW, make_form(OFFICE)).status_code == 403
    for address in (f"/console/schemas/edit/{BADGE}", f"/console/schemas/remove/{BADGE}"):
        assert viewer.post(address, make_form(NUMBER)).status_code == 403
    viewer.post("/console/schemas/indexes/retry")
    with tenant_context(tenant_id):
        found = find_present_schemas().schema(BADGE)
    assert found
    assert [one.name for one in found.attributes] == ["office"]


def test_schema_of_another_tenant_is_not_there(operator: Client, make_tenant: Callable[[], UUID]) -> None:
    define_badge(make_tenant())
    for act in ("show", "edit", "remove"):
        assert operator.get(f"/console/schemas/{act}/{BADGE}").status_code == 404
    assert operator.get(f"/console/schemas/show/{urns.USER}").status_code == 404
    assert operator.get("/console/schemas/types/edit/User").status_code == 404
