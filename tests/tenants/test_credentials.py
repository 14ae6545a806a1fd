"""The form of a token, its checksum, its digest."""

import random
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants.services.authentication import Refusal, TokenRefusedError, authenticate_token
from tenants.services.credentials import (
    ALPHABET,
    Credential,
    digest_credential,
    make_credential,
    matches_digest,
    parse_credential,
)
from tests.tenants.conftest import origin_at

PEPPER, OTHER_PEPPER = bytes(range(32)), bytes(range(32, 64))
GARBAGE = 100_000


def _mistype(text: str, chance: random.Random) -> str:
    """A token with one typing mistake, or something else that is no token."""
    place, letter = chance.randrange(len(text)), chance.choice(ALPHABET)
    return chance.choice(
        (
            f"{text[:place]}{letter if letter != text[place] else '-'}{text[place + 1 :]}",
            f"{text[:place]}{text[place + 1 :]}",
            f"{text[:place]}{letter}{text[place:]}",
            f"{text[:-6]}{chance.getrandbits(35):06d}"[: len(text)],
            f" {text}",
            f"{text}\n",
            text.upper(),
            text[:place],
            "".join(chance.choices(ALPHABET, k=chance.randrange(80))),
            f"lnj_ls_{''.join(chance.choices(ALPHABET, k=61))}",
            f"{text[:place]}\u0660{text[place + 1 :]}",
        )
    )


@pytest.mark.parametrize(("environment", "letter"), [("live", "l"), ("test", "t")])
def test_token_has_the_published_form(environment: str, letter: str) -> None:
    text = make_credential(environment=environment).text
    assert re.fullmatch(rf"lnj_{letter}s_[0-9A-Za-z]{{61}}", text)


def test_tokens_are_never_alike() -> None:
    made = [make_credential(environment="live") for _ in range(1_000)]
    assert (
        len({credential.lookup_id for credential in made})
        == len({credential.text[19:62] for credential in made})
        == 1_000
    )


def test_made_token_is_parsed() -> None:
    made = make_credential(environment="live")
    assert parse_credential(text=made.text) == made


def test_prefix_is_the_public_part_and_ends_with_the_look_up_id() -> None:
    made = make_credential(environment="live")
    assert made.prefix == made.text[:19]
    assert made.prefix == f"lnj_ls_{made.lookup_id}"
    assert len(made.lookup_id) == 12


def test_malformed_texts_are_refused_without_a_statement(database: None) -> None:
    chance = random.Random(20261123)
    genuine = [make_credential(environment="live").text for _ in range(100)]
    now, refusals = origin_at().at, 0
    with CaptureQueriesContext(connection) as statements:
        for number in range(GARBAGE):
            text = _mistype(genuine[number % 100], chance)
            if text in genuine:  # a mistake can give the same token again
                refusals += 1
                continue
            try:
                authenticate_token(text=text, address="192.0.2.1", now=now)
            except TokenRefusedError as error:
                refusals += error.refusal is Refusal.MALFORMED
    assert refusals == GARBAGE
    assert len(statements) == 0


def test_genuine_form_asks_the_database(database: None) -> None:
    """The control: the counter above would see a statement."""
    text = make_credential(environment="live").text
    with CaptureQueriesContext(connection) as statements, pytest.raises(TokenRefusedError) as caught:
        authenticate_token(text=text, address="192.0.2.1", now=origin_at().at)
    assert caught.value.refusal is Refusal.UNKNOWN
    assert len(statements) == 1


def test_every_single_typing_mistake_breaks_the_checksum() -> None:
    text = make_credential(environment="live").text
    mistakes = {f"{text[:i]}{letter}{text[i + 1 :]}" for i in range(7, len(text)) for letter in ALPHABET} - {text}
    assert [mistake for mistake in mistakes if parse_credential(text=mistake)] == []


def test_digest_needs_the_pepper() -> None:
    made = make_credential(environment="live")
    assert digest_credential(credential=made, pepper=PEPPER) != digest_credential(credential=made, pepper=OTHER_PEPPER)
    assert len(digest_credential(credential=made, pepper=PEPPER)) == 32


def test_digest_matches_its_own_token_alone() -> None:
    made, other = make_credential(environment="live"), make_credential(environment="live")
    digest = digest_credential(credential=made, pepper=PEPPER)
    assert matches_digest(credential=made, digest=digest, pepper_id="a", peppers={"a": PEPPER})
    assert not matches_digest(credential=other, digest=digest, pepper_id="a", peppers={"a": PEPPER})


def test_digest_of_an_older_pepper_matches_while_that_is_kept() -> None:
    made = make_credential(environment="live")
    digest = digest_credential(credential=made, pepper=PEPPER)
    assert matches_digest(credential=made, digest=digest, pepper_id="old", peppers={"new": OTHER_PEPPER, "old": PEPPER})
    assert not matches_digest(credential=made, digest=digest, pepper_id="old", peppers={"new": OTHER_PEPPER})


@pytest.mark.parametrize("peppers", [{}, {"a": PEPPER}])
def test_unknown_pepper_never_matches(peppers: dict[str, bytes]) -> None:
    """Not even the digest that the stand-in for an unknown pepper would make."""
    made = make_credential(environment="live")
    for pepper in (bytes(32), PEPPER):
        digest = digest_credential(credential=made, pepper=pepper)
        assert not matches_digest(credential=made, digest=digest, pepper_id="gone", peppers=peppers)


def test_two_credentials_of_one_text_are_equal() -> None:
    assert Credential("lnj") == Credential("lnj")


def test_secret_is_not_in_the_representation() -> None:
    made = make_credential(environment="live")
    assert made.text[19:] not in f"{made!r} {made}"
    assert made.prefix in repr(made)
