"""Charts as geometry: numbers in, coordinates out. A template draws them as SVG; nothing here knows of markup.

Every chart carries its numbers as rows too, since a drawing alone tells nothing to who cannot see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final, Literal

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 12, 24
SPARK_WIDTH, SPARK_HEIGHT = 96, 28
GRID_LINES: Final = 4
MOST_LABELS: Final = 7
STEPS: Final = (1, 2, 4, 6, 8, 10)


@dataclass(frozen=True)
class Series:
    """One row of numbers, as many as there are labels, None where nothing was measured; `number` chooses the color."""

    name: str
    values: tuple[float | None, ...]
    number: int = 1


@dataclass(frozen=True)
class Mark:
    """A bar of a chart, or a label's place; `title` is what a pointer or a screen reader is told."""

    x: float
    y: float
    width: float = 0
    height: float = 0
    series: int = 1
    title: str = ""


@dataclass(frozen=True)
class Line:
    """Points of one series as SVG wants them."""

    points: str
    series: int
    name: str


@dataclass(frozen=True)
class Note:
    """What happened at the label of that number, as in a token that was rotated: a thin line on the chart."""

    index: int
    told: str


@dataclass(frozen=True)
class Row:
    """One row of the table beside a chart; `address` leads to what its numbers stand for."""

    label: str
    values: tuple[float | None, ...]
    address: str = ""


@dataclass(frozen=True)
class Spark:
    """A small line without axes, and the sentence that stands for it."""

    points: str
    summary: str
    width: int = SPARK_WIDTH
    height: int = SPARK_HEIGHT


@dataclass(frozen=True)
class Chart:
    """What the template draws, and the rows of the table beside it."""

    title: str
    series: tuple[Series, ...]
    bars: tuple[Mark, ...]
    lines: tuple[Line, ...]
    grid: tuple[Mark, ...]
    labels: tuple[Mark, ...]
    rows: tuple[Row, ...]
    summary: str
    notes: tuple[Mark, ...] = ()
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def draw_chart(  # each says one thing of the chart
    *,
    title: str,
    kind: Literal["bar", "line"],
    labels: Sequence[str],
    series: Sequence[Series],
    unit: str = "",
    notes: Sequence[Note] = (),
    addresses: Sequence[str] = (),
) -> Chart:
    """Bars are stacked, lines share one scale. Raises ValueError when a series, or the addresses if there are any, have
    another length than the labels.
    """
    lengths = {len(labels), *(len(row.values) for row in series), *([len(addresses)] if addresses else [])}
    if len(lengths) != 1:
        raise ValueError("every series has as many values as there are labels")
    columns = list(zip(*(row.values for row in series), strict=True))
    known = [[value or 0 for value in column] for column in columns]
    top = round_up(max((sum(column) if kind == "bar" else max(column) for column in known), default=0))
    return Chart(
        title=title,
        series=tuple(series),
        bars=_stack(labels, series, top, unit) if kind == "bar" else (),
        lines=_trace(len(labels), series, top) if kind == "line" else (),
        grid=tuple(Mark(LEFT, _y(share * top, top), title=f"{share * top:g}") for share in _shares()),
        labels=_place_labels(labels),
        rows=tuple(map(Row, labels, columns, addresses or [""] * len(labels))),
        summary=_summarize(labels, series, unit),
        notes=tuple(Mark(_center(note.index, len(labels)), TOP, title=note.told) for note in notes),
    )


def draw_spark(*, title: str, values: Sequence[float], span: str, unit: str = "") -> Spark:
    """A line of `values` over `span` that ends now, without a scale; its sentence says what the scale would."""
    top, count = max(max(values, default=0), 1), max(len(values) - 1, 1)
    points = (
        f"{round(index * SPARK_WIDTH / count, 1)},{round(SPARK_HEIGHT - 1 - value / top * (SPARK_HEIGHT - 2), 1)}"
        for index, value in enumerate(values)
    )
    peak = max(values, default=0)
    told = f"{peak:.3g}{unit} at most, {values[-1]:.3g}{unit} at the end" if peak else "none"
    return Spark(" ".join(points), f"{title} over {span}: {told}.")


def round_up(peak: float) -> float:
    """The round number at or above `peak` that the scale ends with; 1 for nothing at all."""
    if peak <= 0:
        return 1
    power = 10.0 ** (len(str(int(peak))) - 1) if peak >= 1 else 0.1
    while power > peak:
        power /= 10
    return next(step * power for step in STEPS if step * power >= peak)


def _shares() -> tuple[float, ...]:
    return tuple(line / GRID_LINES for line in range(GRID_LINES + 1))


def _y(value: float, top: float) -> float:
    return round(HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM), 1)


def _slot(count: int) -> float:
    return (WIDTH - LEFT - RIGHT) / max(count, 1)


def _center(index: int, count: int) -> float:
    return round(LEFT + _slot(count) * (index + 0.5), 1)


def _stack(labels: Sequence[str], series: Sequence[Series], top: float, unit: str) -> tuple[Mark, ...]:
    slot = _slot(len(labels))
    bars = []
    for index, label in enumerate(labels):
        floor = 0.0
        for row in series:
            value = row.values[index] or 0
            y, bottom = _y(floor + value, top), _y(floor, top)
            told = f"{label}: {row.name} {value:g}{unit}"
            x = round(LEFT + slot * index + slot * 0.1, 1)
            bars.append(Mark(x, y, round(slot * 0.8, 1), round(bottom - y, 1), row.number, told))
            floor += value
    return tuple(bar for bar in bars if bar.height > 0)


def _trace(count: int, series: Sequence[Series], top: float) -> tuple[Line, ...]:
    """A line for each run of values that were measured; one alone is a line to itself, which round ends show."""
    lines = []
    for row in series:
        points = [
            None if value is None else f"{_center(at, count)},{_y(value, top)}" for at, value in enumerate(row.values)
        ]
        for is_known, run in groupby(points, key=lambda point: point is not None):
            drawn = [point for point in run if point]
            if is_known:
                lines.append(Line(" ".join(drawn * 2 if len(drawn) == 1 else drawn), row.number, row.name))
    return tuple(lines)


def _place_labels(labels: Sequence[str]) -> tuple[Mark, ...]:
    every = -(-len(labels) // MOST_LABELS) or 1
    shown = range(0, len(labels), every)
    return tuple(Mark(_center(index, len(labels)), HEIGHT - 6, title=labels[index]) for index in shown)


def _summarize(labels: Sequence[str], series: Sequence[Series], unit: str) -> str:
    """One sentence a series: where it ended, its highest value, and whether it rose."""
    told = []
    for row in (row for row in series if row.values):
        known = [value for value in row.values if value is not None]
        if not known:
            told.append(f"{row.name}: nothing was measured.")
            continue
        peak = max(known)
        turns = sum(before < after for before, after in pairwise(known))
        course = "rising" if turns > len(known) // 2 else "not rising"
        at = labels[row.values.index(peak)]
        told.append(f"{row.name}: {known[-1]:.4g}{unit} at the end, {peak:.4g}{unit} at most ({at}), {course}.")
    return " ".join(told)
