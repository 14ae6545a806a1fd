"""The page about the language is current, and every example on it is true."""

import orjson
import pytest

from labsninja.mapping_doc import OPERATORS, PAGE, PLACES, render_language
from tests.mapping.samples import evaluate


def test_page_of_the_mapping_language_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_language(), "run manage.py mapping_doc"


@pytest.mark.parametrize(("source", "expected"), [*PLACES, *OPERATORS])
def test_example_of_the_page_gives_what_it_says(source: str, expected: str) -> None:
    assert evaluate(source) == orjson.loads(expected)
