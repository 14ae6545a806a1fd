"""Charts: what is drawn fits the frame and the numbers, and the numbers are told in words and rows too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.shared.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Note,
    Row,
    Series,
    draw_chart,
    draw_spark,
    round_up,
)

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
    assert chart.rows == (Row("00", (90,)), Row("01", (126,)), Row("02", (120,)))


def test_line_stops_where_nothing_was_measured() -> None:
    series = (Series("p95", (90, None, 120, 130)), Series("p50", (None,) * 4, 2))
    chart = draw_chart(title="t", kind="line", labels=(*LABELS, "03"), series=series, unit=" ms")
    assert [len(line.points.split()) for line in chart.lines] == [2, 2]  # a dot, and a line
    assert chart.summary == "p95: 130 ms at the end, 130 ms at most (03), rising. p50: nothing was measured."


def test_note_stands_at_its_label_and_rows_lead_somewhere() -> None:
    chart = draw_chart(
        title="t",
        kind="bar",
        labels=LABELS,
        series=(Series("x", (1, 2, 3)),),
        notes=(Note(1, "rotated"),),
        addresses=("/a", "/b", "/c"),
    )
    assert (chart.notes[0].title, chart.notes[0].x) == ("rotated", chart.labels[1].x)
    assert [row.address for row in chart.rows] == ["/a", "/b", "/c"]


def test_series_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="as many values"):
        draw_chart(title="t", kind="bar", labels=LABELS, series=(Series("x", (1,)),))


def test_chart_of_nothing_is_an_empty_frame() -> None:
    chart = draw_chart(title="t", kind="bar", labels=(), series=(Series("x", ()),))
    assert (chart.bars, chart.rows, chart.summary) == ((), (), "")


def test_spark_is_told_in_one_sentence() -> None:
    spark = draw_spark(title="Requests", values=(0, 8, 2), span="24 hours")
    assert spark.summary == "Requests over 24 hours: 8 at most, 2 at the end."
    assert len(spark.points.split()) == 3
    assert draw_spark(title="Requests", values=(0, 0), span="24 hours").summary == "Requests over 24 hours: none."
