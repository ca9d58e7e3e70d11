"""Names of persons in a Ray dataset: ``find_names(dataset)`` adds columns, in parallel.

    dataset = find_names(ray.data.read_parquet("letters/"), text_column="body")
    dataset.write_parquet("named/")
 -> every row with its columns, and names, reason

Actors of Ray tag, each with one model and one thread; the package has to be installed on every
node. ``ray_files.py`` reads and writes files for ``ner-rnn tag --engine ray``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ner_rnn.errors import BundleError, ConfigError, shortened
from ner_rnn.extras import require
from ner_rnn.integrations.columns import ColumnTagger
from ner_rnn.model.builtin import DEFAULT, built_in_name, find_model
from ner_rnn.tagging.records import check_fields

try:
    import pyarrow
    import ray.data
except ImportError:
    require("a dataset of Ray", "ray")
    raise

if TYPE_CHECKING:
    from ner_rnn.runtime.load import Precision

__all__ = ["NAMES", "find_names"]

NAMES = pyarrow.list_(
    pyarrow.struct(
        [
            ("start", pyarrow.int64()),
            ("end", pyarrow.int64()),
            ("text", pyarrow.string()),
            ("score", pyarrow.float64()),
        ]
    )
)
"""Arrow type of the column ``names``: offsets count characters, from 0."""

_BATCH_ROWS = 256


def find_names(
    dataset: ray.data.Dataset,
    model: str | os.PathLike[str] = DEFAULT,
    text_column: str = "text",
    *,
    min_score: float = 0.0,
    redact: str | None = None,
    precision: Precision = "fp32",
    **options: Any,
) -> ray.data.Dataset:
    """Find the names in a column of text.

    Args:
        dataset: any; its first block is computed now if its columns are not known otherwise.
        model: name of a built-in model, or folder of another, which every node must be able to
            read under that path.
        text_column: column with the texts.
        min_score: see ``Tagger.pipe``.
        redact: text in place of every name; ``{n}`` in it is the person's number, and
            "pseudonyms" means ``PERSON {n}``.
        precision: see ``Tagger.load``.
        options: passed on to ``Dataset.map_batches``; by default actors as there are cores.

    Returns:
        The rows with new columns. ``names``: list of (start, end, text, score), the same as
        ``Tagger.tag`` finds; null in a row that cannot be tagged. ``reason``: why it cannot;
        null in all other rows. ``redacted``, if asked for: the text with its names replaced.

    Raises:
        FileError: there is no such column.
        ConfigError: it does not hold text, or a new column exists already.
        BundleError: raised where the dataset is computed: a worker cannot read the model.
    """
    _check_columns(dataset, text_column, _new_columns(redact))
    tagger = ColumnTagger(_for_workers(model), min_score, redact, precision)
    if "concurrency" not in options and "compute" not in options:
        most = max(1, int(ray.cluster_resources().get("CPU", 1)))
        options["compute"] = ray.data.ActorPoolStrategy(min_size=1, max_size=most)
    options.setdefault("batch_size", _BATCH_ROWS)
    return dataset.map_batches(
        _Finder,
        fn_constructor_args=(tagger, text_column),
        batch_format="pyarrow",
        **options,
    )


class _Finder:
    """Actor that adds the new columns to batches."""

    def __init__(self, tagger: ColumnTagger, text_column: str) -> None:
        # the model is read with the first batch: Ray shows why a batch failed, not why an actor did
        self._tagger, self._text_column = tagger, text_column

    def __call__(self, batch: pyarrow.Table) -> pyarrow.Table:
        answers = list(self._tagger(_values(batch, self._text_column)))
        names = [None if found is None else [name[:4] for name in found] for found, _, _ in answers]
        batch = batch.append_column("names", pyarrow.array(names, NAMES))
        reasons = pyarrow.array([answer.reason for answer in answers], pyarrow.string())
        batch = batch.append_column("reason", reasons)
        if self._tagger.redact is None:
            return batch
        redacted = pyarrow.array([answer.redacted for answer in answers], pyarrow.string())
        return batch.append_column("redacted", redacted)


def _values(batch: pyarrow.Table, column: str) -> list[Any]:
    """Return the values of a column, text as bytes: not all that claims to be UTF-8 is."""
    if column not in batch.column_names:
        return [None] * batch.num_rows  # JSON: none of these rows has the key
    values = batch[column]
    kind = values.type
    if pyarrow.types.is_dictionary(kind):
        kind = kind.value_type
    if pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind):
        values = values.cast(pyarrow.large_binary())
    found: list[Any] = values.to_pylist()
    return found


def _check_columns(dataset: ray.data.Dataset, text_column: str, new: list[str]) -> None:
    """Make sure that there is a column of text, and that no new column would replace another."""
    try:
        schema = dataset.schema()
    except pyarrow.ArrowException:  # blocks of different types, which Ray reads all the same
        return
    if schema is None:  # no rows
        return
    kinds = dict(zip(schema.names, schema.types, strict=True))
    check_fields("the dataset", schema.names, text_column, None)
    kind = kinds[text_column]
    if not _may_be_text(kind):
        raise ConfigError(
            f"column {text_column!r} holds {shortened(str(kind), 60)}, not text",
            do="choose another with {text_field}",
        )
    taken = [name for name in new if name in kinds]
    if taken:
        raise ConfigError(f"there is a column {taken[0]!r} already", do="rename it first")


def _may_be_text(kind: Any) -> bool:
    """Return whether values of an Arrow type can be text; Ray's type of mixed objects can."""
    types = pyarrow.types
    if not isinstance(kind, pyarrow.DataType) or types.is_null(kind):
        return True
    if types.is_dictionary(kind):
        kind = kind.value_type
    if isinstance(kind, pyarrow.BaseExtensionType):
        kind = kind.storage_type
    is_other = (types.is_primitive, types.is_nested, types.is_decimal, types.is_fixed_size_binary)
    return not any(is_kind(kind) for is_kind in is_other)


def _new_columns(redact: str | None) -> list[str]:
    return ["names", "reason"] if redact is None else ["names", "reason", "redacted"]


def _for_workers(model: str | os.PathLike[str]) -> str:
    """Return a model's name or absolute path: workers have another working directory."""
    try:
        folder = find_model(model)
    except BundleError:  # it may lie on the workers alone
        return os.fspath(model)
    return built_in_name(folder) or os.path.abspath(folder)
