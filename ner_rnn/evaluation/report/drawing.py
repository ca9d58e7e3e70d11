"""Style of all plots, and how one becomes SVG for a page and for a file.

Series differ by marker and line as well as by colour, so that a black-and-white print tells them
apart; lines and text take the colour of the text around them (``currentColor``), so that they
follow a dark theme. Text stays text, and the same numbers give the same file. matplotlib is the
extra ``plots`` and imported where something is drawn.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ner_rnn.evaluation.schema import Figure
from ner_rnn.extras import require
from ner_rnn.text.writing import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "INK",
    "LINES",
    "MARKERS",
    "colour",
    "drawn",
    "legend",
    "line",
    "mark",
    "write_plots",
]

INK = "#010203"
"""Stands for the colour of the text around, which matplotlib does not know."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#b0609a", "#a87b00", "#5b8fd6")  # Okabe & Ito's
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "h", "d")
LINES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
WIDTH = 7.0  # inches

Save = Callable[..., Figure]
"""Name, caption, description and texts of parts of a figure -> the figure."""

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
    "axes.axisbelow": True,
    "grid.color": INK,
    "grid.alpha": 0.15,
    "grid.linewidth": 0.8,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
}


@contextmanager
def drawn(
    height: float,
    *,
    width: float = WIDTH,
    layout: str | None = None,
    **grid: Any,
) -> Iterator[tuple[Any, Save]]:
    """Open axes to draw on, with what turns them into a figure of a report.

    Args:
        height: in inches.
        width: likewise.
        layout: layout engine, as ``constrained``.
        grid: arguments of ``Figure.subplots``, which says what several axes come as.

    Raises:
        ExtraError: matplotlib is not installed.
    """
    require("drawing plots", "matplotlib")
    import matplotlib as mpl
    from matplotlib.figure import Figure as Canvas

    def save(
        name: str, caption: str, alt: str = "", texts: Mapping[str, str] | None = None
    ) -> Figure:
        file = io.StringIO()
        with mpl.rc_context({"svg.hashsalt": name}):  # the same ids in every run
            canvas.savefig(
                file,
                format="svg",
                bbox_inches="tight",
                pad_inches=0.04,
                transparent=True,
                metadata={"Date": None},
            )
        file_name = re.sub(r"[^\w.-]+", "_", name)
        return {
            "name": file_name,
            "kind": name.partition("__")[0],
            "caption": caption,
            "alt": alt or caption,
            "svg": _embeddable(file.getvalue(), file_name, caption, alt or caption, texts or {}),
        }

    with mpl.rc_context(STYLE):  # type: ignore[arg-type]  # keys are known at run time
        canvas = Canvas(figsize=(width, height), layout=layout)  # type: ignore[arg-type]
        yield canvas.subplots(**grid), save


def _embeddable(svg: str, name: str, caption: str, alt: str, texts: Mapping[str, str]) -> str:
    """Return a file of matplotlib's as an element that can stand in a page among others.

    Args:
        svg: the file.
        name: goes before its ids.
        caption: its title.
        alt: its description.
        texts: by id of a part (``gid`` of an artist): shown when it is pointed at.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    prefix = re.sub(r"\W+", "-", name)
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r'href="#', f'href="#{prefix}-', svg)
    svg = svg.replace("url(#", f"url(#{prefix}-")
    labels = f'role="img" aria-labelledby="{prefix}-title" aria-describedby="{prefix}-desc"'
    head = f'<title id="{prefix}-title">{escape(caption)}</title>'
    head += f'<desc id="{prefix}-desc">{escape(alt)}</desc>'
    svg = re.sub(r"<svg ([^>]*)>", lambda found: f"<svg {labels} {found[1]}>{head}", svg, count=1)

    def titled(found: re.Match[str]) -> str:
        text = texts.get(found[1])
        return found[0] if text is None else f"{found[0]}<title>{escape(text)}</title>"

    svg = re.sub(rf'<g id="{re.escape(prefix)}-([^"]+)">', titled, svg)
    return svg.replace(INK, "currentColor")


def write_plots(figures: Iterable[Figure], folder: Path) -> None:
    """Write each plot as ``<name>.svg``: a file of its own is shown on white.

    Raises:
        FileError: a file cannot be written.
    """
    for figure in figures:
        svg = figure["svg"].replace("<svg ", '<svg style="background:#fff;color:#000" ', 1)
        write_whole(folder / f"{figure['name']}.svg", svg)


def legend(
    axes: Axes,
    order: Sequence[str],
    models: Sequence[str],
    *,
    columns: int = 3,
    above: float = 1.0,
    left: float = 0.0,
) -> None:
    """Name the series above the axes, at this place in fractions of the axes."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], label=model, linestyle=line(order, model), **mark(order, model))
        for model in models
    ]
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(left, above), ncols=columns,
        borderaxespad=0.3, fontsize=9, handlelength=2.6,
    )  # fmt: skip


def mark(order: Sequence[str], model: str) -> dict[str, Any]:
    """Return colour and marker of a model."""
    return {"color": colour(order, model), "marker": MARKERS[order.index(model) % len(MARKERS)]}


def colour(order: Sequence[str], model: str) -> str:
    """Return the colour of a model."""
    return COLOURS[order.index(model) % len(COLOURS)]


def line(order: Sequence[str], model: str) -> Any:
    """Return the line style of a model, the same in every plot."""
    return LINES[order.index(model) % len(LINES)]
