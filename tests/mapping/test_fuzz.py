"""Whatever is written, an expression gives a value or an ExpressionError, soon, and never tells anybody's data."""

import random
import time

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from scim.mapping.errors import ExpressionError
from tests.mapping.programs import ANYTHING, WORDS
from tests.mapping.samples import ZOE, evaluate

# Of the processor, for one program: the bounds keep it far below.
SECONDS = 1.0
# Words of the sample that no generated program holds.
PERSONAL = ("Müller", "zoe.mueller", "E4711", "0197-zoe", "CC-1")

FUZZ = settings(
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def run_program(source: str) -> None:
    began = time.process_time()
    try:
        evaluate(source)
    except ExpressionError as error:
        told, line = str(error), error.line
    else:
        told, line = "", 1
    assert not [word for word in PERSONAL if word in told], (source, told)
    assert 1 <= line <= source.count("\n") + 1
    assert time.process_time() - began < SECONDS, source


def test_any_program_gives_a_value_or_an_expression_error() -> None:
    settings(FUZZ, max_examples=600)(given(ANYTHING)(run_program))()


def mutate(rng: random.Random, source: str) -> str:
    """The program with a few of its pieces dropped, doubled, swapped or replaced."""
    pieces = list(source) if rng.random() < 0.3 else source.split(" ")
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(pieces) + 1)
        kind = rng.randrange(3)
        put = (pieces[at : at + 3] * 2, [rng.choice(WORDS)], [])[kind]
        pieces[at : at + (3, 0, 1)[kind]] = put
    return (" " if rng.random() < 0.7 else "").join(pieces)


def test_mangled_programs_give_a_value_or_an_expression_error() -> None:
    from tests.mapping.test_expressions import GOLDEN, REFUSED  # noqa: PLC0415  a pytest module, imported when asked for

    rng = random.Random(20)
    known = [source for source, _ in [*GOLDEN, *REFUSED]]
    for _ in range(4000):
        run_program(mutate(rng, rng.choice(known)))


@pytest.mark.long
def test_sixty_thousand_programs_give_a_value_or_an_expression_error() -> None:
    settings(FUZZ, max_examples=60_000)(given(ANYTHING)(run_program))()


def test_document_is_not_changed_by_any_of_it() -> None:
    before = repr(ZOE)
    settings(FUZZ, max_examples=100)(given(ANYTHING)(run_program))()
    assert repr(ZOE) == before
