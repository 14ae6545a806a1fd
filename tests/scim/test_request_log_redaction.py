"""No secret reaches the request log, wherever in a request it stood."""

import json
import time
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from scim.redaction import keep_body, keep_query, keep_text, read_body
from scim.services.request_log import note_request
from tenants.services.credentials import make_credential
from tests.scim.recorded import entry, rows_of

CANARY = "Canary-7e1f-Hunter2"
TOKEN = make_credential(environment="live").text
PASSWORD_URN = "urn:ietf:params:scim:schemas:core:2.0:User:password"
# Bodies that hold the canary, each in another place.
BODIES: dict[str, Any] = {
    "member": {"userName": "ada", "password": CANARY},
    "member in other case": {"PassWord": CANARY},
    "member by URN": {PASSWORD_URN: CANARY},
    "member by path": {"user.password": CANARY},
    "object": {"password": {"value": CANARY}},
    "array": {"passwords": [CANARY]},
    "extension": {"urn:example:User": {"initialPassword": CANARY, "apiKey": CANARY, "clientSecret": CANARY}},
    "deep": {"a": [{"b": [{"password": CANARY}]}]},
    "too deep": json.loads('{"a":' * 60 + json.dumps({"password": CANARY}) + "}" * 60),
    "operation": {"Operations": [{"op": "replace", "path": "password", "value": CANARY}]},
    "operation in other case": {"operations": [{"OP": "Replace", "Path": "Password", "Value": CANARY}]},
    "operation by URN": {"Operations": [{"op": "add", "path": PASSWORD_URN, "value": CANARY}]},
    "operation without path": {"Operations": [{"op": "replace", "value": {"password": CANARY}}]},
    "operation with a filter": {"Operations": [{"op": "remove", "path": f'x[password eq "{CANARY}"]'}]},
    "operation in bulk": {"Operations": [{"data": {"Operations": [{"path": "password", "value": [CANARY]}]}}]},
    "element by type": {"custom": [{"type": "password", "value": CANARY}]},
    "JSON in a text": {"roles": [{"value": json.dumps({"password": CANARY})}]},
    "text": {"note": f"password={CANARY}"},
}
QUERIES = (
    "filter=" + quote(f'password eq "{CANARY}"'),
    "filter=" + quote(f'{PASSWORD_URN} sw "{CANARY}" and userName pr'),
    "filter=" + quote(f'(password   EQ  "{CANARY} with blanks")'),
    f"access_token={CANARY}",
    f"Authorization=Bearer%20{CANARY}",
    f"password={CANARY}&count=1",
)


@pytest.mark.parametrize("place", BODIES)
def test_secret_in_a_body_is_taken_out(place: str) -> None:
    body = json.dumps(BODIES[place]).encode()
    kept = keep_body(body=body, read=read_body(body=body))
    assert CANARY not in kept
    assert "[redacted]" in kept


def test_name_in_escapes_is_recognized() -> None:
    body = rb'{"p\u0061ssword": "%s"}' % CANARY.encode()
    assert CANARY not in keep_body(body=body, read=read_body(body=body))


@pytest.mark.parametrize("query", QUERIES)
def test_secret_in_a_query_is_taken_out(query: str) -> None:
    kept = keep_query(query=query)
    assert CANARY not in kept
    assert "blanks" not in kept
    assert "[redacted]" in kept


@pytest.mark.parametrize(
    "text",
    [TOKEN, f"Bearer {TOKEN}", f"x{TOKEN[:-20]}", f"bearer {TOKEN[19:]}"],
    ids=["alone", "with its scheme", "cut off", "without its public part"],
)
def test_token_in_any_text_keeps_its_public_part_at_most(text: str) -> None:
    body = json.dumps({"a": text, text: 1}).encode()
    kept = (keep_text(text=text), keep_query(query=f"a={text}"), keep_body(body=body, read=read_body(body=body)))
    assert [part for part in kept if TOKEN[19:30] in part] == []


def test_nothing_of_one_request_that_is_full_of_secrets_is_stored(tenant: UUID) -> None:
    body = json.dumps([*BODIES.values(), TOKEN]).encode()
    note_request(
        entry=entry(
            tenant,
            path=f"/scim/v2/Users/{TOKEN}",
            query=QUERIES[0] + f"&token={TOKEN}",
            user_agent=f"curl {TOKEN}",
            detail=f"There is no {TOKEN}, password={CANARY}.",
            resource_id=TOKEN,
            subject=TOKEN,
            method=f"G{TOKEN}",
            request_body=body,
            response_body=body,
        )
    )
    (row,) = rows_of(tenant)
    assert (TOKEN[19:30] in json.dumps(row), CANARY in json.dumps(row)) == (False, False)


def test_what_is_no_secret_stays(tenant: UUID) -> None:
    told = {"userName": "ada", "active": True, "emails": [{"value": "ada@example.com", "type": "work"}], "n": 1.5}
    body = json.dumps(told).encode()
    assert json.loads(keep_body(body=body, read=read_body(body=body))) == told
    assert keep_text(text="The bearer token is not valid.") == "The bearer token is not valid."


@pytest.mark.parametrize("bad", ["\0", "\ud800", "\u0000\udfff"])
def test_text_that_postgresql_cannot_store_costs_no_row(tenant: UUID, bad: str) -> None:
    body = json.dumps({"a": bad, bad: 1}).encode()
    note_request(
        entry=entry(tenant, path=bad, query=quote(bad, errors="replace"), user_agent=bad, detail=bad, request_body=body)
    )
    (row,) = rows_of(tenant)
    assert "\0" not in row["path"]


@pytest.mark.parametrize("body", [b"", b"null", b"\xff\xfe", b"[" * 100_000, b"[" * 900 + b"]" * 900, b"1e999"])
def test_any_body_can_be_logged(tenant: UUID, body: bytes) -> None:
    note_request(entry=entry(tenant, request_body=body, response_body=body))
    assert len(rows_of(tenant)) == 1


@pytest.mark.parametrize("part", ["token", "a", '"', "password eq ", "\\", "bearer ", "lnj_ls_", "password " * 3])
def test_time_for_a_text_grows_with_its_length_alone(part: str) -> None:
    short, long = _cost(part, 4_000), _cost(part, 64_000)
    assert long < 16 * 4 * short + 0.01  # sixteen times as long; what grew with the square would take 256 times as long


def _cost(part: str, length: int) -> float:
    """CPU seconds, the best of some runs: other processes share the machine."""
    text, runs = part * (length // len(part)), []
    for _ in range(5):
        start = time.process_time()
        keep_text(text=text, longest=length)
        keep_query(query=text)
        runs.append(time.process_time() - start)
    return min(runs)
