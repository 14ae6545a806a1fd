"""Commands about a tenant's schemas: what they print, and how they refuse."""

import json
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from audit.actors import system_origin
from labsninja.kernel.isolation import tenant_context
from scim.protocol.dialects.base import Reading
from scim.queries import find_present_schemas
from scim.services.resources import create_resource, delete_resource
from scim.services.writes import Writing
from tenants.models import Tenant

URN = "urn:example:lab:2.0:Badge"


@pytest.fixture(name="slug")
def _slug(tenant: UUID) -> str:
    """The name of a fresh tenant."""
    slug: str = Tenant.objects.get(id=tenant).slug
    return slug


def _say(command: str, *arguments: str) -> str:
    said = StringIO()
    with tenant_context():
        call_command(command, *arguments, stdout=said)
    return said.getvalue()


def _writing() -> Writing:
    """A write to users by whatever the tenant has defined."""
    user = find_present_schemas().resource_type("User")
    assert user is not None
    return Writing(user, system_origin("test"), Reading())


def _user(name: str, **held: str) -> UUID:
    """The id of a new user with values of the schema."""
    return create_resource(body={"userName": name, URN: held}, writing=_writing()).id


def _file(folder: Path, definition: object) -> str:
    path = folder / "definition.json"
    path.write_text(json.dumps(definition))
    return str(path)


def test_schema_is_defined_listed_and_removed(slug: str, tmp_path: Path) -> None:
    path = _file(tmp_path, {"id": URN, "attributes": [{"name": "number", "type": "integer"}]})
    _say("define_schema", slug, path, "--extends", "User")
    assert _say("list_schemas", slug) == f"{URN}  1 attributes  User (/Users)\n"
    _say("remove_schema", slug, URN)
    assert _say("list_schemas", slug) == ""


def test_state_of_an_index_is_told_from_its_definition_to_its_failure_and_after(
    slug: str, tenant: UUID, tmp_path: Path
) -> None:
    ids = [_user(name, badge="B1") for name in ("ada", "eve")]
    path = _file(tmp_path, {"id": URN, "attributes": [{"name": "badge", "uniqueness": "server"}]})
    index = f"index of {URN}:badge of User"
    assert _say("define_schema", slug, path, "--extends", "User") == f"defined\n{index}: building, 0 resources seen\n"
    failed = f"{index}: failed: 1 resources have a value that another has: {ids[1]} has the value of {ids[0]}\n"
    assert _say("build_indexes", slug) == failed
    assert _say("list_schemas", slug).endswith(failed)
    delete_resource(resource_id=ids[0], writing=_writing())
    assert _say("build_indexes", slug) == f"{index}: ready\n"


def test_all_definitions_of_a_file_are_in_force_or_none(slug: str, tmp_path: Path) -> None:
    path = _file(tmp_path, [{"id": URN, "attributes": [{"name": "a"}]}, {"id": URN, "attributes": [{"name": "a b"}]}])
    with pytest.raises(CommandError, match="'a b' in"):
        _say("define_schema", slug, path)
    assert _say("list_schemas", slug) == ""


def test_file_that_is_no_json_is_refused(slug: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text("{")
    with pytest.raises(CommandError, match=r"broken\.json can't be read"):
        _say("define_schema", slug, str(path))


def test_removing_what_is_not_defined_is_refused(slug: str) -> None:
    with pytest.raises(CommandError, match="has defined no"):
        _say("remove_schema", slug, URN)
