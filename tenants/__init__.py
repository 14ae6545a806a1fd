"""Tenants, the SCIM clients of their identity providers, and the tokens these present."""


class TenantsError(Exception):
    """Base of what this app refuses; its text is fit for people."""
