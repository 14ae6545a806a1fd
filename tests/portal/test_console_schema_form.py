"""The form of a schema in the console: refusals beside the field, buttons that add and move rows, the preview."""

from uuid import UUID

import pytest
from django.test import Client

from labsninja.kernel.isolation import tenant_context
from scim.protocol import urns
from scim.queries import find_present_schemas
from tenants.models import Role
from tests.portal.schema_forms import (
    NEW,
    NUMBER,
    OFFICE,
    define_badge,
    enter_console,
    make_form,
    read_text,
)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def operator(client: Client, tenant_id: UUID) -> Client:
    return enter_console(client, tenant_id, Role.ADMIN)


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
    answer = operator.post(NEW, make_form(OFFICE, row))
    page = read_text(answer)
    assert answer.status_code == 422
    error = page.partition(f'id="id_attributes-1-{field}_error"')[2].partition("</p>")[0]
    assert told in error


def test_refusal_of_a_part_stands_beside_the_part(operator: Client) -> None:
    rows = ({"name": "phone", "type": "complex"}, {"name": "line", "part": "on"}, {"name": "line", "part": "on"})
    page = read_text(operator.post(NEW, make_form(OFFICE, *rows)))
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
    answer = operator.post(NEW, make_form(OFFICE, **changes))
    assert (answer.status_code, f'id="id_{field}_error"' in read_text(answer)) == (422, True)


def test_new_schema_takes_no_others_place(operator: Client, tenant_id: UUID) -> None:
    define_badge(tenant_id)
    answer = operator.post(NEW, make_form(NUMBER))
    assert (answer.status_code, "is defined already" in read_text(answer)) == (422, True)


def _names(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('-name" value="')[1:]]


def test_buttons_add_move_and_remove_rows_and_keep_what_was_typed(operator: Client, tenant_id: UUID) -> None:
    rows = (OFFICE, {"name": "phone", "type": "complex"}, {"name": "line", "part": "on"}, NUMBER)

    def press(do: str) -> str:
        return read_text(operator.post(NEW, make_form(*rows, do=do, name="Typed")))

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
    sent = {**make_form(OFFICE), "attributes-TOTAL_FORMS": total}
    assert operator.post(NEW, sent).status_code == 422


def test_preview_is_a_fragment_for_htmx_and_a_page_without_a_script(operator: Client) -> None:
    sent = make_form(OFFICE, do="preview")
    fragment = read_text(operator.post(NEW, sent, headers={"HX-Request": "true"}))
    assert "What the identity provider must send" in fragment
    assert "<html" not in fragment
    page = read_text(operator.post(NEW, sent))
    assert "What the identity provider must send" in page
    assert "<html" in page
    missing = read_text(operator.post(NEW, make_form({"name": ""}, do="preview"), headers={"HX-Request": "true"}))
    assert "The preview comes once" in missing
