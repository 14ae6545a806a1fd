"""Signing in and looking after one's own account: written once, served in each of the three realms."""
