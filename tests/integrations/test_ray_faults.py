"""Ray on a cluster of three nodes, while an actor or a whole node is killed by SIGKILL."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .killing import ROWS, assert_whole, kill_one, while_running, write_rows

pytest.importorskip("ray", reason="needs Ray: make engines")
pytestmark = pytest.mark.filterwarnings("ignore")

import ray  # noqa: E402
from ray.cluster_utils import Cluster  # noqa: E402

from ner_rnn.integrations.ray_job import tag_files  # noqa: E402

MOMENTS = [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 25))]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head that computes nothing, and two nodes of one core."""
    made = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 0, "object_store_memory": 200 << 20},
    )
    for _ in range(2):
        add_node(made)
    ray.init(address=made.address, log_to_driver=False)
    yield made
    ray.shutdown()
    made.shutdown()


def add_node(cluster: Any) -> None:
    cluster.add_node(num_cpus=1, object_store_memory=200 << 20)
    cluster.wait_for_nodes()


@pytest.mark.parametrize("seed", MOMENTS)
@pytest.mark.parametrize("victim", ["actor", "node"])
def test_a_job_outlives(
    cluster: Any, small_model: Path, tmp_path: Path, victim: str, seed: int
) -> None:
    write_rows(tmp_path / "texts")

    def kill() -> bool:
        if not list((tmp_path / "named").glob("part-*")):  # it has not begun
            return False
        if victim == "actor":
            return kill_one("ray::MapWorker")
        node = random.choice([node for node in cluster.list_all_nodes() if not node.head])
        cluster.remove_node(node, allow_graceful=False)
        return True

    counts = []

    def job() -> None:
        named = str(tmp_path / "named")
        counts.append(tag_files([str(tmp_path / "texts")], named, model=str(small_model)))

    try:
        while_running(job, kill, seed)
    finally:
        while len(cluster.list_all_nodes()) < 3:
            add_node(cluster)
    assert_whole(tmp_path / "named")
    assert counts[0].rows == ROWS
    assert counts[0].names == ROWS * 36
