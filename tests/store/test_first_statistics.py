"""What PostgreSQL says of the directory's tables when a deployment is new."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# In a process and a home of its own: the tables of the other tests have long been written to.
ASK = """
import sys
from bench.home import open_home
open_home(sys.argv[1])
from django.db import connections
with connections["owner"].cursor() as cursor:
    cursor.execute("SELECT relname, relpages, reltuples::int FROM pg_class WHERE relname = ANY(%s) ORDER BY 1",
                   [["scim_member", "scim_resource", "scim_resource_index"]])
    print(cursor.fetchall())
"""


@pytest.mark.long
def test_size_of_a_new_directory_is_unknown_and_not_nothing(tmp_path: Path) -> None:
    """Plans for the first rows would else expect none, and keep to indexes that read the whole tenant."""
    asked = [sys.executable, "-c", ASK, str(tmp_path / "h")]
    run = subprocess.run(
        asked,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.splitlines()[-1:] == [
        "[('scim_member', 0, -1), ('scim_resource', 0, -1), ('scim_resource_index', 0, -1)]"
    ], run.stderr
