"""Names of persons in Spark: pandas functions for columns of text.

    df.withColumn("names", person_names("en")("text"))
    spark.udf.register("person_names", person_names("en"))
    spark.sql("SELECT id, person_names(text) AS names FROM letters")

Every Python worker reads the model once and tags on one thread. The package has to be installed on
every node; so is the built-in model. Another model travels with the job:

    shutil.make_archive("mine", "zip", "runs/mine")
    spark.sparkContext.addArchive("mine.zip#mine")
    df.withColumn("names", person_names("mine")("text"))

A value that cannot be tagged becomes null, and ``reason()`` says why. Spark itself stops at a
string whose bytes are not UTF-8; cast such a column to binary, which is read as UTF-8 here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from ner_rnn.errors import ConfigError
from ner_rnn.extras import require
from ner_rnn.integrations.columns import Answer, ColumnTagger, text_or_reason
from ner_rnn.model.builtin import DEFAULT

try:
    import pandas
    from pyspark import SparkFiles
    from pyspark.sql.functions import pandas_udf
except ImportError:
    require("a function for Spark", "pyspark", "pandas")
    raise

if TYPE_CHECKING:
    from pyspark.sql.udf import UserDefinedFunction

    from ner_rnn.runtime.load import Precision

__all__ = ["NAMES", "person_names", "reason", "redact"]

NAMES = "array<struct<start:bigint,end:bigint,text:string,score:double>>"
"""Type of a column of names in Spark's SQL: offsets count characters, from 0."""

_ROWS = 256
"""Rows that are handed back together; Spark sends 10,000, which may take tens of megabytes."""


def person_names(
    model: str | os.PathLike[str] = DEFAULT,
    *,
    min_score: float = 0.0,
    precision: Precision = "fp32",
) -> UserDefinedFunction:
    """Return the function from a column of text to the names in it.

    Args:
        model: name of a built-in model; name of a folder that ``addArchive`` or ``addFile`` sends
            to the workers; or a path that every worker can read.
        min_score: see ``Tagger.pipe``.
        precision: see ``Tagger.load``.

    Returns:
        A function of type ``NAMES``, with the names that ``Tagger.tag`` finds; null where a text
        cannot be tagged. A job with it fails where a worker cannot read the model, or where the
        column holds numbers.
    """

    def names(answer: Answer) -> list[dict[str, Any]] | None:
        if answer.names is None:
            return None
        return [
            {"start": name.start, "end": name.end, "text": name.text, "score": name.score}
            for name in answer.names
        ]

    return _tagging(ColumnTagger(os.fspath(model), min_score, None, precision), NAMES, names)


def redact(
    model: str | os.PathLike[str] = DEFAULT,
    replacement: str = "[NAME]",
    *,
    min_score: float = 0.0,
    precision: Precision = "fp32",
) -> UserDefinedFunction:
    """Return the function from a column of text to the same with its names replaced.

    Args:
        model: see ``person_names``, as for the last two.
        replacement: text in place of every name; ``{n}`` in it is the person's number, and
            "pseudonyms" means ``PERSON {n}``.
        min_score: see ``Tagger.pipe``.
        precision: see ``Tagger.load``.
    """
    tagger = ColumnTagger(os.fspath(model), min_score, replacement, precision)
    return _tagging(tagger, "string", lambda answer: answer.redacted)


def reason() -> UserDefinedFunction:
    """Return the function from a column of text to the reason why it is not tagged; else null."""

    def reasons(column: pandas.Series) -> pandas.Series:
        return pandas.Series([text_or_reason(value)[1] for value in _values(column)], dtype=object)

    reasons.__annotations__ = {"column": pandas.Series, "return": pandas.Series}
    return pandas_udf(reasons, "string")


def _tagging(
    tagger: ColumnTagger, kind: str, value_of: Callable[[Answer], object]
) -> UserDefinedFunction:
    def columns(batches: Iterator[pandas.Series]) -> Iterator[pandas.Series]:
        # one generator over all batches: none is held longer than it takes to read the next one
        values = (value for batch in batches for value in _values(batch))
        answers = map(value_of, _on_this_worker(tagger)(values))
        while part := list(islice(answers, _ROWS)):
            yield pandas.Series(part, dtype=object)

    # Spark chooses the kind of function by its types, which must not be text
    columns.__annotations__ = {
        "batches": Iterator[pandas.Series],
        "return": Iterator[pandas.Series],
    }
    return pandas_udf(columns, kind)


def _values(column: pandas.Series) -> list[Any]:
    """Return the values of a column, with None for null.

    Raises:
        ConfigError: it holds numbers, dates or truth values.
    """
    if column.dtype.kind in "biufcmM" and not column.isna().all():
        raise ConfigError(f"the column holds {column.dtype}, not text: choose another")
    values: list[Any] = column.astype(object).where(column.notna(), None).tolist()
    return values


def _on_this_worker(tagger: ColumnTagger) -> ColumnTagger:
    """Return the tagger with the folder of its model, if that came with the job."""
    sent = os.path.join(SparkFiles.getRootDirectory(), tagger.model)
    return replace(tagger, model=sent) if os.path.isdir(sent) else tagger
