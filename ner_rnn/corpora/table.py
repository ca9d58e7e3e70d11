"""Corpora as Hugging Face datasets, kept on disk as Arrow files under a key made of their content.

The key covers the content of the source, how it was read, and the version of this package. Entries
appear whole or not at all; a folder that cannot be written to only costs the time of reading again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ner_rnn.corpora.corpus import Corpus
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import FileError
from ner_rnn.text.tags import spans
from ner_rnn.text.writing import replacing
from ner_rnn.text.writing_folders import make_folder
from ner_rnn.version import __version__

if TYPE_CHECKING:
    import datasets
    import pyarrow

__all__ = ["corpus_of", "find", "keep"]

_FORMAT = 4  # of cached rows; raise it when they change for the same input
_ABOUT = ("sha256", "scheme", "labels", "persons", "breaks", "numbered", "reading")
"""Attributes of a corpus beside its sentences; the description of the dataset, as JSON."""
_KEY = b"ner_rnn"


def find(content: str, data: DataConfig, left_open: Sequence[str] = ()) -> datasets.Dataset | None:
    """Look a corpus up in the cache by the checksum of its source, and how it is read."""
    path = _path(content, data, left_open)
    if path.is_file():
        # An entry that cannot be read is as good as none: it is written anew.
        with suppress(OSError, ValueError):  # ValueError: pyarrow's ArrowInvalid
            return _open(path)
    return None


def keep(
    corpus: Corpus, content: str | None, data: DataConfig, left_open: Sequence[str] = ()
) -> datasets.Dataset:
    """Make a dataset of a corpus, and keep it in the cache.

    Args:
        corpus: read as ``data`` says.
        content: checksum of its source; None: the cache is left out.
        data: how it was read.
        left_open: labels that were left open.

    Returns:
        Columns id, document, tokens, tags (IOB2) and lines.
    """
    import datasets

    made = _table(corpus)
    # Only what holds a person is kept, so that an entry found never needs that check again.
    if content is not None and corpus.persons:
        with suppress(FileError):
            _write(made, _path(content, data, left_open))
            return _open(_path(content, data, left_open))
    info = datasets.DatasetInfo(description=_about(corpus))
    return datasets.Dataset(datasets.table.InMemoryTable(made), info=info)


def corpus_of(rows: datasets.Dataset, source: str, data: DataConfig) -> Corpus:
    """Make the corpus again that a dataset of ``find`` or ``keep`` was made of."""
    about = json.loads(rows.info.description)
    lines = list(map(tuple, rows["lines"][:]))
    return Corpus(
        source=source,
        tokens=list(map(tuple, rows["tokens"][:])),
        spans=[spans(tags) for tags in rows["tags"][:]],
        documents=rows["document"][:],
        lines=lines if any(lines) else [],
        wanted=data.person_labels,
        **about | {"breaks": [tuple(one) for one in about["breaks"]]},
    )


def _open(path: Path) -> datasets.Dataset:
    import datasets
    import pyarrow as pa

    with pa.memory_map(str(path)) as file:
        about = pa.ipc.open_stream(file).schema.metadata[_KEY].decode()
    return datasets.Dataset.from_file(str(path), info=datasets.DatasetInfo(description=about))


def _about(corpus: Corpus) -> str:
    return json.dumps({name: getattr(corpus, name) for name in _ABOUT})


def _path(content: str, data: DataConfig, left_open: Sequence[str]) -> Path:
    folder = Path(data.cache or "~/.cache/ner-rnn").expanduser() / "corpora"
    options: list[object] = [data.labels, data.person_labels, data.token_column, data.tag_column]
    options += [data.scheme, data.encoding, content, _FORMAT, __version__]
    options += [left_open, data.types]
    return folder / f"{hashlib.sha256(json.dumps(options).encode()).hexdigest()}.arrow"


def _table(corpus: Corpus) -> pyarrow.Table:
    import datasets
    import pyarrow as pa

    text, number = datasets.Value("string"), datasets.Value("int64")
    texts = datasets.Sequence(text)
    features = datasets.Features(
        {"id": text, "document": text, "tokens": texts, "tags": texts,
         "lines": datasets.Sequence(number)}
    )  # fmt: skip
    schema = features.arrow_schema
    schema = schema.with_metadata({**(schema.metadata or {}), _KEY: _about(corpus)})
    ids = [str(number) for number in range(len(corpus.tokens))]
    lines = corpus.lines or [()] * len(ids)
    columns = [ids, corpus.documents, corpus.tokens, corpus.tags, lines]
    arrays = [
        pa.array(column, type=kind.type) for column, kind in zip(columns, schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _write(table: pyarrow.Table, target: Path) -> None:
    import pyarrow as pa

    make_folder(target.parent)
    with replacing(target) as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)
