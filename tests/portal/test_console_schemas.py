"""Schemas in the console: built attribute by attribute, refused beside the field, put in force, changed, removed."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from audit.actors import system_origin
from audit.queries import list_events
from labsninja.kernel.isolation import tenant_context
from scim.protocol import urns
from scim.queries import find_present_schemas
from scim.services.index_builds import build_batch
from scim.services.schemas import define_schemas
from tenants.models import Role, ScimClient
from tenants.realms import CONSOLE
from tenants.services.authentication import forget_grants
from tenants.services.scim_clients import create_scim_client
from tenants.services.tokens import SCOPES, issue_token
from tests.portal.signing_in import make_member, open_session

pytestmark = pytest.mark.usefixtures("database")
BADGE = "urn:ietf:params:scim:schemas:extension:badge:2.0:User"
NEW, SYSTEM = "/console/schemas/new", system_origin("test")


@pytest.fixture
def tenant_id(make_tenant: Callable[[], UUID]) -> UUID:
    return make_tenant()


@pytest.fixture
def operator(client: Client, tenant_id: UUID) -> Client:
    return _enter(client, tenant_id, Role.ADMIN)


def _enter(client: Client, tenant_id: UUID, role: Role) -> Client:
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id, role))
    client.get("/console/", follow=True)
    return client


def _text(answer: Any) -> str:
    return str(answer.content.decode())


def _form(*rows: dict[str, str], do: str = "save", **changes: str) -> dict[str, str]:
    """The form as a browser sends it."""
    sent = {"id": BADGE, "name": "Badge", "use-User": "may", "do": do}
    sent |= {"attributes-TOTAL_FORMS": str(len(rows)), "attributes-INITIAL_FORMS": str(len(rows))}
    sent |= {f"attributes-{at}-{name}": value for at, row in enumerate(rows) for name, value in row.items()}
    return sent | changes


OFFICE = {"name": "office", "type": "string"}
NUMBER = {"name": "number", "type": "integer", "required": "on"}


def _define(tenant_id: UUID, *attributes: dict[str, Any], **options: Any) -> None:
    definition = {"id": BADGE, "name": "Badge", "attributes": list(attributes) or [{"name": "office"}]}
    with tenant_context(tenant_id):
        define_schemas(definitions=[definition], extends=["User"], origin=SYSTEM, **options)


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
    answer = operator.post(NEW, _form(OFFICE, NUMBER, phone, part))
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
    _define(tenant_id, {"name": "office", "canonicalValues": ["North"]}, several, {"name": "floor", "type": "decimal"})
    page = _text(operator.get(f"/console/schemas/show/{BADGE}"))
    assert "POST http://testserver/scim/v2/Users" in page
    assert "&quot;office&quot;: &quot;North&quot;" in page
    assert f"&quot;path&quot;: &quot;{BADGE}:office&quot;" in page
    assert "string array" in page
    assert "number" in page
    assert page.count("Entra sends single texts alone") == 2
    assert "Entra takes URNs of the form" not in page


def test_extension_under_a_urn_that_entra_does_not_take_says_so(operator: Client) -> None:
    answer = operator.post(NEW, _form(OFFICE, do="preview", id="urn:example:badge:2.0:User"))
    assert "Entra takes URNs of the form" in _text(answer)


@pytest.mark.parametrize(
    ("row", "field", "told"),
    [
        pytest.param({"name": ""}, "name", "This field is required", id="no-name"),
        pytest.param({"name": "7up"}, "name", "is not a name of an attribute", id="bad-name"),
        pytest.param({"name": "OFFICE"}, "name", "occurs twice", id="twice"),
        pytest.param({"name": "x", "type": "complex"}, "type", "complex exactly when", id="no-parts"),
        pytest.param({"name": "x", "type": "boolean", "uniqueness": "server"}, "uniqueness", "unique", id="unique"),
        pytest.param({"name": "x", "type": "reference"}, "reference_types", "needs referenceTypes", id="reference"),
        pytest.param({"name": "x", "mutability": "writeOnly"}, "returned", "has to be never", id="secret"),
        pytest.param({"name": "x", "type": "none"}, "type", "Select a valid choice", id="type"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(operator: Client, row: dict[str, str], field: str, told: str) -> None:
    answer = operator.post(NEW, _form(OFFICE, row))
    page = _text(answer)
    assert answer.status_code == 422
    error = page.partition(f'id="id_attributes-1-{field}_error"')[2].partition("</p>")[0]
    assert told in error


def test_refusal_of_a_part_stands_beside_the_part(operator: Client) -> None:
    rows = ({"name": "phone", "type": "complex"}, {"name": "line", "part": "on"}, {"name": "line", "part": "on"})
    page = _text(operator.post(NEW, _form(OFFICE, *rows)))
    assert 'id="id_attributes-3-name_error"' in page
    assert 'id="id_attributes-2-name_error"' not in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"id": "badge"}, "id", id="no-urn"),
        pytest.param({"id": urns.USER}, "id", id="built-in"),
        pytest.param({"name": ""}, "name", id="no-name"),
    ],
)
def test_what_cannot_be_of_the_schema_is_told_beside_its_field(
    operator: Client, changes: dict[str, str], field: str
) -> None:
    answer = operator.post(NEW, _form(OFFICE, **changes))
    assert (answer.status_code, f'id="id_{field}_error"' in _text(answer)) == (422, True)


def test_new_schema_takes_no_others_place(operator: Client, tenant_id: UUID) -> None:
    _define(tenant_id)
    answer = operator.post(NEW, _form(NUMBER))
    assert (answer.status_code, "is defined already" in _text(answer)) == (422, True)


def _names(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('-name" value="')[1:]]


def test_buttons_add_move_and_remove_rows_and_keep_what_was_typed(operator: Client, tenant_id: UUID) -> None:
    rows = (OFFICE, {"name": "phone", "type": "complex"}, {"name": "line", "part": "on"}, NUMBER)

    def press(do: str) -> str:
        return _text(operator.post(NEW, _form(*rows, do=do, name="Typed")))

    assert 'value="Typed"' in press("add")
    assert 'name="attributes-4-name"' in press("add")
    assert _names(press("remove-1")) == ["office", "number"]
    assert _names(press("remove-2")) == ["office", "phone", "number"]
    assert _names(press("up-3")) == ["office", "number", "phone", "line"]
    assert _names(press("up-1")) == ["phone", "line", "office", "number"]
    with_part = press("part-0")
    assert 'name="attributes-1-part" value="on"' in with_part
    assert '<option value="complex" selected>' in with_part
    for nonsense in ("up-0", "remove-99", "up-x", "what"):
        assert press(nonsense)
    with tenant_context(tenant_id):
        assert find_present_schemas().defined == ()


@pytest.mark.parametrize("total", ["", "-1", "x", "99999999999999999999", "²"])
def test_form_with_a_count_of_rows_that_is_none_is_no_error_of_ours(operator: Client, total: str) -> None:
    sent = {**_form(OFFICE), "attributes-TOTAL_FORMS": total}
    assert operator.post(NEW, sent).status_code == 422


def test_preview_is_a_fragment_for_htmx_and_a_page_without_a_script(operator: Client) -> None:
    sent = _form(OFFICE, do="preview")
    fragment = _text(operator.post(NEW, sent, headers={"HX-Request": "true"}))
    assert "What the identity provider must send" in fragment
    assert "<html" not in fragment
    page = _text(operator.post(NEW, sent))
    assert "What the identity provider must send" in page
    assert "<html" in page
    missing = _text(operator.post(NEW, _form({"name": ""}, do="preview"), headers={"HX-Request": "true"}))
    assert "The preview comes once" in missing


def test_change_tells_how_many_resources_stand_in_the_way(operator: Client, tenant_id: UUID) -> None:
    _define(tenant_id)
    for name in ("ada", "eve"):
        assert _post_user(tenant_id, name, office="North").status_code == 201
    address = f"/console/schemas/edit/{BADGE}"
    assert 'value="office"' in _text(operator.get(address))
    answer = operator.post(address, _form({"name": "office", "type": "integer"}))
    page = _text(answer)
    assert answer.status_code == 422
    assert "2 resources stand in the way" in page
    assert operator.post(address, _form(OFFICE, NUMBER | {"required": ""})).status_code == 302
    with tenant_context(tenant_id):
        found = find_present_schemas().schema(BADGE)
    assert found
    assert [one.name for one in found.attributes] == ["office", "number"]


def test_type_that_is_taken_from_a_schema_no_longer_carries_it(operator: Client, tenant_id: UUID) -> None:
    _define(tenant_id)
    address = f"/console/schemas/edit/{BADGE}"
    operator.post(address, _form(OFFICE, **{"use-User": "", "use-Group": "must"}))
    with tenant_context(tenant_id):
        types = {one.name: one for one in find_present_schemas().resource_types}
    assert BADGE not in types["User"].schema_ids.values()
    assert [one.required for one in types["Group"].extensions if one.schema.id == BADGE] == [True]


def test_removal_tells_what_stands_in_the_way_and_then_removes(operator: Client, tenant_id: UUID) -> None:
    _define(tenant_id)
    user = _post_user(tenant_id, "ada", office="North").json()
    address = f"/console/schemas/remove/{BADGE}"
    assert "As long as resources hold values" in _text(operator.get(address))
    refused = operator.post(address)
    assert (refused.status_code, "1 resource stands in the way" in _text(refused)) == (422, True)
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
    assert "Define the schema first" in _text(operator.get("/console/schemas/types/new"))
    operator.post(NEW, _form({"name": "serial", "type": "string"}, id=device, name="Device", **{"use-User": ""}))
    sent = {"name": "Device", "endpoint": "/Devices", "schema": device, "description": "Things"}
    wrong = operator.post("/console/schemas/types/new", {**sent, "endpoint": "Devices"})
    assert (wrong.status_code, 'id="id_endpoint_error"' in _text(wrong)) == (422, True)
    taken = operator.post("/console/schemas/types/new", {**sent, "name": "User"})
    assert (taken.status_code, 'id="id_name_error"' in _text(taken)) == (422, True)
    assert operator.post("/console/schemas/types/new", sent).status_code == 302
    changed = operator.post("/console/schemas/types/edit/Device", {**sent, "description": "Machines"})
    assert changed.status_code == 302
    with tenant_context(tenant_id):
        found = find_present_schemas().resource_type("Device")
    assert found
    assert (found.endpoint, found.description) == ("/Devices", "Machines")
    in_use = operator.post(f"/console/schemas/remove/{device}")
    assert (in_use.status_code, "remove that first" in _text(in_use)) == (422, True)
    assert operator.post("/console/schemas/remove/Device").status_code == 302


def test_state_of_an_index_is_shown_until_it_is_ready(operator: Client, tenant_id: UUID) -> None:
    _define(tenant_id)
    _post_user(tenant_id, "ada", office="North")
    _define(tenant_id, {"name": "office", "indexed": True})
    asked = {"headers": {"HX-Request": "true"}, "data": {"schema": BADGE}}
    building = _text(operator.get("/console/schemas/indexes", **asked))
    assert "building" in building
    assert 'hx-trigger="every 2s"' in building
    with tenant_context(tenant_id):
        while build_batch(origin=SYSTEM):
            pass
    ready = _text(operator.get("/console/schemas/indexes", **asked))
    assert "ready" in ready
    assert "hx-trigger" not in ready


def test_viewer_looks_and_changes_nothing(tenant_id: UUID) -> None:
    _define(tenant_id)
    viewer = _enter(Client(), tenant_id, Role.VIEWER)
    pages = [_text(viewer.get(address)) for address in ("/console/schemas", f"/console/schemas/show/{BADGE}")]
    assert not any(f"/console/schemas/{act}" in page for page in pages for act in ("edit", "new", "remove"))
    assert viewer.post(NEW, _form(OFFICE)).status_code == 403
    for address in (f"/console/schemas/edit/{BADGE}", f"/console/schemas/remove/{BADGE}"):
        assert viewer.post(address, _form(NUMBER)).status_code == 403
    viewer.post("/console/schemas/indexes/retry")
    with tenant_context(tenant_id):
        found = find_present_schemas().schema(BADGE)
    assert found
    assert [one.name for one in found.attributes] == ["office"]


def test_schema_of_another_tenant_is_not_there(operator: Client, make_tenant: Callable[[], UUID]) -> None:
    _define(make_tenant())
    for act in ("show", "edit", "remove"):
        assert operator.get(f"/console/schemas/{act}/{BADGE}").status_code == 404
    assert operator.get(f"/console/schemas/show/{urns.USER}").status_code == 404
    assert operator.get("/console/schemas/types/edit/User").status_code == 404
