"""Generated queries, by GET and by POST: served or refused as SCIM has it, and nothing is left half."""

import pytest

from tests.conformance.hostile import draw_query, draw_search
from tests.conformance.wire import Draw, check_many
from tests.scim.conftest import Provider

DRAWS = [(draw_query, 6_667), (draw_search, 1_500)]


@pytest.mark.parametrize(("draw", "number"), DRAWS)
def test_generated_requests_are_served_or_refused_and_leave_nothing_half(
    provider: Provider, draw: Draw, number: int
) -> None:
    check_many(provider, draw, number, 1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 105))
@pytest.mark.parametrize(("draw", "number"), DRAWS)
def test_very_many_generated_requests_leave_nothing_half(
    provider: Provider, draw: Draw, number: int, seed: int
) -> None:
    check_many(provider, draw, number, seed)
