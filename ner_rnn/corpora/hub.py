"""Corpora of the Hugging Face Hub, and folders of parquet files, which are read the same way.

A name is ``owner/name``, with ``:configuration`` and ``@revision`` if need be
(``eriktks/conll2003@refs/convert/parquet``). Repositories that hold a loading script are refused
by the datasets library; ``conll2003`` stands for a copy in parquet.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ner_rnn.corpora.annotation import Annotated
from ner_rnn.errors import CorpusError

if TYPE_CHECKING:
    import datasets

__all__ = [
    "ALIASES",
    "SPLITS",
    "TAG_COLUMNS",
    "TOKEN_COLUMNS",
    "is_hub_name",
    "load_hub",
    "rows_of",
]

ALIASES = {"conll2003": "lhoestq/conll2003"}

SPLITS = {
    "train": "train",
    "dev": "dev",
    "devel": "dev",
    "development": "dev",
    "val": "dev",
    "valid": "dev",
    "validation": "dev",
    "testa": "dev",
    "test": "test",
    "testb": "test",
}
"""Names of splits elsewhere -> train, dev, test."""

TOKEN_COLUMNS = ("tokens", "words")
"""Names of the column of words."""

TAG_COLUMNS = ("ner_tags", "tags", "ner", "labels")
"""Names of the column of their tags."""

_DOCUMENT_COLUMNS = ("document", "document_id", "doc_id")
_NAME = re.compile(
    r"(?P<path>[\w.-]+(?:/[\w.-]+)?)(?::(?P<config>[\w.+-]+))?(?:@(?P<revision>[\w./-]+))?"
)
_FILE = re.compile(
    r"\.(bio|bioes|iob2?|conllu?|tsv|txt|jsonl?|ann|spacy|parquet|train|dev|test[ab]?|gz|xz|bz2|zst)$"
)


def is_hub_name(name: str) -> bool:
    """Tell a Hub id from a path."""
    if name[0] in "./~" or _FILE.search(name):
        return False
    return _NAME.fullmatch(name) is not None


def load_hub(name: str, cache: Path | None) -> dict[str, datasets.Dataset]:
    """Load the splits of a Hub id, or of a folder of parquet files, as they are.

    Args:
        name: the id (see above) or an existing folder.
        cache: where the datasets library keeps its files; None: where it does by itself.

    Returns:
        train, dev, test, as far as there are.

    Raises:
        CorpusError: a loading script, nothing of that name, no connection, or no such split.
    """
    import datasets

    datasets.disable_progress_bars()
    datasets.logging.set_verbosity_error()
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # each retry, otherwise
    options: dict[str, Any] = {"cache_dir": str(cache) if cache else None}
    path = name
    if not Path(name).is_dir():
        parts = _NAME.fullmatch(ALIASES.get(name, name))
        if parts is None:
            raise CorpusError(f"{name} is neither a folder nor a Hub id such as owner/name")
        path = parts["path"]
        options |= {"name": parts["config"], "revision": parts["revision"]}
    try:
        loaded = datasets.load_dataset(path, **options)
    except Exception as error:  # whatever the library and those below it may raise
        raise _refusal(name, path, error) from error
    splits = {SPLITS[split]: rows for split, rows in loaded.items() if split in SPLITS}
    if not splits:
        raise CorpusError(
            f"{name} has the splits {', '.join(loaded)}: none is train, validation or test"
        )
    return splits


def rows_of(source: str, rows: datasets.Dataset) -> Annotated:
    """Take tokens, tags (class numbers spelled out) and documents out of the rows of a source.

    Raises:
        CorpusError: no column of tokens or tags, numbers without names, or a row whose tokens and
            tags differ in number.
    """
    token_column = _find_column(source, rows, TOKEN_COLUMNS)
    tag_column = _find_column(source, rows, TAG_COLUMNS)
    documents = next((one for one in _DOCUMENT_COLUMNS if one in rows.column_names), None)
    tokens: list[Sequence[str]] = rows[token_column][:]
    spell = _speller(source, tag_column, rows.features[tag_column])
    tags = [spell(row) for row in rows[tag_column][:]]
    for index, (words, marks) in enumerate(zip(tokens, tags, strict=True)):
        if len(words) != len(marks):
            raise CorpusError(f"{source}, row {index}: {len(words)} tokens but {len(marks)} tags")
    names = ["0"] * len(tokens) if documents is None else [str(one) for one in rows[documents]]
    kept = [index for index, words in enumerate(tokens) if words]
    return Annotated(
        source,
        [tokens[index] for index in kept],
        [tags[index] for index in kept],
        [names[index] for index in kept],
    )


def _refusal(name: str, path: str, error: Exception) -> CorpusError:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    if "scripts are no longer supported" in reason or "trust_remote_code" in reason:
        return CorpusError(
            f"{name} holds a loading script, which the datasets library no longer runs (a copy in "
            f"parquet may be at {path}@refs/convert/parquet)",
            do="give that copy, or CoNLL files as {data.train}, {data.dev} and {data.test}",
        )
    if Path(path).is_dir():
        return CorpusError(f"{name} could not be read as a folder of parquet files ({reason})")
    return CorpusError(
        f"{name} is no folder, and could not be loaded from the Hub ({reason})",
        do="check the name and the connection, or give CoNLL files as {data.train}, {data.dev} and "
        "{data.test}",
    )


def _find_column(name: str, rows: datasets.Dataset, wanted: tuple[str, ...]) -> str:
    for column in wanted:
        if column in rows.column_names:
            return column
    raise CorpusError(
        f"{name} has the columns {', '.join(rows.column_names)}: "
        f"one of {', '.join(wanted)} is needed"
    )


def _speller(name: str, column: str, feature: Any) -> Callable[[Sequence[Any]], list[str]]:
    inner = getattr(feature, "feature", None)
    names = getattr(inner, "names", None)
    if names is not None:
        spelled: list[str] = list(names)
        if all(tag == "O" or "-" not in tag for tag in spelled):
            # Classes without prefixes ("person"): said to be IO, so that dashes within stay.
            spelled = [tag if tag == "O" else f"I-{tag}" for tag in spelled]
        return lambda row: [spelled[number] for number in row]
    if getattr(inner, "dtype", "") not in ("string", "large_string"):
        raise CorpusError(
            f"{name}: the column {column} holds {inner or feature}, not tags: numbers without "
            "names cannot be told apart; use a copy whose tags are strings or a ClassLabel"
        )
    return list
