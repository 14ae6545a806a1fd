"""The API description for people tells what the one for programs tells."""

import re

from django.test import Client

from scim.description import list_operations
from scim.protocol.schemas import BUILT_IN


def test_page_tells_of_every_operation_and_links_to_its_schemas(client: Client) -> None:
    page = client.get("/docs/api").content.decode()
    anchors = set(re.findall(r'id="([^"]+)"', page))
    for operation in list_operations(BUILT_IN.resource_types):
        assert operation.id in anchors
        assert f"{operation.method} {operation.path}" in page
    linked = set(re.findall(r'href="#(schema-[^"]+)"', page))
    assert len(linked) > 15
    assert linked <= anchors


def test_page_tells_attributes_with_their_parents(client: Client) -> None:
    page = client.get("/docs/api").content.decode()
    for name in (
        "name.givenName",
        "emails.value",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    ):
        assert f">{name}</dt>" in page


def test_document_for_programs_is_that_of_the_api(client: Client) -> None:
    answer = client.get("/openapi.json")
    assert answer["Content-Type"] == "application/json"
    document = answer.json()
    assert document["servers"] == [{"url": "http://testserver/scim/v2"}]
    assert set(document["paths"]) == {operation.path for operation in list_operations(BUILT_IN.resource_types)}
