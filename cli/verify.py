"""``ner-rnn verify``: networks compared with their textbook equations, one row each."""

from __future__ import annotations

import argparse

from . import console
from .parser import whole_number

EXAMPLE = """\
Each network is written twice: in plain NumPy as textbooks write it, forward and backward through
time, and in torch. Both get the same random weights and inputs in float64, and every state and
every gradient is compared. "bi": in both directions, over padded sentences of different lengths.

examples:
  ner-rnn verify
  ner-rnn verify --seed 7       other random weights and inputs

A row such as

  network  against        forward gradient parameters
  LSTM     torch.nn.LSTM  2.2e-16  3.6e-15      3,552 pass

says that no state differs by more than 2.2e-16, and no gradient by more than 3.6e-15.
The exit status is 0 when every row passes, 1 when one fails.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--seed", type=whole_number(0), default=0, help="random seed")


def run(args: argparse.Namespace) -> int:
    """Compare, print the table, and return 1 if a row fails."""
    from rich.table import Column, Table
    from rich.text import Text

    from ner_rnn.studies.verify import TOLERANCE, compare_all

    figures = [Column(name, justify="right") for name in ("forward", "gradient", "parameters")]
    table = Table(
        "network", "against", *figures, "", box=None, padding=(0, 1, 0, 0), header_style="bold"
    )
    rows = list(compare_all(args.seed))
    for row in rows:
        table.add_row(
            row.network,
            row.against,
            f"{row.forward:.1e}",
            f"{row.gradient:.1e}",
            f"{row.parameters:,}",
            Text("pass", "green") if row.passed else Text("FAIL", "bold red"),
        )
    failed = sum(not row.passed for row in rows)
    verdict = f"{failed} of {len(rows)} differ by more" if failed else f"all {len(rows)} pass"
    console.show(table, f"\n{verdict}; largest difference allowed {TOLERANCE:.0e}, in float64")
    return 1 if failed else 0
