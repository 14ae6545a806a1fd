"""A client of ours and the quirk server it speaks with, over the guarded client that is allowed loopback."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from labsninja.kernel.outbound import OutboundClient, build_policy
from scim.targets import Profile, SCIMTarget, TargetError
from scim.targets.profile import Source
from tests.sync.quirk_server import QuirkServer, serving
from tests.sync.quirks import Quirks

LOOPBACK: dict[str, Any] = {"private_networks": ["127.0.0.0/8"], "private_http": True, "private_any_port": True}
PERSON = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada", "externalId": "e-7"}


@contextmanager
def reaching(
    quirks: Quirks | None = None, profile: Mapping[str, Any] | None = None, **policy: Any
) -> Iterator[tuple[SCIMTarget, QuirkServer]]:
    """`profile` are overrides, `policy` bounds of the guarded client."""
    with serving(quirks) as server, OutboundClient(policy=build_policy(LOOPBACK | policy)) as client:
        known = Profile.layered({Source.OVERRIDE: profile or {}})
        yield SCIMTarget(base_url=server.url, token=server.quirks.token, client=client, profile=known), server


def fill(server: QuirkServer, count: int) -> None:
    """So many users, made behind the wire."""
    for number in range(count):
        server.directory.answer("POST", "/Users", "", {"userName": f"u{number}"})


def person(name: str, **more: Any) -> dict[str, Any]:
    return {**PERSON, "userName": name, **more}


def refusal(target: SCIMTarget, document: dict[str, Any]) -> TargetError:
    with pytest.raises(TargetError) as caught:
        target.create("User", document)
    return caught.value
