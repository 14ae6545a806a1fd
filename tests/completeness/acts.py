"""Every act that changes something, by route and by command, with the events it has to leave. A new one is listed here,
or a test fails.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.http import HttpResponse

from audit.actions import Action
from audit.actors import system_origin
from audit.queries import list_events_of
from labsninja.kernel.isolation import tenant_context
from scim.api import urls
from scim.protocol import urns
from tenants.models import Tenant
from tenants.services.authentication import forget_grants
from tenants.services.client_options import bind_client_user
from tests.audit.histories import seal
from tests.scim.answers import create_group, operation
from tests.scim.bulk import bulk_body, post_user
from tests.scim.conftest import USER, Provider
from tests.scim.defining import DEVICE, DEVICES, NUMBER, OFFICE, create_badged, define, extend
from tests.scim.oauth import GRANT, ask, basic, give_secret

NICKNAME = {"schemas": [urns.PATCH_OP], "Operations": [operation("add", "nickName", value="nick")]}
NAMED = {"schemas": [urns.PATCH_OP], "Operations": [operation("replace", "displayName", value="Renamed")]}
ADA = {"schemas": [USER], "userName": "ada"}
GROUP = {"schemas": [urns.GROUP], "displayName": "Other"}
THING = {"schemas": [DEVICE], "serial": "1"}


class World:
    """A tenant with something of everything; each part is made when it is first asked for."""

    def __init__(self, provider: Provider, folder: Path) -> None:
        self.provider, self.tenant_id, self.folder = provider, provider.tenant_id, folder
        self.slug: str = Tenant.objects.get(id=provider.tenant_id).slug

    @cached_property
    def user(self) -> str:
        return str(self.provider.create("eve")["id"])

    @cached_property
    def group(self) -> str:
        return str(create_group(self.provider, "Staff", self.user)["id"])

    @cached_property
    def device(self) -> str:
        self.defined  # noqa: B018  # makes the type
        return str(json.loads(self.provider.send("POST", "/Devices", {**THING, "serial": "0"}).content)["id"])

    @cached_property
    def defined(self) -> bool:
        define(self.provider, *DEVICES)
        return True

    @cached_property
    def secret(self) -> Any:
        return give_secret(self.provider)

    @cached_property
    def bound(self) -> bool:
        """/Me stands for the user."""
        with tenant_context(self.tenant_id):
            name = self.provider.scim_client.name
            bind_client_user(client_name=name, user_id=UUID(self.user), origin=system_origin("test"))
        forget_grants()
        return True


@dataclass(frozen=True)
class Route:
    """A write by HTTP: its pattern and method, and the address below /scim/v2 and body of one that works."""

    pattern: str
    method: str
    target: Callable[[World], str]
    body: Any
    actions: tuple[Action, ...]
    needs: str = "user"

    def send(self, world: World, provider: Provider | None = None, **headers: str) -> HttpResponse:
        return (provider or world.provider).send(self.method, self.target(world), self.body, **headers)

    def prepare(self, world: World) -> None:
        """Have everything that it needs, so that it alone leaves traces afterwards."""
        getattr(world, self.needs)
        self.target(world)


# As scim/api/urls.py writes them.
ENDPOINT = rf"^/{urls.ENDPOINT}/?$"
RESOURCE = rf"^/{urls.ENDPOINT}/(?P<resource_id>(?!\.search/?$)[^/]+)/?$"
ME = "^/Me/?$"


def _fixed(path: str) -> Callable[[World], str]:
    return lambda _world: path


ROUTES = (
    Route("^/Bulk/?$", "POST", _fixed("/Bulk"), bulk_body(post_user("one")), (Action.USER_CREATED,)),
    Route(ME, "PUT", _fixed("/Me"), {**ADA, "title": "x"}, (Action.USER_UPDATED,), "bound"),
    Route(ME, "PATCH", _fixed("/Me"), NICKNAME, (Action.USER_UPDATED,), "bound"),
    Route(ME, "DELETE", _fixed("/Me"), None, (Action.USER_DELETED,), "bound"),
    Route(ENDPOINT, "POST", _fixed("/Users"), ADA, (Action.USER_CREATED,)),
    Route(ENDPOINT, "POST", _fixed("/Groups"), GROUP, (Action.GROUP_CREATED,)),
    Route(ENDPOINT, "POST", _fixed("/Devices"), THING, (Action.RESOURCE_CREATED,), "defined"),
    Route(RESOURCE, "PUT", lambda world: f"/Users/{world.user}", ADA, (Action.USER_UPDATED,)),
    Route(RESOURCE, "PUT", lambda world: f"/Groups/{world.group}", GROUP, (Action.GROUP_UPDATED,)),
    Route(RESOURCE, "PUT", lambda world: f"/Devices/{world.device}", THING, (Action.RESOURCE_UPDATED,)),
    Route(RESOURCE, "PATCH", lambda world: f"/Users/{world.user}", NICKNAME, (Action.USER_UPDATED,)),
    Route(RESOURCE, "PATCH", lambda world: f"/Groups/{world.group}", NAMED, (Action.GROUP_UPDATED,)),
    Route(RESOURCE, "PATCH", lambda world: f"/Devices/{world.device}", NAMED, (Action.RESOURCE_UPDATED,)),
    # The groups that the user was in change with it.
    Route(
        RESOURCE,
        "DELETE",
        lambda world: f"/Users/{world.user}",
        None,
        (Action.GROUP_UPDATED, Action.USER_DELETED),
        "group",
    ),
    Route(RESOURCE, "DELETE", lambda world: f"/Groups/{world.group}", None, (Action.GROUP_DELETED,)),
    Route(RESOURCE, "DELETE", lambda world: f"/Devices/{world.device}", None, (Action.RESOURCE_DELETED,)),
)
TOKEN_ROUTE = "^oauth2/token/?$"
# They take a method that may change something, and change nothing: searches, and what is nowhere.
HARMLESS = {
    (r"^/\.search/?$", "POST"),
    (rf"^/{urls.ENDPOINT}/\.search/?$", "POST"),
    (r"^/(?P<endpoint>Groups)/(?P<resource_id>[^/]+)/members/\.search/?$", "POST"),
}


def fetch_token(world: World) -> HttpResponse:
    """A token by the client secret."""
    return ask(GRANT, **basic(world.provider.scim_client.id, world.secret.text))


@dataclass(frozen=True)
class Deed:
    """A command with arguments that work; what it leaves in the tenant's log, and in the deployment's."""

    arguments: Callable[[World], list[str]]
    actions: tuple[Action, ...]
    deployment: tuple[Action, ...] = (Action.PLATFORM_ENTERED,)
    prepare: Callable[[World], object] = lambda world: world.user
    aside: tuple[str, ...] = ()  # tables of which a row is written behind a savepoint, or in batches before the event

    def run(self, name: str, world: World) -> None:
        with tenant_context(), (world.folder / "said").open("w") as said:
            call_command(name, *self.arguments(world), stdout=said)


def _define(world: World) -> list[str]:
    path = world.folder / "schema.json"
    path.write_text(json.dumps({"id": "urn:example:x", "attributes": [{"name": "number", "type": "integer"}]}))
    return [world.slug, str(path), "--extends", "User"]


def _sealed(world: World) -> str:
    """The id of a sealed event."""
    _ = world.user
    seal()
    with tenant_context(world.tenant_id):
        return str(list_events_of(target_id=world.user)[0].id)


def _event(world: World) -> list[str]:
    with tenant_context(world.tenant_id):
        event_id = str(list_events_of(target_id=world.user)[0].id)
    return [world.slug, "--event", event_id, "--output", str(world.folder / "proof")]


def _token(world: World) -> list[str]:
    return [world.provider.issued.token.prefix]


def _index(world: World) -> None:
    """An attribute whose index is to be built, for there is a value already."""
    extend(world.provider)
    create_badged(world.provider, "badged", office="O1")
    extend(world.provider, NUMBER, {**OFFICE, "indexed": True})


HERE = ()
COMMANDS = {
    "audit_download": Deed(
        lambda world: [world.slug, "--format", "jsonl", "--output", str(world.folder / "events")],
        (Action.DOWNLOAD_STARTED, Action.DOWNLOAD_FINISHED),
        HERE,
    ),
    "audit_export": Deed(
        lambda world: [world.slug, "--output", str(world.folder / "bundle")], (Action.BUNDLE_EXPORTED,), prepare=_sealed
    ),
    "audit_keys": Deed(lambda world: [world.slug, "--rotate"], (Action.SIGNING_KEY_ROTATED,), prepare=_sealed),
    "audit_prove": Deed(_event, (Action.PROOF_EXPORTED,), prepare=_sealed),
    "audit_streams": Deed(
        lambda world: [world.slug, "create", "https://siem.example.com/hook"], (Action.STREAM_CREATED,), HERE
    ),
    "build_indexes": Deed(
        lambda world: [world.slug], (Action.INDEX_BUILT,), HERE, _index, ("scim_attribute_index", "scim_resource_index")
    ),
    "client_options": Deed(
        lambda world: [world.slug, "Okta", "--strict", "--user", world.user],
        (Action.CLIENT_OPTIONS_CHANGED, Action.CLIENT_OPTIONS_CHANGED),
        HERE,
    ),
    "define_schema": Deed(_define, (Action.SCHEMA_DEFINED,), HERE),
    "erase_subject": Deed(lambda world: [world.slug, world.user], (Action.SUBJECT_ERASED,)),
    "invite": Deed(
        lambda world: ["console", f"{world.user}@example.test", "--tenant", world.slug],
        (Action.MEMBER_ADDED,),
        (Action.PERSON_CREATED, Action.LINK_ISSUED),
        aside=("tenants_operator_link",),  # its event stands in the deployment's log, in its own transaction
    ),
    "provision_tenant": Deed(
        lambda world: [world.slug, "--client", "another"],
        (Action.CLIENT_CREATED, Action.TOKEN_ISSUED),
        aside=("tenants_scim_client",),
    ),
    "remove_schema": Deed(
        lambda world: [world.slug, "Device"], (Action.SCHEMA_REMOVED,), HERE, lambda world: world.defined
    ),
    "resume_tenant": Deed(
        lambda world: [world.slug],
        (Action.TENANT_RESUMED,),
        prepare=lambda world: call_command("suspend_tenant", world.slug, "--reason", "a test"),
    ),
    "revoke_token": Deed(_token, (Action.TOKEN_REVOKED,), HERE),
    "rotate_keys": Deed(lambda _world: ["--data-keys"], ()),
    "rotate_token": Deed(_token, (Action.TOKEN_ROTATED,), HERE),
    "suspend_tenant": Deed(lambda world: [world.slug, "--reason", "a test"], (Action.TENANT_SUSPENDED,)),
    "tenant_options": Deed(lambda world: [world.slug, "--strict-members"], (Action.TENANT_OPTIONS_CHANGED,)),
}
# They show or print, or run what leaves events of its own.
READING = {
    *(
        "audit_search",
        "audit_tail",
        "capabilities_doc",
        "connector_probe",
        "directory_at",
        "ledger",
        "list_schemas",
        "list_tokens",
        "mapping_check",
        "mapping_doc",
        "migrate",
    ),
    *("provision_roles", "settings_doc", "up"),
}
