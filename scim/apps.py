"""The scim app."""

from django.apps import AppConfig


class ScimConfig(AppConfig):
    """Label `scim`: resources and their changes."""

    name = "scim"
    default_auto_field = "django.db.models.BigAutoField"
    tenant_tables = (
        "scim_alert_incident",
        "scim_alert_rule",
        "scim_attribute_index",
        "scim_breaker",
        "scim_client_warning",
        "scim_counter",
        "scim_departure",
        "scim_feed",
        "scim_hold",
        "scim_member",
        "scim_page_anchor",
        "scim_page_step",
        "scim_reads_recorded",
        "scim_request_count",
        "scim_request_log",
        "scim_resource_index",
        "scim_resource_type",
        "scim_schema",
        "scim_schema_revision",
        "scim_unique_value",
    )
