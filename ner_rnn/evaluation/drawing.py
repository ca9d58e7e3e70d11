"""What all plots of a report share: their look, and how one becomes SVG for a page.

Series differ by marker and line as well as by colour, so that a black-and-white print tells them
apart; lines and words take the colour of the text around them (``currentColor``), so that they
follow a dark theme. matplotlib is an extra and imported where it is needed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any

from ner_rnn.evaluation.schema import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["INK", "STYLE", "colour", "drawn", "legend", "line", "mark"]

INK = "#010203"
"""Stands for the colour of the text around, which matplotlib does not know."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#b0609a", "#a87b00", "#5b8fd6")  # Okabe & Ito's
MARKERS = ("o", "s", "^", "D", "v", "P")
LINES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
WIDTH = 7.0  # inches

Save = Callable[..., Figure]
"""Name, kind, corpus, caption and alt of a figure -> the figure."""

STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a dollar sign in a name is one
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "grid.color": INK,
    "grid.alpha": 0.15,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
}


@contextmanager
def drawn(height: float, *, width: float = WIDTH, panels: int = 1) -> Iterator[tuple[Any, Save]]:
    """Axes to draw on, and what turns them into a figure of the report."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(width, height))
    FigureCanvasSVG(canvas)
    axes: Any = canvas.subplots(1, panels)

    def save(*, name: str, kind: Any, corpus: str | None, caption: str, alt: str) -> Figure:
        file = io.StringIO()
        import matplotlib

        with matplotlib.rc_context({"svg.hashsalt": name}):  # the same ids in every run
            canvas.savefig(
                file, format="svg", bbox_inches="tight", transparent=True, metadata={"Date": None}
            )
        file_name = re.sub(r"[^\w.-]+", "_", name)
        return {
            "name": file_name,
            "kind": kind,
            "corpus": corpus,
            "caption": caption,
            "alt": alt,
            "svg": _embeddable(file.getvalue(), file_name, alt),
        }

    yield axes, save


def _embeddable(svg: str, name: str, alt: str) -> str:
    """A whole file of matplotlib's -> an element that can stand in a page among others."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    prefix = re.sub(r"\W+", "-", name)
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r'href="#', f'href="#{prefix}-', svg)
    svg = svg.replace("url(#", f"url(#{prefix}-")
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{escape(alt)}" ', 1)
    return svg.replace(INK, "currentColor")


def legend(
    axes: Axes, order: Sequence[str], models: Sequence[str], *, columns: int = 3, above: float = 1.0
) -> None:
    """Name the series above the axes."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [], [], label=model, linestyle=LINES[order.index(model) % len(LINES)],
            **mark(order, model),
        )
        for model in models
    ]  # fmt: skip
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, above), ncols=columns,
        borderaxespad=0.3, fontsize=9, handlelength=2.6,
    )  # fmt: skip


def mark(order: Sequence[str], model: str) -> dict[str, Any]:
    """Colour and marker of a model."""
    return {"color": colour(order, model), "marker": MARKERS[order.index(model) % len(MARKERS)]}


def colour(order: Sequence[str], model: str) -> str:
    """The colour of a model."""
    return COLOURS[order.index(model) % len(COLOURS)]


def line(order: Sequence[str], model: str) -> Any:
    """The kind of line of a model: of the same number, the same in every plot."""
    return LINES[order.index(model) % len(LINES)]
