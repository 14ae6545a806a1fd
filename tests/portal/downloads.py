"""Files that the console gives to somebody who has entered a tenant, read whole."""

import csv
import io
from typing import Any
from uuid import UUID

from django.test import Client

from tenants.models import Role
from tenants.realms import CONSOLE
from tests.portal.signing_in import make_member, open_session


def enter_console(tenant_id: UUID, role: Role = Role.ADMIN) -> Client:
    """The browser of somebody new with that role, within the tenant."""
    client = Client()
    open_session(client, CONSOLE, make_member(CONSOLE, tenant_id, role))
    client.get("/console/", follow=True)
    return client


def read_file(answer: Any) -> str:
    """The text of an answer that is sent in pieces."""
    assert answer.streaming
    return b"".join(answer).decode()


def read_rows(answer: Any) -> list[dict[str, str]]:
    """The rows of one that is CSV, by the names of their columns."""
    return list(csv.DictReader(io.StringIO(read_file(answer))))
