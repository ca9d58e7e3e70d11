"""How memory looks on a terminal: gradients by lag, and right answers by lag."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from ner_rnn.studies.memory import Memory

__all__ = ["memory_tables"]


def memory_tables(found: Memory) -> Iterator[Table]:
    """Lay out what there is: gradients, a row a network and state; recall, a row a cell."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from ner_rnn.studies.memory import RECALLED

    if found.curves:
        lags = len(found.curves[0].mean) - 1
        some = [k for k in (1, 5, 10, 20, 40) if k <= lags]
        table = Table(
            title=Text(f"Size of d h(T) / d h(T-k), {found.read}"),
            title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0),
            caption="1/10, 1/100: the lag from which on no more than that is left",
            caption_justify="left",
        )  # fmt: skip
        table.add_column("network", overflow="fold")
        table.add_column("by")
        for heading in (*(f"k={k}" for k in some), "1/10", "1/100"):
            table.add_column(heading, justify="right")
        for curve in found.curves:
            falls = (curve.fallen(share) for share in (0.1, 0.01))
            table.add_row(
                Text(curve.name), curve.state, *(f"{curve.mean[k]:.1g}" for k in some),
                *(f"> {lags}" if fallen is None else str(fallen) for fallen in falls),
            )  # fmt: skip
        yield table
    if found.tried:
        lags_tried = sorted(found.tried[0].results)
        table = Table(
            title="Right answers in percent, k steps after the symbol", title_justify="left",
            title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0),
        )  # fmt: skip
        table.add_column("cell", overflow="fold")
        for lag in lags_tried:
            table.add_column(f"{lag}", justify="right")
        table.add_column(f"{RECALLED:.0%} to", justify="right")
        table.add_column("s", justify="right")
        for cell in found.tried:
            table.add_row(
                Text(cell.name), *(f"{100 * cell.accuracy(lag):.0f}" for lag in lags_tried),
                str(cell.longest() or "-"), f"{cell.seconds:.0f}",
            )  # fmt: skip
        yield table
