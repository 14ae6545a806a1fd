"""The owner's view of the test database, and a superuser where the cluster is ours."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction

from labsninja.embedded import EmbeddedError
from labsninja.embedded.account import find_account
from labsninja.embedded.cluster import SUPERUSER
from labsninja.embedded.home import Home
from labsninja.env import read


@pytest.fixture(name="owner")
def _owner(database: None) -> Iterator[Any]:
    """A cursor of the tables' owner; whatever it does is undone."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        yield cursor
        transaction.set_rollback(True, using="owner")


@pytest.fixture(name="superuser")
def _superuser(database: None) -> Iterator[Any]:
    """A cursor of the embedded cluster's superuser; whatever it does is undone."""
    given = connections["owner"].settings_dict
    try:
        password = Home(path=read("LABSNINJA_HOME"), account=find_account()).read_password(SUPERUSER)
    except EmbeddedError:
        pytest.skip("the superuser of a database that was given is not ours")
    place = {"host": given["HOST"], "port": given["PORT"] or None, "dbname": given["NAME"]}
    with psycopg.connect(user=SUPERUSER, password=password, **place) as connection, connection.cursor() as cursor:
        yield cursor
        connection.rollback()
