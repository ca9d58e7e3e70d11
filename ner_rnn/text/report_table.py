"""Tables of reports: columns over records, shown in Markdown, on a page or on a terminal.

A table is built once. Each column says what it shows of a record, and in which media; an entry is
text, a whole number (shown with separators), None (undefined: a dash) or a ``Cell``. A page shows a
table by the macro ``table`` of ``templates/macros.html``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from rich.table import Table as RichTable

__all__ = [
    "DASH",
    "Cell",
    "Column",
    "Medium",
    "Table",
    "clean",
    "escape_markdown",
    "percent",
    "shown",
    "to_markdown",
    "to_rich",
    "typed",
]

DASH = "–"
"""Stands for what is undefined."""
Medium = Literal["markdown", "page", "terminal"]
EVERYWHERE: tuple[Medium, ...] = ("markdown", "page", "terminal")
Record = TypeVar("Record")

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$&])")
# Not characters of HTML, or able to reorder the text around them.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def clean(text: str) -> str:
    """Return the text with a replacement character for each that no page may hold."""
    return _UNFIT.sub("\ufffd", text)


def escape_markdown(text: str) -> str:
    r"""Return text that Markdown shows as it is: ``a_b | <c>`` -> ``a\_b \| \<c\>``."""
    return _SPECIAL.sub(r"\\\1", " ".join(clean(text).split()))


def shown(value: str | int | None) -> str:
    """Return an entry as text.

    >>> shown(12345), shown(None), shown("a")
    ('12,345', '–', 'a')
    """
    if value is None:
        return DASH
    return value if isinstance(value, str) else f"{value:,}"


def percent(ratio: float | None, places: int = 2, *, sign: bool = False) -> str | None:
    """Return a ratio in percent, without the sign of percent; None where it is undefined.

    >>> percent(0.92394), percent(-0.0123, 1, sign=True)
    ('92.39', '−1.2')
    """
    if ratio is None:
        return None
    return f"{100 * ratio:{'+' if sign else ''}.{places}f}".replace("-", "\N{MINUS SIGN}")


def typed(value: object) -> str:
    """Return a setting as a person would type it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True)
class Cell:
    """An entry of a table that is more than text."""

    text: str | int | None
    small: str = ""
    """Stands beside the text, in smaller print."""
    href: str = ""
    """Address within the page that a number other than 0 leads to."""
    choices: Mapping[str, str | None] = field(default_factory=dict)
    """Text by measure (``f``, ``p``, ``r``): the reader of a page chooses which is shown."""
    strong: bool = False
    """Emphasised on a page."""
    code: bool = False
    span: int = 1


Entry = Cell | str | int | None


@dataclass(frozen=True)
class Column(Generic[Record]):
    """One column: its heading, and what it shows of a record."""

    heading: str
    get: Callable[[Record], Entry]
    media: Sequence[Medium] = EVERYWHERE
    left: bool = False
    strong: bool = False
    """Emphasised in Markdown and on a terminal."""
    style: str = ""
    """Classes of the style sheet."""
    over: str = ""
    """Heading above the headings of several columns, on a page."""
    always: bool = False
    """Shown also of a record that has no figures."""

    def cell(self, record: Record) -> Cell:
        """Return the entry of a record."""
        entry = self.get(record)
        return entry if isinstance(entry, Cell) else Cell(entry)


@dataclass(frozen=True)
class Table(Generic[Record]):
    """Columns over records."""

    label: str
    """Description for readers who cannot see it."""
    columns: Sequence[Column[Record]]
    records: Sequence[Record]
    groups: Mapping[Medium, Callable[[Record], Cell]] = field(default_factory=dict)
    """Heading of the group of a record, in media that group rows."""
    missing: Callable[[Record], str | None] = lambda record: None
    """Why a record has no figures; None: it has."""

    def on(self, medium: Medium) -> list[Column[Record]]:
        """Return the columns that a medium shows."""
        return [column for column in self.columns if medium in column.media]

    def over(self) -> list[tuple[str, int, str]]:
        """Return headings above headings on a page: text, number of columns, style."""
        runs = [list(run) for _, run in groupby(self.on("page"), key=lambda column: column.over)]
        return [(run[0].over, len(run), run[0].style) for run in runs]

    def bodies(self, medium: Medium) -> list[tuple[Cell | None, list[list[Cell]]]]:
        """Return the groups in order of appearance: heading, and the cells of each row."""
        heading = self.groups.get(medium, lambda record: None)
        together: dict[str, tuple[Cell | None, list[list[Cell]]]] = {}
        for record in self.records:
            found = heading(record)
            rows = together.setdefault(repr(found), (found, []))[1]
            rows.append(self._row(record, medium))
        return list(together.values())

    def _row(self, record: Record, medium: Medium) -> list[Cell]:
        columns = self.on(medium)
        why = self.missing(record)
        if why is None:
            return [column.cell(record) for column in columns]
        if medium == "page":
            return [columns[0].cell(record), Cell(f"skipped: {why}", span=len(columns) - 1)]
        return [column.cell(record) if column.always else Cell(None) for column in columns]


def to_markdown(table: Table[Record]) -> str:
    """Return the table as Markdown, its text escaped."""
    columns = table.on("markdown")
    lines = [
        _line(escape_markdown(column.heading) for column in columns),
        "|" + "|".join("---" if column.left else "---:" for column in columns) + "|",
    ]
    for _, rows in table.bodies("markdown"):
        for row in rows:
            lines.append(_line(map(_markdown, row, columns)))
    return "\n".join(lines)


def _line(cells: Iterator[str] | Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _markdown(cell: Cell, column: Column[Record]) -> str:
    text = shown(cell.text)
    text = f"`{text}`" if cell.code else escape_markdown(text)
    text = f"**{text}**" if column.strong else text
    return f"{text} ({escape_markdown(cell.small)})" if cell.small else text


def to_rich(
    table: Table[Record], *, title: str | None = None, first: int = 8, tight: bool = False
) -> RichTable:
    """Return the table for a terminal.

    Args:
        table: what to show.
        title: stands above; empty for none [the table's label].
        first: least width of the first column; a narrow terminal folds it.
        tight: one blank between columns instead of two.
    """
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    made = RichTable(
        title=Text(table.label if title is None else title) if title != "" else None,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0) if tight else (0, 1),
        pad_edge=not table.groups,
    )
    bodies = table.bodies("terminal")
    for place, column in enumerate(table.on("terminal")):
        widths = [len(shown(row[place].text)) for _, rows in bodies for row in rows]
        made.add_column(
            Text(column.heading),
            justify="left" if column.left else "right",
            style="bold" if column.strong else None,
            overflow="fold",
            min_width=first if place == 0 else max(widths, default=0),
        )
    for heading, rows in bodies:
        if heading is not None:
            made.add_row(Text(shown(heading.text), style="bold"))
        for name, *cells in rows:
            indented = ("  " if heading is not None else "") + shown(name.text)
            made.add_row(Text(indented), *(Text(shown(cell.text)) for cell in cells))
    return made
