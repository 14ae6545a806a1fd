"""Which identity provider a request came from, as far as its User-Agent tells.

Only a User-Agent that names a provider tells anything: Okta's does, OneLogin's is empty, and several providers send
that of a general HTTP library. Nothing is decided by it; a page warns where it names another than was chosen.
"""

import re
from collections.abc import Iterable
from typing import Final

from tenants.models import ScimClient

Kind = ScimClient.Kind
NAMED: Final = (
    (re.compile(r"\bokta\b", re.IGNORECASE), Kind.OKTA),
    (re.compile(r"\bonelogin", re.IGNORECASE), Kind.ONELOGIN),
    (re.compile(r"\bjumpcloud", re.IGNORECASE), Kind.JUMPCLOUD),
    (re.compile(r"\bping(?:one|federate|identity|directory)", re.IGNORECASE), Kind.PING),
    (re.compile(r"\bgoogle", re.IGNORECASE), Kind.GOOGLE),
    (re.compile(r"\bentra\b|\bazure|\bmicrosoft", re.IGNORECASE), Kind.ENTRA),
)


def detect_provider(*, user_agent: str) -> ScimClient.Kind | None:
    """The provider that the User-Agent names."""
    return next((kind for named, kind in NAMED if named.search(user_agent)), None)


def find_mismatch(*, kind: str, user_agents: Iterable[str]) -> ScimClient.Kind | None:
    """Another provider than `kind` that one of them names. A custom client may be any."""
    if kind == Kind.CUSTOM:
        return None
    found = (detect_provider(user_agent=agent) for agent in user_agents)
    return next((other for other in found if other is not None and other != kind), None)
