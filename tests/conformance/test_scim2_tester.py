"""An independent checker of SCIM servers, scim2-tester, finds nothing in ours that an RFC forbids.

It discovers what the server publishes, and then makes, reads, replaces, patches and deletes resources, with random
values of every attribute of every schema.
"""

import re
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from scim2_client.engines.inprocess import InProcessResponse
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import CheckResult, Status, check_server

from scim.protocol.urns import ENTERPRISE_USER
from tests.scim.answers import set_client
from tests.scim.conftest import Provider

ONE_GROUP = re.compile(r"/Groups/[^/?]+$")
FINDINGS = {Status.CRITICAL, Status.ERROR, Status.DEVIATION}
# What it has to have looked at, however it names its checks: so many of them for every attribute of a schema.
LEAST = {"object_creation": 2, "object_replacement": 2, "object_deletion": 2}
LEAST_BY_ATTRIBUTE = {"check_add_attribute": 25, "check_remove_attribute": 25, "check_replace_attribute": 25}


class Asker(WSGISCIMClient):
    """The checker's client, with two of its habits mended.

    It compares a member with the one it sent as a whole, though a server may add what is read-only: members are asked
    for without the names that ours adds. And it puts `schemas` into the object of an extension, where the RFC has none.
    """

    def request(self, method: str, url: str, **kwargs: Any) -> InProcessResponse:
        """As of the base class."""
        if method == "GET" and ONE_GROUP.search(url) and not kwargs.get("params"):
            kwargs["params"] = {"excludedAttributes": "members.display"}
        for operation in (kwargs.get("json") or {}).get("Operations", ()):
            if operation.get("path") == ENTERPRISE_USER and "value" in operation:
                del operation["value"]["schemas"]
        return super().request(method, url, **kwargs)


def _check(provider: Provider) -> list[CheckResult]:
    headers = {"Authorization": f"Bearer {provider.issued.text}"}
    return check_server(Asker(WSGIHandler(), base_url="http://localhost/scim/v2", headers=headers))


@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
def test_checker_finds_nothing_that_an_rfc_forbids(provider: Provider, strict: bool) -> None:
    set_client(provider, strict=strict)
    found = _check(provider)
    assert [result for result in found if result.status in FINDINGS] == []
    titles = [result.title for result in found if result.status is Status.SUCCESS]
    for title, least in {**LEAST, **LEAST_BY_ATTRIBUTE}.items():
        assert titles.count(title) >= least, title
