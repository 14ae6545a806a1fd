"""An extension in a directory of 20,000 people, from its definition to its removal, by command and over HTTP."""

import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import orjson
import pytest
from django.core.management import CommandError, call_command

from bench.seeding import seed_directory, user_id
from labsninja.kernel.isolation import tenant_context
from tenants.models import Tenant
from tests.scim.answers import body_of, operation, read, refusal
from tests.scim.bulk import patch_of, send_bulk, statuses
from tests.scim.conftest import Provider
from tests.scim.defining import LAB, NUMBER, OFFICE, badge

PEOPLE, AT_ONCE = 20_000, 1_000
INDEX = f"index of {LAB}:office of User"
# Many times what was measured.
DEFINED, BUILT, FOUND = 5.0, 60.0, 0.2


@pytest.fixture(name="say")
def _say(provider: Provider) -> Callable[..., str]:
    """What a command about the provider's tenant prints."""
    slug = Tenant.objects.get(id=provider.tenant_id).slug

    def say(command: str, *arguments: str) -> str:
        said = StringIO()
        with tenant_context():
            call_command(command, slug, *arguments, stdout=said)
        return said.getvalue()

    return say


def _timed(act: Callable[[], object], most: float) -> None:
    started = time.monotonic()
    act()
    taken = time.monotonic() - started
    assert taken < most, f"{taken:.2f} s"


def _find(provider: Provider, office: str) -> int:
    return int(read(provider, f"/Users?filter={quote(f'{LAB}:office eq {chr(34)}{office}{chr(34)}')}")["totalResults"])


@pytest.mark.long
def test_extension_is_defined_filled_filtered_narrowed_and_removed(
    provider: Provider, say: Callable[..., str], tmp_path: Path
) -> None:
    def define(*attributes: dict[str, object]) -> str:
        path = tmp_path / "badge.json"
        path.write_bytes(orjson.dumps(badge(*attributes)))
        return say("define_schema", str(path), "--extends", "User")

    def for_all(*operations: Callable[[int], dict[str, object]]) -> None:
        for first in range(1, PEOPLE + 1, AT_ONCE):
            patches = [
                patch_of(f"/Users/{user_id(n)}", *(make(n) for make in operations))
                for n in range(first, first + AT_ONCE)
            ]
            assert set(statuses(send_bulk(provider, *patches))) == {"200"}

    with tenant_context(provider.tenant_id):
        seed_directory(users=PEOPLE)
    _timed(define, DEFINED)
    for_all(lambda n: operation("add", f"{LAB}:office", value=f"North {n}"))
    assert _find(provider, "NORTH 12345") == 1
    _timed(lambda: define(NUMBER, {**OFFICE, "uniqueness": "server"}), DEFINED)
    assert f"{INDEX}: building" in say("list_schemas")
    assert _find(provider, "NORTH 12345") == 1
    taken = provider.send("POST", "/Users", {"userName": "new", LAB: {"office": "north 20000"}})
    refusal(taken, 409, "uniqueness")
    _timed(lambda: say("build_indexes"), BUILT)
    assert f"{INDEX}: ready" in say("list_schemas")
    _timed(lambda: _find(provider, "NORTH 12345"), FOUND)
    assert _find(provider, "NORTH 12345") == 1
    with pytest.raises(CommandError, match=f"{PEOPLE} resources of type User stand in the way"):
        define(NUMBER)
    with pytest.raises(CommandError, match=f"{PEOPLE} resources of type User stand in the way"):
        say("remove_schema", LAB)
    for_all(lambda _number: operation("remove", LAB))
    say("remove_schema", LAB)
    assert say("list_schemas") == ""
    refusal(provider.send("GET", f"/Users?filter={quote(f'{LAB}:office pr')}"), 400, "invalidFilter")
    assert body_of(provider.send("GET", f"/Users/{user_id(7)}"))["userName"]
