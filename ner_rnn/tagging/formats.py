"""The name of a format -> the format, as a run of the tagger needs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

from ner_rnn.errors import ConfigError, Setting
from ner_rnn.tagging.arrow import Parquet
from ner_rnn.tagging.distinct import Names
from ner_rnn.tagging.folders import TABLES, Input, Kind
from ner_rnn.tagging.html import Html
from ner_rnn.tagging.job import may_be_cut
from ner_rnn.tagging.same_kind import ByKind, SameTable
from ner_rnn.tagging.same_parquet import SameParquet
from ner_rnn.tagging.stream import Reading
from ner_rnn.tagging.suggestions.tool_formats import TOOLS
from ner_rnn.tagging.suggestions.uncertain import Uncertain
from ner_rnn.tagging.tables import Csv
from ner_rnn.tagging.writers import Columns, Format, Highlighted, JsonLines, Text

__all__ = ["FORMATS", "FormatName", "choose_format"]

FormatName: TypeAlias = Literal[
    "text",
    "jsonl",
    "conll",
    "csv",
    "parquet",
    "html",
    "names",
    "doccano",
    "label-studio",
    "prodigy",
]
FORMATS: tuple[FormatName, ...] = get_args(FormatName)
_OF_TEXT = ("text", "jsonl", "html")


def choose_format(
    name: FormatName | None,
    inputs: Sequence[Input],
    reading: Reading,
    *,
    redact: bool = False,
    raw_cells: bool = False,
    candidates: bool = False,
    terminal: Literal["colour", "plain"] | None = None,
    apart: bool = False,
    uncertain: int | None = None,
) -> Format:
    """Choose how documents are written.

    Args:
        name: of the format; None: text on a terminal; else JSON lines, or for redaction the text;
            if tables are read as a whole, each input's own kind.
        inputs: that will be read.
        reading: how.
        redact: names are replaced.
        raw_cells: cells of tables are written as they are, also those a spreadsheet would run.
        candidates: names may be off the best path, which JSON lines and tables say of each.
        terminal: what is written to; None: no terminal.
        apart: each input has an output of its own.
        uncertain: write so many passages of all inputs, those that the model is least sure of.

    Raises:
        ConfigError: a format that does not go with redaction, or with a terminal; several inputs
            that cannot come back as one output.
    """
    if uncertain is not None:
        for is_set, what in ((redact, "redact"), (apart, "a folder as output")):
            if is_set:
                raise ConfigError(
                    "it makes one list of the passages of all inputs, to be annotated",
                    where=Setting("uncertain"),
                    found=f"given with {what}",
                    do="leave out {redact}, or name a file with {output}",
                )
        chosen = choose_format(
            name, inputs, reading, raw_cells=raw_cells, candidates=candidates, terminal=terminal
        )
        return Uncertain(chosen, uncertain)
    if redact and name is not None and name not in _OF_TEXT:
        raise ConfigError(
            "it holds no text to redact",
            where=Setting("format"),
            found=name,
            do=f"choose {', '.join(_OF_TEXT)}, or leave out {{redact}}; without {{format}} a table "
            "comes back as a table",
        )
    if reading.whole and any(given.kind in TABLES for given in inputs):
        return _same_kinds(inputs, reading, raw_cells, candidates, apart)
    if name is None:
        all_text = all(given.kind == "text" for given in inputs)
        name = "text" if terminal is not None or (redact and all_text) else "jsonl"
    if name == "text":
        if terminal is not None:
            return Highlighted(terminal == "colour", brackets=not redact, headed=len(inputs) > 1)
        return Text(brackets=False, encoding=reading.encoding) if redact else Text()
    if name == "jsonl":
        return _json_lines(inputs, reading, candidates)
    if name == "parquet":
        if terminal is not None:
            raise ConfigError("Parquet is not for the screen", do="set {output} to names.parquet")
        return Parquet(candidates)
    others: dict[str, Format] = {
        "conll": Columns(),
        "csv": Csv(raw_cells, candidates),
        "html": Html(),
        "names": Names(raw_cells),
        **TOOLS,
    }
    return others[name]


def _json_lines(inputs: Sequence[Input], reading: Reading, candidates: bool) -> Format:
    return JsonLines(
        with_document=any(given.kind == "conll" for given in inputs),
        with_id=reading.id_field is not None,
        with_offset=may_be_cut(inputs),
        with_path=candidates,
    )


def _same_kinds(
    inputs: Sequence[Input], reading: Reading, raw_cells: bool, candidates: bool, apart: bool
) -> Format:
    """Return the format by which text stays text, and a table a table of its kind."""
    if len(inputs) > 1 and not apart:
        raise ConfigError(
            "a redacted table comes back as a file of its own",
            do="name a folder with {output}, or choose {format} jsonl",
        )
    table = SameTable(reading.encoding, raw_cells)
    formats: dict[Kind, Format] = {
        "text": Text(brackets=False, encoding=reading.encoding),
        "jsonl": table,
        "csv": table,
        "parquet": SameParquet(reading.text_field),
        "conll": _json_lines(inputs, reading, candidates),
    }
    found = {given.kind for given in inputs}
    return formats[found.pop()] if len(found) == 1 else ByKind(formats)
