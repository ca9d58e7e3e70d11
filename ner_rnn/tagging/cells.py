r"""Columns of the tables of names, and a guard for cells that a spreadsheet would run.

    =HYPERLINK("http://...")   ->   '=HYPERLINK("http://...")

OWASP ("CSV Injection") advises a leading apostrophe for cells that begin like a formula. One that
looks guarded already gets another, so that ``unguarded`` gives back any text exactly.
"""

from __future__ import annotations

import re

__all__ = ["NAME_COLUMNS", "guarded", "unguarded"]

NAME_COLUMNS = ("source", "id", "start", "end", "text", "score")
"""Columns of a table of names, in CSV and in Parquet."""

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠][\s\S]")  # one sign alone runs nothing


def guarded(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    return "'" + cell if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """Take off the apostrophe of ``guarded``."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
