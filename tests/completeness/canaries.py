"""Requests full of secrets, by chance: each secret carries a mark by which it is found wherever it was written."""

import base64
import json
import random
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from scim.protocol import urns
from tests.scim.answers import operation
from tests.scim.bulk import bulk_body, patch_of, post
from tests.scim.conftest import USER, Provider
from tests.scim.defining import DEVICE
from tests.scim.oauth import GRANT, TOKEN, ask, basic, in_body

MARK = "Kanary"
WHOLE_TOKEN = "lnj_[a-z][a-z]_[0-9A-Za-z]{13}"  # its public part has twelve signs
SPELLINGS = ("password", "Password", "PASSWORD", "passWord")
ENDINGS = ("", "", '"', "\\", " and more", "\u20ac")
Send = Callable[["Fuzzer"], object]


class Fuzzer:
    """One identity provider that sends secrets. `traces` is an expression that finds any of them in a text."""

    def __init__(self, provider: Provider, secret: str, seed: int) -> None:
        self.provider, self.secret = provider, secret
        self.draw = random.Random(seed)
        self.users: list[str] = []
        self.statuses: dict[int, int] = {}
        bare = [provider.issued.text[19:43], secret[19:43], MARK, MARK.encode().hex()]
        headers = [_encode(f"ada:{MARK}"), _encode(f"{provider.scim_client.id}:{MARK}")]
        headers += [_encode(f"{provider.scim_client.id}:{secret[:40]}")]
        self.traces = "|".join([*bare, *headers, WHOLE_TOKEN])

    def run(self, operations: int) -> None:
        for _ in range(operations):
            answer: Any = self.draw.choice(SENDS)(self)
            self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1

    def canary(self) -> str:
        """A secret of printable signs, now and then one that has to be escaped."""
        return f"{MARK}{self.draw.getrandbits(64):016x}{self.draw.choice(ENDINGS)}"

    def name(self) -> str:
        return f"user{self.draw.getrandbits(48):012x}@example.com"

    def user(self) -> str:
        """The id of a user, known or not."""
        return self.draw.choice(self.users[-50:]) if self.users and self.draw.random() < 0.9 else self.name()

    def password(self) -> dict[str, Any]:
        """The attribute in one of its spellings, with a value that may be of another type."""
        value: Any = self.canary()
        value = self.draw.choice((value, value, value, [value], {"value": value}))
        return {self.draw.choice(SPELLINGS): value}

    def body(self) -> dict[str, Any]:
        return {"schemas": [USER], "userName": self.name(), **self.password()}

    def compare(self) -> str:
        """A filter on the password."""
        told = self.canary().replace("\\", "").replace('"', "")
        before = self.draw.choice(("", 'userName eq "ada" and ', "not (active eq true) or "))
        return f'{before}{self.draw.choice(SPELLINGS)} {self.draw.choice(("eq", "ne", "co", "sw", "gt"))} "{told}"'


def _create(fuzzer: Fuzzer) -> Any:
    answer = fuzzer.provider.send("POST", "/Users", fuzzer.body())
    if answer.status_code == 201:
        fuzzer.users.append(json.loads(answer.content)["id"])
    return answer


def _replace(fuzzer: Fuzzer) -> Any:
    return fuzzer.provider.send("PUT", f"/Users/{fuzzer.user()}", fuzzer.body())


def _operation(fuzzer: Fuzzer) -> dict[str, Any]:
    ((name, value),) = fuzzer.password().items()
    path = fuzzer.draw.choice((name, f"{USER}:{name}"))
    op = fuzzer.draw.choice(("add", "replace", "Replace"))
    return fuzzer.draw.choice((operation(op, path, value=value), operation(op, value={name: value})))


def _patch(fuzzer: Fuzzer) -> Any:
    body = {"schemas": [urns.PATCH_OP], "Operations": [_operation(fuzzer) for _ in range(fuzzer.draw.randint(1, 3))]}
    return fuzzer.provider.send("PATCH", f"/Users/{fuzzer.user()}", body)


def _filter(fuzzer: Fuzzer) -> Any:
    return fuzzer.provider.send("GET", f"/Users?filter={quote(fuzzer.compare())}")


def _search(fuzzer: Fuzzer) -> Any:
    path = fuzzer.draw.choice(("/.search", "/Users/.search", "/Groups/.search"))
    return fuzzer.provider.send("POST", path, {"schemas": [urns.SEARCH_REQUEST], "filter": fuzzer.compare()})


def _bulk(fuzzer: Fuzzer) -> Any:
    posts = [post(f"b{number}", "/Users", userName=fuzzer.name(), **fuzzer.password()) for number in range(2)]
    return fuzzer.provider.send(
        "POST", "/Bulk", bulk_body(*posts, patch_of(f"/Users/{fuzzer.user()}", _operation(fuzzer)))
    )


def _device(fuzzer: Fuzzer) -> Any:
    return fuzzer.provider.send(
        "POST", "/Devices", {"schemas": [DEVICE], "serial": fuzzer.name(), "pin": fuzzer.canary()}
    )


def _broken(fuzzer: Fuzzer) -> Any:
    """JSON that ends early, or is no object."""
    text = json.dumps(fuzzer.body())
    cut = text[: fuzzer.draw.randrange(len(text))]
    return fuzzer.provider.send("POST", "/Users", fuzzer.draw.choice((cut, f"[{text}]", text + "}")).encode())


def _stranger(fuzzer: Fuzzer) -> Any:
    """Somebody whose token or password is refused."""
    told = f"{MARK}{fuzzer.draw.getrandbits(64):016x}"
    encoded = base64.b64encode(f"ada:{told}".encode()).decode()
    forged = fuzzer.provider.issued.text[:19] + told + "0" * 27
    header = fuzzer.draw.choice((f"Bearer {told}", f"bearer {forged}", f"Basic {encoded}", f"Bearer {told} {told}"))
    return fuzzer.provider.send("GET", f"/Users/{fuzzer.user()}", Authorization=header, Cookie=f"session={told}")


def _careless(fuzzer: Fuzzer) -> Any:
    """A genuine token where none belongs: in the address, in another header."""
    token, told = fuzzer.provider.issued.text, fuzzer.canary()
    path = fuzzer.draw.choice(
        (f"/Users?access_token={quote(token)}", f"/Users?password={quote(told)}", f"/Users/{token}")
    )
    return fuzzer.provider.send("GET", path, **{"User-Agent": f"agent/1 (Bearer {token})"})


def _token(fuzzer: Fuzzer) -> Any:
    """A token request with the genuine secret or another, in the header, the body or the address."""
    client_id = fuzzer.provider.scim_client.id
    secret = fuzzer.draw.choice((fuzzer.secret, f"{MARK}{fuzzer.draw.getrandbits(64):016x}"))
    header = basic(client_id, secret)
    place = fuzzer.draw.choice(("header", "body", "address"))
    if place == "body":
        return ask({**GRANT, **in_body(client_id, secret)})
    return ask(GRANT, path=TOKEN if place == "header" else f"{TOKEN}?client_secret={quote(secret)}", **header)


SENDS: tuple[Send, ...] = (
    *(_create, _create, _replace, _patch, _patch, _filter, _search, _bulk, _device, _broken, _stranger, _careless),
    _token,
)


def _encode(text: str) -> str:
    """As it stands in base64 whatever follows."""
    return re.escape(base64.b64encode(text[: len(text) // 3 * 3].encode()).decode())
