"""Real processes do the tasks, results come in order, and a killed process is reported."""

from __future__ import annotations

import math
import operator
import os
import signal
from contextlib import closing
from functools import partial
from itertools import count, islice
from typing import Any

import pytest

from ner_rnn.errors import BundleError, ConfigError
from ner_rnn.machine import cores
from ner_rnn.processes import in_order
from ner_rnn.runtime.tagger import Tagger

# A process that is started cannot import this file: what it does is taken from libraries.


def making(function: Any, *known: Any) -> Any:
    return partial(partial, function, *known)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_keep_the_order_of_tasks_of_any_length(workers: int) -> None:
    tasks = [20_000, 1, 2, 9_000, 3, 4, 5, 6]
    found = list(in_order(making(math.factorial), tasks, workers))
    assert found == [math.factorial(task) for task in tasks]


def test_the_end_is_seen_whoever_is_done_last() -> None:
    for number in range(2, 7):
        found = list(in_order(making(operator.neg), range(number), 2))
        assert found == [-task for task in range(number)]


def test_large_tasks_and_results_do_not_block_each_other() -> None:
    tasks = [bytes([i]) * 3_000_000 for i in range(6)]
    assert list(in_order(making(bytes.lower), tasks, 2)) == [task.lower() for task in tasks]


def test_tasks_are_read_as_they_are_needed() -> None:
    read = count()
    with closing(in_order(making(operator.neg), read, 2)) as results:
        assert list(islice(results, 100)) == [-i for i in range(100)]
    assert next(read) <= 100 + 3 * 2 + 2


def test_one_task_needs_no_process() -> None:
    assert list(in_order(making(lambda task: os.getpid()), [0], 4)) == [os.getpid()]
    assert list(in_order(making(operator.neg), [], 4)) == []
    pids = set(in_order(making(eval, "__import__('os').getpid()"), [{}, {}], 2))
    assert os.getpid() not in pids


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_worker_raises_is_raised_here(workers: int) -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_order(making(operator.truediv, 1), [1, 2, 0, 3], workers))
    with pytest.raises(BundleError, match="absent does not exist"):
        list(in_order(partial(Tagger.load, "absent"), [1, 2], workers))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ending", "cause"),
    [(making(os._exit), "with status 7"), (making(signal.raise_signal), "by signal 9")],
)
def test_a_killed_worker_is_reported(ending: Any, cause: str) -> None:
    code = 7 if "status" in cause else 9
    with pytest.raises(ConfigError, match=rf"ended from outside \({cause}\): .* lower workers"):
        list(in_order(ending, [code, code], 2))


def test_cores_are_those_this_process_may_use() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
