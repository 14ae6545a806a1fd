"""The tenants app."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Label `tenants`: tenant, scim_client, client_token, rate_bucket."""

    name = "tenants"
    default_auto_field = "django.db.models.BigAutoField"
    tenant_tables = ("tenants_rate_bucket",)
