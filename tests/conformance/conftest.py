"""Tenants and tokens of the SCIM tests, here too."""

from tests.scim.conftest import make_provider, provider, without_memory, writer

__all__ = ["make_provider", "provider", "without_memory", "writer"]
