"""Tenants, tokens and a quiet request log as the SCIM tests have them, here too."""

from tests.scim.conftest import make_provider, provider, refuse, settled, without_memory, writer

__all__ = ["make_provider", "provider", "refuse", "settled", "without_memory", "writer"]
