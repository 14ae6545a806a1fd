"""Addresses of the console, below /console/."""

from django.urls import path

from portal.accounts.views import members
from portal.console.views import (
    clients,
    directory,
    health,
    holds,
    requests,
    schema_editor,
    schemas,
    settings,
    tokens,
    trash,
)
from portal.console.views.overview import overview

app_name = "console"
OPERATORS, CUSTOMERS = {"of": "console"}, {"of": "portal"}

urlpatterns = [
    path("", overview, name="overview"),
    path("tenants", members.tenants, name="tenants"),
    path("health", health.health, name="health"),
    path("clients", clients.clients, name="clients"),
    path("clients/new", clients.new_client, name="client-new"),
    path("clients/<uuid:client_id>", clients.client, name="client"),
    path("clients/<uuid:client_id>/health", health.client_health, name="client-health"),
    path("clients/<uuid:client_id>/first-run", clients.first_run, name="first-run"),
    path("clients/<uuid:client_id>/options", clients.options, name="client-options"),
    path("clients/<uuid:client_id>/tokens", tokens.issued, name="token-issue"),
    path("clients/<uuid:client_id>/tokens/<slug:prefix>/rotate", tokens.rotated, name="token-rotate"),
    path("clients/<uuid:client_id>/tokens/<slug:prefix>/revoke", tokens.revoked, name="token-revoke"),
    path("directory", directory.users, name="directory"),
    path("directory/groups", directory.groups, name="groups"),
    path("directory/held", holds.holds, name="holds"),
    path("directory/held/undo", holds.undone, name="holds-undo"),
    path("directory/held/release", holds.released, name="holds-release"),
    path("directory/trash", trash.trash, name="trash"),
    path("directory/trash/<uuid:resource_id>", trash.restoring, name="trash-restore"),
    path("requests", requests.requests, name="requests"),
    path("requests/<uuid:request_id>", requests.request_detail, name="request"),
    path("schemas", schemas.schemas, name="schemas"),
    path("schemas/new", schema_editor.new_schema, name="schema-new"),
    path("schemas/types/new", schema_editor.new_type, name="type-new"),
    path("schemas/types/edit/<slug:name>", schema_editor.edited_type, name="type-edit"),
    path("schemas/indexes", schemas.indexes, name="indexes"),
    path("schemas/indexes/retry", schemas.indexes_retried, name="indexes-retry"),
    path("schemas/show/<path:urn>", schemas.schema, name="schema"),
    path("schemas/edit/<path:urn>", schema_editor.edited_schema, name="schema-edit"),
    path("schemas/remove/<path:name>", schemas.removal, name="schema-remove"),
    path("settings", settings.settings, name="settings"),
    path("settings/directory", settings.directory_changed, name="settings-directory"),
    path("settings/lifecycle", settings.lifecycle_changed, name="settings-lifecycle"),
    path("settings/tolerance", settings.tolerance_changed, name="settings-tolerance"),
    path("settings/sign-in", settings.sign_in_changed, name="settings-sign-in"),
    path("members", members.members, OPERATORS, name="members"),
    path("members/policy", members.policy_changed, OPERATORS, name="members-policy"),
    path("members/<uuid:person_id>/resend", members.resent, OPERATORS, name="members-resend"),
    path("members/<uuid:person_id>/role", members.role_changed, OPERATORS, name="members-role"),
    path("members/<uuid:person_id>/remove", members.removed, OPERATORS, name="members-remove"),
    path("customers", members.members, CUSTOMERS, name="customers"),
    path("customers/policy", members.policy_changed, CUSTOMERS, name="customers-policy"),
    path("customers/<uuid:person_id>/resend", members.resent, CUSTOMERS, name="customers-resend"),
    path("customers/<uuid:person_id>/role", members.role_changed, CUSTOMERS, name="customers-role"),
    path("customers/<uuid:person_id>/remove", members.removed, CUSTOMERS, name="customers-remove"),
]
