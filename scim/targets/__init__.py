"""Targets: the SCIM services and receivers of webhooks that a tenant's directory is carried on to.

It speaks with the outside and keeps nothing: what is to be sent, and what came of it, is the sync app's.
"""

from scim.targets.buckets import Bucket
from scim.targets.client import SCIMTarget
from scim.targets.discovery import Outcome, Report, Step, check_connection, discover_profile
from scim.targets.errors import ErrorClass, TargetError, signature
from scim.targets.exchanges import Exchange
from scim.targets.listing import Page
from scim.targets.presets import PRESETS, TITLES
from scim.targets.profile import Profile, ProfileError, make_profile
from scim.targets.reading import Found, Removed, Stored

__all__ = [
    "PRESETS",
    "TITLES",
    "Bucket",
    "ErrorClass",
    "Exchange",
    "Found",
    "Outcome",
    "Page",
    "Profile",
    "ProfileError",
    "Removed",
    "Report",
    "SCIMTarget",
    "Step",
    "Stored",
    "TargetError",
    "check_connection",
    "discover_profile",
    "make_profile",
    "signature",
]
