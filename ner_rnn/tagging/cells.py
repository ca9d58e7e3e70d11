r"""Columns of the tables of names, and a guard for cells that a spreadsheet would evaluate.

    =HYPERLINK("http://...")   ->   '=HYPERLINK("http://...")

OWASP ("CSV Injection") recommends a leading apostrophe for cells that begin like a formula. A cell
that already looks guarded gets another one, so that ``unguarded`` restores any text exactly.
"""

from __future__ import annotations

import re

__all__ = ["NAME_COLUMNS", "PATH_COLUMN", "guarded", "unguarded"]

NAME_COLUMNS = ("source", "id", "start", "end", "text", "score")
"""Columns of a table of names, in CSV and in Parquet."""
PATH_COLUMN = "on_best_path"
"""One more column where names may be off the best path."""

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠][\s\S]")  # a single character is no formula


def guarded(cell: str) -> str:
    """Return a cell, with a leading apostrophe if a spreadsheet would evaluate it."""
    return "'" + cell if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """Return the argument of ``guarded`` from its result."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
