"""Spark on a cluster of two workers, while a worker of Python or of Java is killed by SIGKILL."""

from __future__ import annotations

from pathlib import Path

import pytest

from .killing import assert_whole, kill_one, while_running, write_rows

pytest.importorskip("pyspark", reason="needs Spark: make engines")
pytest.importorskip("pandas", reason="needs pandas: make engines")
pytestmark = pytest.mark.filterwarnings("ignore")

from pyspark.sql import SparkSession  # noqa: E402

from ner_rnn.integrations.spark import person_names  # noqa: E402

MOMENTS = [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 25))]
MARKS = {"python": "pyspark.daemon", "executor": "CoarseGrainedExecutorBackend"}


@pytest.mark.parametrize("seed", MOMENTS)
@pytest.mark.parametrize("victim", MARKS)
def test_a_job_outlives(
    spark: SparkSession, small_model: Path, tmp_path: Path, victim: str, seed: int
) -> None:
    write_rows(tmp_path / "texts")
    named = tmp_path / "named"
    frame = spark.read.parquet(str(tmp_path / "texts")).repartition(24)

    def kill() -> bool:
        if not list(named.glob("_temporary/*/*/*")):  # it has not begun
            return False
        return kill_one(MARKS[victim])

    def job() -> None:
        frame.withColumn("names", person_names(small_model)("text")).write.parquet(str(named))

    while_running(job, kill, seed)
    assert_whole(named)
