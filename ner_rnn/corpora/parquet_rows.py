"""One Parquet file of annotated rows: a text with spans, or tokens with tags.

Spans are rows of ``spans_json.py``; tokens and tags those of ``hub.py``, which reads whole folders.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ner_rnn.corpora.annotation import Annotated
from ner_rnn.corpora.hub import TAG_COLUMNS, TOKEN_COLUMNS, rows_of
from ner_rnn.errors import CorpusError, FileError, shortened
from ner_rnn.extras import require

__all__ = ["has_tokens", "read_rows", "tokens_of"]

_SHOWN = 100  # characters of a library's message


def read_rows(path: str, content: bytes) -> Annotated | list[tuple[str, int, Any]]:
    """Read the rows of a file.

    Args:
        path: its name in messages.
        content: its bytes.

    Returns:
        Sentences, where it has tokens and tags; else place, 0 and columns of each row.

    Raises:
        FileError: it is no Parquet, or damaged.
        CorpusError: no column of tags, or a row that cannot be used.
        ExtraError: pyarrow or datasets is not installed.
    """
    require(f"{path}, a Parquet file,", "pyarrow")
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(pa.BufferReader(content))
    except (pa.ArrowException, OSError) as error:
        reason = shortened(str(error).strip().splitlines()[0], _SHOWN)
        raise FileError(f"{path} cannot be read as Parquet ({reason}): get it again") from None
    if not has_tokens(path, table.column_names):
        return [(f"{path}, row {n}", 0, row) for n, row in enumerate(table.to_pylist())]
    return tokens_of(path, table, "Parquet with tokens and tags")


def has_tokens(source: str, columns: Collection[str]) -> bool:
    """Tell whether rows have tokens and tags; else they have a text, with spans.

    Raises:
        CorpusError: neither.
    """
    if any(one in columns for one in TOKEN_COLUMNS) and any(one in columns for one in TAG_COLUMNS):
        return True
    if "text" in columns:
        return False
    raise CorpusError(
        f"it has the columns {', '.join(columns)}: text with spans (spans, entities or label), or "
        "tokens with tags (ner_tags) are needed",
        where=source,
    )


def tokens_of(path: str, rows: Any, kind: str) -> Annotated:
    """Return the sentences of rows with tokens and tags.

    Args:
        path: the source in messages.
        rows: an Arrow table, or a list of objects.
        kind: what the source was recognised as.

    Raises:
        CorpusError: no column of tags, or a row that cannot be used.
        ExtraError: datasets is not installed.
    """
    require(f"{path}, rows of tokens and tags,", "datasets")
    import datasets

    if isinstance(rows, list):
        dataset = datasets.Dataset.from_list(rows)
    else:
        dataset = datasets.Dataset(datasets.table.InMemoryTable(rows))
    made = rows_of(path, dataset)
    made.notes = [f"read as {kind}"]
    return made
