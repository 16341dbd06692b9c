"""Plots as inline SVG, made by matplotlib: text stays text, ids are stable, no file is written.

Each is drawn for a reader who knows no statistics: what was said beside what came, alerts as dots.
"""

import hashlib
import io
import re
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import PercentFormatter

from training.evaluation.figures import CalibrationBin, DecisionPoint, Figure

Language = Literal["zh", "en"]
BLUE, ORANGE, GREY, PALE = "#0b5394", "#b45309", "#6b7280", "#d7dde5"
COARSE = 0.08  # the end of an axis from which whole per cent suffice
WIDEST = 22  # letters of a name on one line
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "lantern",
    "text.parse_math": False,  # a group may be named with a dollar sign
    "font.size": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": "#1f2937",
    "xtick.color": "#1f2937",
    "ytick.color": "#1f2937",
    "axes.grid": True,
    "grid.color": "#e5e7eb",
    "grid.linewidth": 0.7,
    "figure.constrained_layout.use": True,
}
_HEAD = re.compile(r"^.*?(?=<svg)", re.DOTALL)


@dataclass(frozen=True)
class Whisker:
    """One line of a dot plot: its name, its figure, and whether it stands out."""

    name: str
    figure: Figure
    strong: bool = False


@dataclass(frozen=True)
class Curve:
    """A line through points, with its name."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: str = GREY
    dashed: bool = False


def icons(share: float, title: str) -> str:
    """Draw a hundred dots, the given share of them filled."""
    filled = round(100 * share)
    with _drawn(title, (2.5, 2.5)) as (axes, out):
        axes.set_axis_off()
        places = [(n % 10, 9 - n // 10) for n in range(100)]
        for part, colour in ((places[:filled], ORANGE), (places[filled:], PALE)):
            axes.scatter(*_xy(part), s=120, c=colour, linewidths=0)
        axes.set_aspect("equal")
    return out[0]


def whiskers(ones: Sequence[Whisker], label: str, title: str, *, as_percent: bool = False) -> str:
    """Draw values with their intervals, one below the other."""
    known = [one for one in ones if one.figure.value is not None]
    names = [textwrap.fill(one.name, WIDEST) for one in reversed(known)]
    wrapped = any("\n" in name for name in names)
    line = 0.46 if wrapped else 0.34
    with _drawn(title, (4.4, 0.75 + line * max(len(known), 1))) as (axes, out):
        for place, one in enumerate(reversed(known)):
            value = one.figure.value or 0.0
            low, high = one.figure.low, one.figure.high
            colour = ORANGE if one.strong else BLUE
            if low is not None and high is not None:
                axes.plot([low, high], [place, place], color=colour, linewidth=2.2, alpha=0.55)
            axes.plot([value], [place], "o", color=colour, markersize=6)
        axes.set_yticks(range(len(known)), names)
        axes.set_ylim(-0.6, max(len(known), 1) - 0.4)
        axes.grid(visible=False, axis="y")
        axes.set_xlabel(label, loc="right" if wrapped else "center")  # room is on the left
        if as_percent:
            axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    return out[0]


def calibration(bins: Sequence[CalibrationBin], labels: tuple[str, str], title: str) -> str:
    """Draw what was said against what came; on the diagonal both agree."""
    known = [one for one in bins if one.came.value is not None]
    top = max([one.came.high or one.came.value or 0 for one in known] + [b.said for b in bins])
    edge = min(1.0, top * 1.08 + 0.01)
    with _drawn(title, (4.4, 3.5)) as (axes, out):
        axes.plot([0, edge], [0, edge], color=GREY, linewidth=1, linestyle=(0, (4, 3)))
        for one in known:
            if one.came.low is not None and one.came.high is not None:
                axes.plot([one.said] * 2, [one.came.low, one.came.high], color=BLUE, alpha=0.5)
        axes.plot(*_xy([(b.said, b.came.value or 0.0) for b in known]), "o-", color=BLUE)
        axes.set(xlim=(0, edge), ylim=(0, edge), xlabel=labels[0], ylabel=labels[1])
        _percents(axes)
    return out[0]


def decision(
    points: Sequence[DecisionPoint], others: Sequence[Curve], labels: tuple[str, str], title: str
) -> str:
    """Draw net benefit against the threshold, with the model's interval as a band."""
    with _drawn(title, (4.4, 3.5)) as (axes, out):
        for curve in others:
            style = (0, (4, 3)) if curve.dashed else "-"
            axes.plot(*_xy(curve.points), color=curve.colour, linestyle=style, label=curve.name)
        banded = [p for p in points if p.model.low is not None]
        axes.fill_between(
            [p.threshold for p in banded],
            [p.model.low or 0.0 for p in banded],
            [p.model.high or 0.0 for p in banded],
            color=ORANGE,
            alpha=0.15,
            linewidth=0,
        )
        best = max([p.model.high or p.model.value or 0.0 for p in points] + [0.001])
        axes.set(ylim=(-0.35 * best, 1.1 * best), xlabel=labels[0], ylabel=labels[1])
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.legend(frameon=False, fontsize=9.5)
    return out[0]


def rarity(curves: Sequence[Curve], labels: tuple[str, str], title: str) -> str:
    """Draw the share of right alerts against prevalence, on a scale of tenfold steps."""
    with _drawn(title, (4.4, 3.5)) as (axes, out):
        for curve in curves:
            axes.plot(*_xy(curve.points), "o-", color=curve.colour, label=curve.name, markersize=4)
        axes.set_xscale("log")
        axes.set_xticks([0.001, 0.01, 0.1, 0.355], ["0.1%", "1%", "10%", "35.5%"])
        axes.minorticks_off()
        axes.set(ylim=(0, 1), xlabel=labels[0], ylabel=labels[1])
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.legend(frameon=False, fontsize=9.5)
    return out[0]


def _percents(axes: Axes) -> None:
    digits = 0 if axes.get_xlim()[1] > COARSE else 1
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=digits))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=digits))


def _xy(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]


@contextmanager
def _drawn(title: str, inches: tuple[float, float]) -> Iterator[tuple[Axes, list[str]]]:
    """Yield axes and a list that holds the SVG at the end."""
    out: list[str] = []
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the reader's fonts have it
        canvas = Canvas(figsize=inches)
        yield canvas.add_subplot(), out
        text = io.StringIO()
        canvas.savefig(
            text, format="svg", transparent=True, metadata={"Date": None, "Title": title}
        )
    out.append(_inline(text.getvalue(), title))


def _inline(svg: str, title: str) -> str:
    """Leave out the prologue and the metadata, and let the page choose the size."""
    body = _HEAD.sub("", svg, count=1)
    body = re.sub(r"<metadata>.*?</metadata>", "", body, count=1, flags=re.DOTALL)
    for attribute in ("height", "width"):
        body = re.sub(rf'(<svg[^>]*?) {attribute}="[^"]*"', r"\1", body, count=1)
    mark = "p" + hashlib.sha256(svg.encode()).hexdigest()[:8] + "-"
    body = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{mark}", body)  # ids are unique in a page
    name = title.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return body.replace("<svg", f'<svg role="img" aria-label="{name}"', 1)
