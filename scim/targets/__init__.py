"""Targets: the SCIM services and receivers of webhooks that a tenant's directory is carried on to.

It speaks with the outside and keeps nothing: what is to be sent, and what came of it, is the sync app's.
"""

from scim.targets.client import SCIMTarget
from scim.targets.errors import ErrorClass, TargetError, signature
from scim.targets.exchanges import Exchange
from scim.targets.listing import Page
from scim.targets.profile import Profile, ProfileError
from scim.targets.reading import Found, Removed, Stored

__all__ = [
    "ErrorClass",
    "Exchange",
    "Found",
    "Page",
    "Profile",
    "ProfileError",
    "Removed",
    "SCIMTarget",
    "Stored",
    "TargetError",
    "signature",
]
