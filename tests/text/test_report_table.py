"""Tables and templates: one object for three media, and nothing that escapes its format."""

from __future__ import annotations

import pytest
from rich.console import Console

from ner_rnn.text.report_table import Cell, Column, Table, percent, to_markdown, to_rich

Record = dict[str, object]
EVIL = "a|b_<i>&\x00"


def a_table(**changes: object) -> Table[Record]:
    columns: list[Column[Record]] = [
        Column("Name", lambda row: str(row["name"]), left=True, always=True),
        Column("count", lambda row: row["count"]),  # type: ignore[arg-type,return-value]
        Column("F1", lambda row: Cell(percent(0.9), small="3"), ("markdown",), strong=True),
        Column("note", lambda row: "seen", ("page", "terminal")),
    ]
    records: list[Record] = [
        {"name": EVIL, "count": 1234, "why": None},
        {"name": "b", "count": None, "why": None},
        {"name": "c", "count": 5, "why": "it cannot be read"},
    ]
    settings = {"missing": lambda row: row["why"], **changes}
    return Table("A table", columns, records, **settings)  # type: ignore[arg-type]


def test_markdown() -> None:
    assert to_markdown(a_table()).split("\n") == [
        "| Name | count | F1 |",
        "|---|---:|---:|",
        "| a\\|b\\_\\<i\\>\\&\ufffd | 1,234 | **90.00** (3) |",
        "| b | – | **90.00** (3) |",
        "| c | – | **–** |",
    ]


def test_a_terminal_shows_its_own_columns_in_groups() -> None:
    table = a_table(groups={"terminal": lambda row: Cell("group of " + row["name"][0])})
    console = Console(width=60, record=True)
    with console.capture() as shown:
        console.print(to_rich(table, title="A title"))
    lines = [line.strip() for line in shown.get().split("\n")]
    assert lines[0] == "A title"
    assert "F1" not in lines[2]
    assert lines.index("group of a") + 1 == next(
        place for place, line in enumerate(lines) if line.startswith("a|b_<i>&")
    )
    assert "1,234   seen" in shown.get()


def test_a_page_groups_rows_and_says_why_one_has_no_figures() -> None:
    table = a_table(groups={"page": lambda row: Cell("one" if row["name"] == "b" else "two")})
    (first, rows), (second, other) = table.bodies("page")
    assert (first, second) == (Cell("two"), Cell("one"))
    assert rows[1] == [Cell("c"), Cell("skipped: it cannot be read", span=2)]
    assert other == [[Cell("b"), Cell(None), Cell("seen")]]


@pytest.mark.parametrize(
    ("ratio", "shown"), [(None, None), (0.92394, "92.39"), (1.0, "100.00"), (-0.0123, "−1.23")]
)
def test_percent(ratio: float | None, shown: str | None) -> None:
    assert percent(ratio) == shown
