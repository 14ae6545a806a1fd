"""The sync app, nested in scim: a sync job is a client of the same services and queries that the wire uses."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    """Label `sync`: connectors, mappings, links, runs. Only the store's SQL touches the tables."""

    name = "scim.sync"
    label = "sync"
    default_auto_field = "django.db.models.BigAutoField"
    tenant_tables = (
        "sync_connector",
        "sync_item",
        "sync_link",
        "sync_link_member",
        "sync_mapping",
        "sync_plan_item",
        "sync_run",
        "sync_wait",
    )
