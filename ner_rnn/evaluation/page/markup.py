"""Figures and names of a report -> pieces of HTML; the one place where text is escaped.

Whatever stands in a corpus, a path or a message goes through ``text``. This file knows nothing of
what a report says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import quote

__all__ = ["errors_link", "number", "percent", "row", "rows_of_terms", "table", "text"]

DASH = '<span class="none" title="undefined">–</span>'
# Not characters of HTML, or able to reorder what stands around them: shown as a replacement.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def text(value: object) -> str:
    """Escape for text and for attributes in double quotes.

    >>> text("<b>'&")
    '&lt;b&gt;&#x27;&amp;'
    """
    return escape(_UNFIT.sub("\ufffd", str(value)))


def percent(ratio: float | None, places: int = 2, sign: bool = False) -> str:
    """A ratio in percent, without the sign of percent; undefined is a dash.

    >>> percent(0.92394), percent(-0.0123, 1, sign=True)
    ('92.39', '−1.2')
    """
    if ratio is None:
        return DASH
    shown = f"{100 * ratio:{'+' if sign else ''}.{places}f}"
    return shown.replace("-", "\N{MINUS SIGN}")


def number(count: int | None) -> str:
    """A whole number with separators.

    >>> number(12345)
    '12,345'
    """
    return DASH if count is None else f"{count:,}"


def errors_link(count: int, **view: str) -> str:
    """A number that leads to its sentences in the error browser; nought leads nowhere.

    Args:
        count: to be shown.
        view: ``model``, ``vs``, ``corpus``, ``kind``, ``change``: what to select.
    """
    if not count:
        return number(count)
    query = "&".join(
        f"{key}={quote(_UNFIT.sub('', value), safe='')}" for key, value in view.items()
    )
    return f'<a class="count" href="#errors?{text(query)}">{number(count)}</a>'


def row(head: str, cells: Iterable[str], attributes: str = "") -> str:
    """One row: a heading and cells of HTML; a cell that opens with ``<td`` is taken as it is."""
    filled = "".join(cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in cells)
    return f'<tr{attributes}><th scope="row">{head}</th>{filled}</tr>'


def table(label: str, head: str, groups: Sequence[tuple[str, Sequence[str]]], columns: int) -> str:
    """A table of row groups that scrolls by itself where the screen is narrow.

    Args:
        label: what it holds, for those who cannot see it; plain text.
        head: the rows of ``<thead>``.
        groups: heading of a group (HTML; may be empty) and its rows.
        columns: how many, with the column of headings.
    """
    bodies = []
    for heading, rows in groups:
        top = (
            f'<tr class="group"><th scope="rowgroup" colspan="{columns}"><span>{heading}</span>'
            "</th></tr>"
            if heading
            else ""
        )
        bodies.append(f"<tbody>{top}{''.join(rows)}</tbody>")
    return (
        f'<div class="scroll" role="group" tabindex="0" aria-label="{text(label)}">'
        f'<table><caption class="unseen">{text(label)}</caption><thead>{head}</thead>'
        f"{''.join(bodies)}</table></div>"
    )


def rows_of_terms(pairs: Iterable[tuple[str, str]]) -> str:
    """A list of terms (plain text) and what stands for them (HTML)."""
    return "<dl>" + "".join(f"<dt>{text(t)}</dt><dd>{d}</dd>" for t, d in pairs) + "</dl>"
