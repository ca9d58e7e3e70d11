"""A heat map: a row for each kind of text, a block for each model, a column for each kind of copy.

The lower a value, the stronger the colour. It is one colour over that of the page, which a dark
theme and a print in black and white keep readable, and each cell has its number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ner_rnn.evaluation.report.drawing import INK, drawn
from ner_rnn.evaluation.report.rows import (
    LETTER,
    Place,
    Rows,
    Value,
    name_rows,
    shortened,
    stand_alike,
)
from ner_rnn.evaluation.schema import Figure, Stress
from ner_rnn.text.report_table import DASH, percent

__all__ = ["block_width", "draw_heat"]

SHORT: dict[Stress | None, str] = {
    None: "as is",
    "lower": "lower",
    "upper": "upper",
    "swap": "swap",
}
"""Headings of columns."""
COLOUR = "#d55e00"
STRONGEST = 0.75
"""Opacity at which text in the colour of a light or dark page can still be read."""
FLOOR = 0.3
"""F1 of the strongest colour; 1 has none."""
GAP = 0.12
"""Inches between two blocks."""


def block_width(rows: Rows) -> float:
    """Return inches of the columns of a model, with the gap to the next."""
    return _cell_width(rows) * len(rows.copies) + GAP


def _cell_width(rows: Rows) -> float:
    return max(0.5 if len(rows.models) <= 2 else 0.345, 0.9 / len(rows.copies))


def draw_heat(
    rows: Rows, values: Mapping[Place, Value], marked: Place | None, *, lines: int, alt: str
) -> Figure:
    """Draw a cell for each place; the marked one is outlined.

    Args:
        rows: shared with the dots.
        values: places without one have a dash.
        marked: the lowest; None: none is.
        lines: lines of legend above the dots, to stay level with them.
        alt: description for readers who cannot see it.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    cell = _cell_width(rows)
    block = block_width(rows) / cell
    width = block_width(rows) * len(rows.models) - GAP
    texts: dict[str, str] = {}
    with drawn(rows.height(lines), width=width, gridspec_kw=rows.frame(lines)) as (axes, save):
        stand_alike(axes)
        axes.set(xlim=(0, width / cell), xticks=[])
        name_rows(axes, rows)
        axes.spines[:].set_visible(False)
        room = int(block_width(rows) / LETTER) - 1
        for index, model in enumerate(rows.models):
            left = index * block
            key = f"block-{index}"
            texts[key] = model
            _head(axes, rows, left + len(rows.copies) / 2, 0.29, shortened(model, room), 9, key)
            for column, case in enumerate(rows.copies):
                x = left + column
                _head(axes, rows, x + 0.5, 0.07, SHORT[case], 7.5)
                for row, label in enumerate(rows.labels):
                    place = label, model, case
                    key = f"cell-{row}-{index}-{column}"
                    texts[key] = _cell(axes, x, row, values.get(place), key, label == rows.mean)
                    if place == marked:
                        _box(axes, x, row, fill=False, ec=INK, lw=1.8, gid="lowest", zorder=3)
        _scale(axes, rows, 1 / cell)
        return save("heat", "F1 on names, in percent.", alt, texts)


def _cell(axes: Any, x: float, row: int, value: Value | None, key: str, is_mean: bool) -> str:
    """Draw a cell with its number; return what it says."""
    if value is None:
        _box(axes, x, row, fc="none", lw=0, gid=key)
        shown = DASH
    else:
        _box(axes, x, row, fc=(COLOUR, _opacity(value.at)), lw=0, gid=key)
        shown = "100" if value.at > 0.9995 else percent(value.at, 1) or ""
    weight = "bold" if is_mean else None
    axes.text(x + 0.5, row, shown, ha="center", va="center", fontsize=8, fontweight=weight)
    return value.text if value else "no F1"


def _box(axes: Any, x: float, row: float, **look: Any) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x + 0.03, row - 0.46), 0.94, 0.92, **look))


def _head(
    axes: Any, rows: Rows, x: float, above: float, text: str, size: float, key: str | None = None
) -> None:
    """Write a heading, so many inches above the rows."""
    y = -0.5 - above / rows.step
    axes.text(x, y, text, ha="center", va="bottom", fontsize=size, gid=key)


def _scale(axes: Any, rows: Rows, cells: float) -> None:
    """Draw what the colours mean below the rows; ``cells`` is the number of cells in an inch."""
    from matplotlib.patches import Rectangle

    top, high = len(rows.labels) - 0.5 + 0.16 / rows.step, 0.16 / rows.step
    for place, f1 in enumerate((FLOOR, 0.5, 0.7, 0.9)):
        left = place * 0.5 * cells
        look: dict[str, Any] = {"fc": (COLOUR, _opacity(f1)), "lw": 0, "clip_on": False}
        axes.add_patch(Rectangle((left, top), 0.16 * cells, high, **look))
        text = f"{'≤ ' if f1 == FLOOR else ''}{100 * f1:.0f}"
        axes.text(left + 0.2 * cells, top + high / 2, text, va="center", fontsize=8)


def _opacity(f1: float) -> float:
    return STRONGEST * min(1.0, (1.0 - f1) / (1.0 - FLOOR))
