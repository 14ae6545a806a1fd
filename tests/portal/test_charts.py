"""Charts: what is drawn fits the frame and the numbers, and the numbers are told in words and rows too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.shared.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Series, draw_chart, round_up

LABELS = ("00", "01", "02")


@pytest.mark.parametrize(
    ("peak", "top"), [(0, 1), (1, 1), (3, 4), (9, 10), (10, 10), (397, 400), (450, 600), (0.3, 0.4), (0.02, 0.02)]
)
def test_scale_ends_with_a_round_number(peak: float, top: float) -> None:
    assert round_up(peak) == pytest.approx(top)


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=50))
def test_nothing_is_drawn_outside_the_frame(values: list[float]) -> None:
    labels = [str(number) for number in range(len(values))]
    series = (Series("a", tuple(values)), Series("b", tuple(values), 2))
    bars = draw_chart(title="t", kind="bar", labels=labels, series=series).bars
    assert all(bar.x >= LEFT and bar.x + bar.width <= WIDTH - RIGHT + 0.2 for bar in bars)
    assert all(bar.y >= TOP - 0.2 and bar.y + bar.height <= HEIGHT - BOTTOM + 0.2 for bar in bars)


def test_bars_of_one_label_stand_on_each_other() -> None:
    chart = draw_chart(title="t", kind="bar", labels=["a"], series=(Series("x", (30,)), Series("y", (10,), 2)))
    lower, upper = chart.bars
    assert upper.y + upper.height == pytest.approx(lower.y)
    assert lower.height == pytest.approx(3 * upper.height, abs=0.2)


def test_line_has_a_point_for_each_label() -> None:
    chart = draw_chart(title="t", kind="line", labels=LABELS, series=(Series("x", (1, 2, 3)),))
    assert len(chart.lines[0].points.split()) == 3


def test_numbers_are_told_in_words_and_rows() -> None:
    chart = draw_chart(title="Latency", kind="line", labels=LABELS, series=(Series("p95", (90, 126, 120)),), unit=" ms")
    assert chart.summary == "p95: 120 ms at the end, 126 ms at most (01), not rising."
    assert chart.rows == (("00", (90,)), ("01", (126,)), ("02", (120,)))


def test_series_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="as many values"):
        draw_chart(title="t", kind="bar", labels=LABELS, series=(Series("x", (1,)),))


def test_chart_of_nothing_is_an_empty_frame() -> None:
    chart = draw_chart(title="t", kind="bar", labels=(), series=(Series("x", ()),))
    assert (chart.bars, chart.rows, chart.summary) == ((), (), "")
