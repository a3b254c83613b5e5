"""Charts of the pages: a line over time, and few things compared as dots on one axis; drawn by `kit/chart.html`.

Pure geometry in user units, one unit about a pixel. No colours: the style sheet inks by class. At most three grid lines,
zero is drawn where it is within the range, ends of lines are labelled, and the same stands below as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pilothouse.core.words import count, decimal, listed

WIDTH = 400
_HEIGHT = 148
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 300, 12, 126
_TONES = {"critical": "crit", "high": "high", "crit": "crit"}


@dataclass(frozen=True, slots=True)
class Path:
    """A line of the picture with its class of ink."""

    path: str
    ink: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A dot."""

    x: float
    y: float
    ink: str


@dataclass(frozen=True, slots=True)
class Label:
    """A word or figure in the picture."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    ink: str = ""


@dataclass(frozen=True)
class Chart:
    """A picture with its sentence, and the same as a table."""

    title: str
    caption: str
    sentence: str
    grid: tuple[Path, ...] = ()
    lines: tuple[Path, ...] = ()
    dots: tuple[Mark, ...] = ()
    texts: tuple[Label, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    width: int = WIDTH
    height: int = _HEIGHT


@dataclass(frozen=True, slots=True)
class Series:
    """One line. name: stands at its end; tone: `critical` or `high` only where it is a severity; soft: not the main one."""

    name: str
    values: tuple[float, ...]
    tone: str = ""
    soft: bool = False


def _figure(value: float) -> str:
    return count(round(value)) if float(value).is_integer() else decimal(value, 1)


def line(title: str, caption: str, times: Sequence[str], series: Sequence[Series]) -> Chart:
    """Some lines over the same times, from the left; each labelled at its end. times: one label a value."""
    values = [value for one in series for value in one.values]
    low, high = min([0.0, *values]), max([1.0, *values])
    steps = max(1, len(times) - 1)

    def at(index: int, value: float) -> tuple[float, float]:
        x = _LEFT + (_RIGHT - _LEFT) * index / steps
        return round(x, 1), round(_BOTTOM - (_BOTTOM - _TOP) * (value - low) / (high - low), 1)

    paths, texts, dots = [], [], []
    for one in series:
        if not one.values:
            continue
        points = [at(i, value) for i, value in enumerate(one.values)]
        tone = _TONES.get(one.tone, "")
        ink = f"c-line c-line-{tone}" if tone else "c-soft" if one.soft else "c-line"
        paths.append(Path("M" + "L".join(f"{x} {y}" for x, y in points), ink))
        dots.append(Mark(*points[-1], f"c-{tone}" if tone else "c-mark" if one.soft else "c-dot"))
        texts.append(
            Label(
                _RIGHT + 8,
                points[-1][1] + 4,
                f"{_figure(one.values[-1])} {one.name}",
                ink=f"t-{tone}" if tone else "lab" if one.soft else "key",
            )
        )
    top = at(0, high)[1]
    texts = _apart(texts)
    texts.append(Label(_LEFT - 6, top + 4, _figure(high), "end"))
    texts.append(Label(_LEFT - 6, _BOTTOM + 4, _figure(low), "end"))
    if times:
        texts.append(Label(_LEFT, _HEIGHT - 4, times[0]))
        if len(times) > 1:
            texts.append(Label(_RIGHT, _HEIGHT - 4, times[-1], "end"))
    told = listed(
        [
            f"{one.name} from {_figure(one.values[0])} to {_figure(one.values[-1])}"
            for one in series
            if one.values
        ]
    )
    return Chart(
        title,
        caption,
        f"{title}, {times[0] if times else ''} to {times[-1] if times else ''}: {told}.",
        (Path(f"M{_LEFT} {top}H{_RIGHT}", "c-grid"), Path(f"M{_LEFT} {_BOTTOM}H{_RIGHT}", "c-base")),
        tuple(paths),
        tuple(dots),
        tuple(texts),
        ("", *(one.name for one in series)),
        tuple(
            (when, *(_figure(one.values[i]) if i < len(one.values) else "unknown" for one in series))
            for i, when in enumerate(times)
        ),
    )


def _apart(labels: Sequence[Label], least: float = 14) -> list[Label]:
    """The labels, moved down where two would touch."""
    placed: list[Label] = []
    for label in sorted(labels, key=lambda one: one.y):
        y = max(label.y, placed[-1].y + least) if placed else label.y
        placed.append(Label(label.x, y, label.text, label.anchor, label.ink))
    return placed


def dots(
    title: str, caption: str, rows: Sequence[tuple[str, float]], *, floor: float | None = None, unit: str = ""
) -> Chart:
    """Few things on one axis, the largest first; what lies below the floor is red and bold."""
    names = sorted(rows, key=lambda row: -row[1])
    values = [value for _, value in names] + ([] if floor is None else [floor])
    low, high = min([0.0, *values]), max([1.0, *values])
    left, right, step = 130, 360, 22

    def x(value: float) -> float:
        return round(left + (right - left) * (value - low) / (high - low), 1)

    grid, marks, texts = [], [], []
    bottom = 8 + step * len(names)
    for place, (name, value) in enumerate(names):
        y = 14 + step * place
        late = floor is not None and value < floor
        grid.append(Path(f"M{left} {y}H{right}", "c-grid"))
        marks.append(Mark(x(value), y, "c-crit" if late else "c-dot"))
        texts.append(Label(0, y + 4, name if len(name) < 22 else f"{name[:20]}…", ink="lab"))
        texts.append(Label(x(value) + 9, y + 4, _figure(value), ink="t-crit" if late else "lab"))
    if floor is not None:
        grid.append(Path(f"M{x(floor)} 2V{bottom}", "c-goal"))
        texts.append(Label(x(floor), bottom + 16, f"{_figure(floor)}{unit} floor", "middle"))
    under = [f"{name} {_figure(value)}" for name, value in names if floor is not None and value < floor]
    told = (
        f"below the floor: {listed(under)}"
        if under
        else listed([f"{name} {_figure(value)}" for name, value in names[:4]])
    )
    return Chart(
        title,
        caption,
        f"{title}: {told}.",
        tuple(grid),
        (),
        tuple(marks),
        tuple(texts),
        ("", caption or title),
        tuple((name, _figure(value)) for name, value in names),
        height=bottom + 22,
    )
