"""Functions for Spark on a cluster of this machine: two workers, each in a process of its own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

pyspark = pytest.importorskip("pyspark", reason="needs Spark: make engines")
pytest.importorskip("pandas", reason="needs pandas: make engines")
pytestmark = pytest.mark.filterwarnings("ignore")

from pyspark.sql import SparkSession  # noqa: E402
from pyspark.sql.functions import col  # noqa: E402

from ner_rnn.integrations.spark import person_names, reason, redact  # noqa: E402
from ner_rnn.runtime.tagger import Tagger  # noqa: E402

from .sentences import TEXTS  # noqa: E402


def names_of(row: Any) -> list[tuple[int, int, str]] | None:
    if row.names is None:
        return None
    return [(name.start, name.end, name.text) for name in row.names]


@pytest.mark.parametrize("partitions", [1, 2, 7])
def test_the_names_of_tag_whatever_the_partitions(
    spark: SparkSession, small_model: Path, partitions: int
) -> None:
    rows = list(enumerate([*TEXTS, None, ""]))
    frame = spark.createDataFrame(rows, "id int, text string").repartition(partitions)
    found = (
        frame.withColumn("names", person_names(small_model)("text"))
        .withColumn("redacted", redact(small_model, "pseudonyms")("text"))
        .withColumn("reason", reason()("text"))
        .collect()
    )
    tagger = Tagger.load(small_model, device="cpu")
    assert sorted(row.id for row in found) == list(range(len(rows)))
    for row in found:
        if row.text is None:
            assert (row.names, row.redacted, row.reason) == (None, None, "null")
            continue
        names = tagger.tag(row.text).names
        assert row.reason is None
        assert names_of(row) == [name[:3] for name in names]
        scores = [name.score for name in names]
        assert [name.score for name in row.names] == pytest.approx(scores, abs=1e-6)
        assert row.text == "" or row.redacted.startswith("PERSON 1 ")


def test_a_model_that_travels_with_the_job_and_sql(
    spark: SparkSession, small_model: Path, tmp_path: Path
) -> None:
    packed = shutil.make_archive(str(tmp_path / "mine"), "zip", small_model)
    spark.sparkContext.addArchive(f"{packed}#mine")
    spark.udf.register("person_names", person_names("mine", min_score=0.1))
    spark.udf.register("redacted", redact("mine"))
    spark.createDataFrame([(TEXTS[0],)], "text string").createOrReplaceTempView("letters")
    [row] = spark.sql(
        "SELECT person_names(text) AS names, redacted(text) AS new FROM letters"
    ).collect()
    assert names_of(row) == [(0, 11, "Maria Silva")]
    assert row.new.startswith("[NAME] spoke")


def test_the_built_in_model(spark: SparkSession) -> None:
    frame = spark.createDataFrame([("Angela Merkel met John Smith.",)], "text string")
    [row] = frame.select(person_names()("text").alias("names")).collect()
    assert names_of(row) == [(0, 13, "Angela Merkel"), (18, 28, "John Smith")]


def test_bytes_that_are_not_text_get_a_reason(
    spark: SparkSession, small_model: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(b"caf\xe9\nMaria Silva spoke in Paris.\n")
    text = col("value").cast("binary")
    lines = spark.read.text(str(tmp_path / "a.txt"))
    rows = lines.select(
        person_names(small_model)(text).alias("names"), reason()(text).alias("reason")
    ).collect()
    assert [row.reason for row in rows] == ["byte 3 (0xe9) is not UTF-8", None]
    assert [names_of(row) for row in rows] == [None, [(0, 11, "Maria Silva")]]


@pytest.mark.parametrize(
    ("column", "model", "line"),
    [
        ("id", "en", "ConfigError: the column holds int"),
        ("text", "/nowhere/at/all", "cannot read the model: /nowhere/at/all does not exist"),
    ],
)
def test_what_ends_a_job_is_told(spark: SparkSession, column: str, model: str, line: str) -> None:
    frame = spark.createDataFrame([(1, "a")], "id int, text string")
    with pytest.raises(Exception, match=line):
        frame.select(person_names(model)(column)).collect()
