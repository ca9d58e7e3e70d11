"""Prepared rows: the one schema as an Arrow table, kept on disk under a key made of its content.

The key covers the content of the source, how it was read, and the version of this package. Entries
appear whole or not at all; a folder that cannot be written to only costs the time of reading again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ner_rnn.corpora.annotation import Annotated, count_labels, find_persons, missing_person
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import FileError
from ner_rnn.text.tags import Scheme
from ner_rnn.text.token_unit import without_positions
from ner_rnn.text.writing import make_folder, replacing
from ner_rnn.version import __version__

if TYPE_CHECKING:
    import datasets
    import pyarrow

__all__ = ["prepare"]

_FORMAT = 2  # of cached rows; raise it when they change for the same input


def prepare(
    content: str | None,
    data: DataConfig,
    build: Callable[[], tuple[Annotated, Scheme]],
    where: str,
    needs_person: bool,
) -> datasets.Dataset:
    """Bring the rows of a source into the one schema.

    Args:
        content: names the content of the source, as a digest does; None: the cache is left out.
        data: how to read it.
        build: reads it.
        where: names it in messages.
        needs_person: refuse a source in which no label means a person.

    Returns:
        Columns id, document, tokens, tags.

    Raises:
        CorpusError: no person; and whatever ``build`` raises.
    """
    import datasets

    folder = Path(data.cache or "~/.cache/ner-rnn").expanduser() / "corpora"
    options: list[object] = [data.labels, data.person_labels, data.token_column, data.tag_column]
    options += [data.scheme, data.encoding, content, _FORMAT, __version__]
    key = hashlib.sha256(json.dumps(options).encode()).hexdigest()
    cached = folder / f"{key}.arrow"
    if content is not None and cached.is_file():
        # An entry that cannot be read is as good as none: it is written anew.
        with suppress(OSError, ValueError):  # ValueError: pyarrow's ArrowInvalid
            return datasets.Dataset.from_file(str(cached))

    rows, scheme = build()
    rows.tokens = without_positions(rows.tokens)
    labels = count_labels(rows.tags, scheme)
    persons = find_persons(labels, data.person_labels)
    if needs_person and not persons:
        raise missing_person(where, labels, data.person_labels)
    rows = rows.unify(scheme, persons, keep_others=data.labels == "all")
    table = _table(rows)
    # Only what holds a person is kept, so that an entry found never needs that check again.
    if content is not None and persons:
        with suppress(FileError):
            _write(table, cached)
            return datasets.Dataset.from_file(str(cached))
    return datasets.Dataset(datasets.table.InMemoryTable(table))


def _table(rows: Annotated) -> pyarrow.Table:
    import datasets
    import pyarrow as pa

    text = datasets.Value("string")
    texts = datasets.Sequence(text)
    features = datasets.Features({"id": text, "document": text, "tokens": texts, "tags": texts})
    ids = [str(number) for number in range(len(rows.tokens))]
    schema = features.arrow_schema
    columns = [ids, rows.documents, rows.tokens, rows.tags]
    arrays = [
        pa.array(column, type=kind.type) for column, kind in zip(columns, schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _write(table: pyarrow.Table, target: Path) -> None:
    import pyarrow as pa

    make_folder(target.parent)
    with replacing(target) as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)
